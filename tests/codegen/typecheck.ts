import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..', '..')
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

/** What somebody's own project is compiled with, stricter than most. */
export const strictest = {
  target: 'es2022',
  module: 'nodenext',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  // The SDK's own declarations name a type of Node's.
  skipLibCheck: true,
  types: [] as string[],
}

/** What tsc says of a folder, as `file(line,column): error TS…`. */
export async function compileFolder(folder: string, compilerOptions: object = { noEmit: true }): Promise<readonly string[]> {
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...strictest, ...compilerOptions } }))
  const child = spawn(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { cwd: folder })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += String(chunk)))
  const [status] = (await once(child, 'close')) as [number]
  const lines = out.split('\n').filter((line) => line !== '')
  if ((status === 0) !== (lines.length === 0)) throw new Error(`tsc ended with ${status}: ${out}`)
  return lines.filter((line) => !line.startsWith(' '))
}

/** What tsc says of these files, in a project with MCP's client package and nothing else. */
export async function typecheck(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-types-'))
  try {
    for (const [path, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    await mkdir(join(folder, 'node_modules', '@modelcontextprotocol'), { recursive: true })
    const client = join('@modelcontextprotocol', 'client')
    await symlink(join(root, 'node_modules', client), join(folder, 'node_modules', client))
    return await compileFolder(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
