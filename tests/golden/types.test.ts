import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { clientEmitter } from '../../codegen/client/emit.ts'
import { typesEmitter } from '../../codegen/types/emit.ts'
import type { ConnectorSpec, ToolsetSpec } from '../../runtime/contract/manifest.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { connectorOf, filesOf, generationOf, toolOf } from '../codegen/plan.ts'

const folder = join(import.meta.dirname, 'codegen', 'types')
const names = (await readdir(folder)).filter((name) => name.endsWith('.txt')).toSorted()

/** What a case is written in: connectors with the tools they have, and toolsets over them. */
interface Written {
  readonly connectors: Readonly<Record<string, { readonly summary?: string; readonly tools: Readonly<Record<string, Partial<ToolSpec>>> }>>
  readonly toolsets?: Readonly<Record<string, readonly string[]>>
}

const place = { file: 'hub.config.yaml', line: 1, column: 1 }

/** The files of a case: types, the map of all tools, and of the client the table it ends with. */
async function write({ connectors, toolsets = {} }: Written): Promise<string> {
  const specs = Object.entries(connectors).map(([name, { summary, tools }]): ConnectorSpec => {
    const made = Object.entries(tools).map(([local, tool]) => toolOf(name, local, {}, tool))
    return connectorOf(name, made, { ...(summary === undefined ? {} : { summary }), place: { ...place, file: `connectors/${name}.yaml` } })
  })
  const sets = Object.entries(toolsets).map(([name, tools]): ToolsetSpec => ({ name, tools, prompts: [], resources: [], place }))
  const files = await filesOf([typesEmitter, clientEmitter], await generationOf(specs, sets))
  return Object.entries({ ...files, 'client.ts': tableOf(files['client.ts'] as string) })
    .map(([path, text]) => `=== ${path}\n${text}`)
    .join('')
}

const tableOf = (client: string): string => client.slice(client.indexOf('/** The connectors: their property'), client.indexOf('const toolsByName'))

describe('the types that are made of tools', () => {
  test.each(names)('%s', async (name) => {
    const path = join(folder, name)
    const text = await readFile(path, 'utf8')
    const [input = '', expected = ''] = text.split(/^-{5,}\n/m, 2)
    const found = await write(parse(input) as Written)
    // GOLDEN=write fills in what came out; read the difference before it is kept.
    if (process.env['GOLDEN'] === 'write') await writeFile(path, `${input}----------\n${found}`)
    else expect(found).toBe(expected)
  })

  test('there are some', () => expect(names.length).toBeGreaterThanOrEqual(5))
})
