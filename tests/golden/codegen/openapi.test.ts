import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openApiDocument } from '../../../codegen/openapi/document.ts'
import type { JsonObject, JsonSchema } from '../../../runtime/contract/json.ts'
import type { HubConfig } from '../../../runtime/contract/manifest.ts'
import { connector, tool } from '../../fixtures/plan.ts'

const folder = join(import.meta.dirname, 'openapi')
const names = (await readdir(folder)).filter((name) => name.endsWith('.txt')).toSorted()

interface Case {
  readonly auth: HubConfig['auth']['mode']
  readonly connectors: Readonly<Record<string, Readonly<Record<string, { input: JsonSchema; output?: JsonSchema; policy?: { scopes?: string[] } }>>>>
}

/** A case is an auth mode and connectors with their tools; a line of dashes; the document without the parts that all of them have. */
function documentFor(text: string): string {
  const { auth, connectors } = JSON.parse(text) as Case
  const specs = Object.entries(connectors).map(([name, tools]) => connector(name, { tools: Object.entries(tools).map(([local, made]) => tool(name, local, made)) }))
  const document = openApiDocument({ name: 'golden', version: '1.2.3', server: 'http://127.0.0.1:8080', auth, connectors: specs.map((one) => ({ connector: one, tools: one.tools })) })
  const { schemas, securitySchemes } = document['components'] as { schemas: JsonObject; securitySchemes?: JsonObject }
  const own = Object.fromEntries(Object.entries(schemas).filter(([name]) => name.includes('.')))
  return `${JSON.stringify({ ...document, components: { schemas: own, securitySchemes } }, null, 2)}\n`
}

describe('what is written of tools as plain REST', () => {
  test.each(names)('%s', async (name) => {
    const path = join(folder, name)
    const text = await readFile(path, 'utf8')
    const [input = '', expected = ''] = text.split(/^-{5,}\n/m, 2)
    const found = documentFor(input)
    // GOLDEN=write fills in what came out; read the difference before it is kept.
    if (process.env['GOLDEN'] === 'write') await writeFile(path, `${input}----------\n${found}`)
    else expect(found).toBe(expected)
  })
})
