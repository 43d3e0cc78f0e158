import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: process.env.TASKQL_SCHEMA ?? '../../schema.graphqls',
  documents: ['src/**/*.{ts,tsx}', '!src/gql/**'],
  generates: {
    // graphql() with types for each document, and fragments that only their readers can open.
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: { unmaskFunctionName: 'readFragment' } },
      config: { useTypeImports: true, enumsAsTypes: true, scalars: { ID: 'string', DateTime: 'string', Date: 'string', TimeZone: 'string', SyncToken: 'string' } },
    },
    // What the cache must know of the schema: which types an interface has, and which fields can be null.
    'src/gql/introspection.ts': { plugins: ['urql-introspection'] },
  },
};

export default config;
