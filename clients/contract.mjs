// node contract.mjs OLD NEW... compares GraphQL schemas with an old one. It prints, for each, the changes that break clients, as JSON.
import { readFileSync } from 'node:fs';
import { ChangeType, CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

// A client that leaves the value out gets another result, and nothing tells it.
const alsoBreaking = [ChangeType.FieldArgumentDefaultChanged, ChangeType.InputFieldDefaultValueChanged];

const read = (path) => buildSchema(readFileSync(path, 'utf8'));
const [old, ...revisions] = process.argv.slice(2).map(read);
const found = [];
for (const revision of revisions) {
  const changes = await diff(old, revision);
  found.push(
    changes
      .filter(({ type, criticality }) => criticality.level === CriticalityLevel.Breaking || alsoBreaking.includes(type))
      .map(({ path, message }) => `${path}: ${message}`),
  );
}
console.log(JSON.stringify(found));
