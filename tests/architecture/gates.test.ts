import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyTree, repository, type Tree } from './tree.ts'

const clean = 'export type Answer = number\nexport const answer = (): Answer => 42\n'
const binaries = join(repository, 'node_modules', '.bin')

interface Ended {
  readonly status: number
  readonly output: string
}

function run(cwd: string, command: string, args: readonly string[] = []): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      command.endsWith('.ts') ? process.execPath : join(binaries, command),
      command.endsWith('.ts') ? [command, ...args] : args,
      { cwd, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => resolve({ status: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` }),
    )
  })
}

const work = 'const work = async (): Promise<void> => undefined\n'
const unfinished = ['TO', 'DO'].join('')

/** By gate: files to plant and what must be said of each. */
const plants = {
  typecheck: [
    { fault: 'a type that does not fit', text: "export const answer: number = 'forty-two'\n", said: 'TS2322' },
    { fault: 'an entry that may not be there', text: 'export const first = (list: readonly string[]): string => list[0]\n', said: 'TS2322' },
    { fault: 'an enum, which type stripping refuses', text: 'export enum Answer {\n  yes,\n}\n', said: 'TS1294' },
    { fault: 'a local nobody uses', text: 'const unused = 1\nexport {}\n', said: 'TS6133' },
    { fault: 'a type imported as a value', text: "import { Answer } from './planted-clean.ts'\nexport type Given = Answer\n", said: 'TS1484' },
  ],
  lint: [
    { fault: 'a promise nobody waits for', text: `${work}export const go = (): void => {\n  work()\n}\n`, said: 'no-floating-promises' },
    {
      fault: 'a promise where none is expected',
      text: `${work}export const go = (): unknown => setTimeout(async () => work(), 1)\n`,
      said: 'no-misused-promises',
    },
    { fault: 'waiting for a number', text: 'export const go = async (): Promise<number> => await 42\n', said: 'await-thenable' },
    { fault: 'any', text: 'export const go = (value: any): unknown => value\n', said: 'no-explicit-any' },
    { fault: 'a claim that something is there', text: 'export const go = (list: readonly string[]): string => list[0]!\n', said: 'no-non-null-assertion' },
    { fault: 'a thrown text', text: "export const go = (): never => {\n  throw 'text'\n}\n", said: 'only-throw-error' },
    {
      fault: 'a forgotten case',
      text: "export function go(value: 'a' | 'b'): void {\n  switch (value) {\n    case 'a':\n  }\n}\n",
      said: 'switch-exhaustiveness-check',
    },
    { fault: 'a silenced compiler', text: "// @ts-ignore\nexport const go: number = 'text'\n", said: 'ban-ts-comment' },
    { fault: 'a print', text: "console.log('text')\nexport {}\n", said: 'no-console' },
    { fault: 'a default export', text: 'export default 42\n', said: 'no-default-export' },
    { fault: 'work left for later', text: `// ${unfinished}: later\nexport {}\n`, said: 'no-warning-comments' },
  ],
  format: [
    { fault: 'a semicolon', text: 'export const answer = (): number => 42;\n', said: '' },
    { fault: 'double quotes', text: 'export const answer = "text"\n', said: '' },
    { fault: 'four spaces', text: 'export function answer(): number {\n    return 42\n}\n', said: '' },
  ],
} as const

const gates = [
  { gate: 'typecheck', command: 'tsc', args: [] },
  { gate: 'lint', command: 'oxlint', args: ['--format', 'unix'] },
  { gate: 'format', command: 'oxfmt', args: ['--check', 'runtime'] },
] as const

describe.each(gates)('$gate', ({ gate, command, args }) => {
  let tree: Tree
  let before: Ended
  let after: Ended

  beforeAll(async () => {
    tree = await copyTree(['tsconfig.json', '.oxlintrc.json', '.oxfmtrc.json', 'package.json'])
    await tree.write('runtime/planted-clean.ts', clean)
    before = await run(tree.root, command, args)
    for (const [index, { text }] of plants[gate].entries()) await tree.write(`runtime/planted-${index}.ts`, text)
    after = await run(tree.root, command, args)
  })
  afterAll(() => tree?.remove())

  test('passes what is right', () => {
    expect(before).toMatchObject({ status: 0 })
  })

  test.each(plants[gate].map((plant, index) => ({ ...plant, index })))('refuses $fault', ({ index, said }) => {
    expect(after.status).not.toBe(0)
    expect(after.output.split('\n').filter((line) => line.includes(`runtime/planted-${index}.ts`) && line.includes(said)).length).toBeGreaterThan(0)
  })

  test('says nothing of the file that is right', () => {
    expect(after.output).not.toContain('planted-clean.ts')
  })
})

describe('the formatter', () => {
  let tree: Tree
  beforeAll(async () => {
    tree = await copyTree(['.oxfmtrc.json'])
  })
  afterAll(() => tree?.remove())

  test('leaves alone what it wrote, and YAML and Markdown always', async () => {
    const yaml = "a:   { b: 1 }        # aligned by hand\n'c':  [ 1,2 ]\n"
    await tree.write('runtime/planted.ts', 'export const answer = [1,2,3].map( (x) => { return x+1 } );\n')
    await tree.write('runtime/planted.yaml', yaml)
    await tree.write('runtime/planted.md', '* a\n* b\n')
    expect((await run(tree.root, 'oxfmt', ['runtime'])).status).toBe(0)
    expect((await run(tree.root, 'oxfmt', ['--check', 'runtime'])).status).toBe(0)
    expect(await readFile(join(tree.root, 'runtime/planted.yaml'), 'utf8')).toBe(yaml)
    expect(await readFile(join(tree.root, 'runtime/planted.md'), 'utf8')).toBe('* a\n* b\n')
  })
})

describe('codegen:check', () => {
  let tree: Tree
  beforeAll(async () => {
    tree = await copyTree(['runtime', 'codegen', 'generated', 'connectors', 'docs', 'hub.config.yaml', 'package.json'])
  })
  afterAll(() => tree?.remove())

  test('passes the files as they are committed', async () => {
    expect(await run(tree.root, 'codegen/main.ts', ['--check'])).toMatchObject({ status: 0 })
  })

  test.each(['generated/schemas/connector.json', 'generated/TOOLS.md', 'docs/errors.md'])('names %s when it was edited by hand', async (path) => {
    const committed = await readFile(join(tree.root, path), 'utf8')
    await tree.write(path, committed.replace(/\n/, '\n\n'))
    const ended = await run(tree.root, 'codegen/main.ts', ['--check'])
    expect(ended.status).toBe(1)
    expect(ended.output).toMatch(new RegExp(`^${path}:[23]:\\d+  HUB_CONFIG_DRIFT  `, 'm'))
    await tree.write(path, committed)
  })

  test('names what a change of the sources would change', async () => {
    const path = 'runtime/contract/errors.ts'
    const source = await readFile(join(tree.root, path), 'utf8')
    await tree.write(path, source.replace('an outbound address the egress guard refuses', 'an address that is refused'))
    expect(await run(tree.root, 'codegen/main.ts', ['--check'])).toMatchObject({ status: 1, output: expect.stringContaining('docs/errors.md') as unknown })
  })
})
