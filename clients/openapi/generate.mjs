// node generate.mjs DOCUMENT FOLDER generates a client of an OpenAPI document with each generator. Version 7 of orval
// declares a type for each union without a name, which version 8 writes in place.
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient } from '@hey-api/openapi-ts'
import openapiTypeScript, { astToString } from 'openapi-typescript'
import { generate as orval } from 'orval'
import { generate as orval7 } from 'orval-7'

const [document, folder] = process.argv.slice(2).map((path) => resolve(path))

await createClient({ input: document, output: join(folder, 'hey-api'), logs: { level: 'silent' } })
await writeFile(join(folder, 'openapi-typescript.ts'), astToString(await openapiTypeScript(pathToFileURL(document))))
for (const [name, generate] of Object.entries({ orval, 'orval-7': orval7 })) {
  await generate({ input: document, output: { target: join(folder, name + '.ts'), client: 'fetch' } })
}
