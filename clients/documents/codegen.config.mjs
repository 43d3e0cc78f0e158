export default {
  schema: 'built/schema.graphql',
  documents: ['codegen/*.ts'],
  generates: {
    'built/codegen/': { preset: 'client', presetConfig: { persistedDocuments: true }, config: { useTypeImports: true } },
  },
};
