import { readdirSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { HubError } from '../../../runtime/contract/errors.ts'
import { kinds } from '../../../runtime/kinds/index.ts'
import { compile } from '../../../runtime/manifest/compile.ts'
import { formatProblems } from '../../../runtime/manifest/problems.ts'

/** What an import made. */
export interface Made {
  readonly name: string
  readonly manifest: string
  readonly notes: readonly string[]
}

/** Options on the first line, as JSON, then files under `=== path` headers, a line of dashes, and what comes out: the manifest and the notes, or the error. */
export interface ImportCase {
  readonly options: Readonly<Record<string, unknown>>
  readonly files: ReadonlyMap<string, string>
}

function readImportCase(input: string): ImportCase {
  const [head = '', ...parts] = input.split(/^=== /m)
  const files = parts.map((part) => [part.slice(0, part.indexOf('\n')).trim(), part.slice(part.indexOf('\n') + 1)] as const)
  return { options: JSON.parse(head) as Record<string, unknown>, files: new Map(files) }
}

/** One test for each case of a folder. A manifest must also pass hub check: nothing but missing secrets and variables may be told. */
export function testCases(folder: string, act: (one: ImportCase, directory: string) => Promise<Made>): void {
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt')).toSorted()
  test.each(names)('%s', async (name) => {
    const path = join(folder, name)
    const [input = '', expected = ''] = (await readFile(path, 'utf8')).split(/^-{10,}\n/m, 2)
    const found = await outcome(readImportCase(input), act)
    // GOLDEN=write fills in what came out; read the difference before it is kept.
    if (process.env['GOLDEN'] === 'write') await writeFile(path, `${input}----------\n${found}`)
    else expect(found).toBe(expected)
  })
}

async function outcome(one: ImportCase, act: (one: ImportCase, directory: string) => Promise<Made>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'golden-import-'))
  try {
    for (const [path, content] of one.files) {
      await mkdir(dirname(join(directory, path)), { recursive: true })
      await writeFile(join(directory, path), content)
    }
    const { name, manifest, notes } = await act(one, directory)
    await expectSound(directory, name, manifest)
    return [manifest, ...notes.map((note) => `note: ${note}\n`)].join('')
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    return `${error.code}: ${error.message}\n`.replaceAll(`${directory}/`, '')
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Compiles a manifest as hub check does. */
export async function expectSound(directory: string, name: string, manifest: string): Promise<void> {
  const hub = join(directory, 'hub')
  await mkdir(hub, { recursive: true })
  await writeFile(join(hub, 'hub.config.yaml'), 'manifests: ["*.yaml"]\n')
  await writeFile(join(hub, `${name}.yaml`), manifest)
  const { plan, problems } = await compile({ configFile: join(hub, 'hub.config.yaml'), kinds, env: {}, version: '1.2.3' })
  const told = problems.filter(({ code }) => code !== 'HUB_SECRET_MISSING' && code !== 'HUB_CONFIG_ENVIRONMENT')
  expect(formatProblems(told)).toBe('')
  expect(plan?.connectors.map((connector) => connector.name)).toEqual([name])
}
