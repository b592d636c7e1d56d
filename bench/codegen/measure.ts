import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { workFolder } from '../folders.ts'
import { hubProgram } from '../program.ts'
import { manifestPath, manifestText, manyManifests } from './manifests.ts'

/** One act of `hub generate`, repetition by repetition. */
export interface CodegenRow {
  readonly name: string
  /** From the start of the process to its end, or from the edit to the word that it is written. */
  readonly ms: readonly number[]
  /** The most resident memory of the process; for one that stays, over all repetitions. */
  readonly peakBytes: number
  /** Why there is nothing to see. */
  readonly failed?: string
}

/** Names of the rows, as goals look for them. */
export const codegenRows = { write: 'generate', unchanged: 'generate, nothing changed', check: 'check', watch: 'watch, one manifest edited' } as const

const connectors = 100
const toolsEach = 10
// Told by the process itself at its end, so that it is the same on every system.
const tellPeak = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS*1024+'\\n'))`

/** Measures `hub generate` over 1,000 tools in 100 manifests: all of them, none, the check, and one edit under --watch. */
export async function measureCodegen(repetitions: number, say: (line: string) => void): Promise<readonly CodegenRow[]> {
  const folder = join(workFolder, 'codegen')
  await rm(folder, { recursive: true, force: true })
  for (const [path, text] of manyManifests(connectors, toolsEach)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const clean = (): Promise<void> => rm(join(folder, 'generated'), { recursive: true, force: true })
  const nothing = (): Promise<void> => Promise.resolve()
  const rows: CodegenRow[] = []
  const measure = async (name: string, run: () => Promise<Pick<CodegenRow, 'ms' | 'peakBytes'>>): Promise<void> => {
    say(name)
    try {
      rows.push({ name, ...(await run()) })
    } catch (error) {
      rows.push({ name, ms: [], peakBytes: 0, failed: (error as Error).message })
    }
  }
  await measure(codegenRows.write, () => repeated(repetitions, ['generate', '--lang', 'typescript,python'], folder, clean))
  await measure(codegenRows.unchanged, () => repeated(repetitions, ['generate'], folder, nothing))
  await measure(codegenRows.check, () => repeated(repetitions, ['generate', '--check'], folder, nothing))
  await measure(codegenRows.watch, () => watched(Math.max(5, repetitions), folder))
  return rows
}

async function repeated(times: number, args: readonly string[], folder: string, before: () => Promise<void>): Promise<Pick<CodegenRow, 'ms' | 'peakBytes'>> {
  const ms: number[] = []
  const peaks: number[] = []
  for (let turn = 0; turn < times; turn += 1) {
    await before()
    const begin = performance.now()
    const child = start(args, folder)
    const [exit] = (await once(child.process, 'close')) as [number | null]
    ms.push(performance.now() - begin)
    peaks.push(child.peak())
    if (exit !== 0) throw new Error(`hub ${args.join(' ')} ended with ${exit}: ${child.printed().slice(-500)}`)
  }
  return { ms, peakBytes: Math.max(...peaks) }
}

async function watched(times: number, folder: string): Promise<Pick<CodegenRow, 'ms' | 'peakBytes'>> {
  const child = start(['generate', '--watch'], folder)
  try {
    await child.says(/watching \d+ files/, 1)
    const ms: number[] = []
    // The first edits find code that has not run yet, as a person's first edit does; they count like the others.
    for (let turn = 1; turn <= times; turn += 1) {
      const begin = performance.now()
      await writeFile(join(folder, manifestPath(turn)), manifestText(turn, toolsEach, turn))
      await child.says(/^\S.*: \d+ written, \d+ removed in \d+ ms$/m, turn + 1)
      ms.push(performance.now() - begin)
    }
    child.process.kill('SIGINT')
    await once(child.process, 'close')
    return { ms, peakBytes: child.peak() }
  } finally {
    child.process.kill('SIGKILL')
  }
}

function start(args: readonly string[], cwd: string) {
  const process_ = spawn(process.execPath, ['--import', tellPeak, hubProgram, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  let text = ''
  const waiting = new Set<() => void>()
  const take = (chunk: Buffer): void => {
    text += String(chunk)
    for (const look of waiting) look()
  }
  process_.stdout.on('data', take)
  process_.stderr.on('data', take)
  return {
    process: process_,
    printed: () => text,
    peak: () => Math.max(0, ...[...text.matchAll(/^peak (\d+)$/gm)].map(([, bytes]) => Number(bytes))),
    /** Resolves once a line like this was printed so many times. */
    says: (line: RegExp, times: number): Promise<void> =>
      new Promise((done, refuse) => {
        const all = new RegExp(line.source, line.flags.includes('g') ? line.flags : `${line.flags}g`)
        const look = (): void => {
          if ([...text.matchAll(all)].length < times) return
          waiting.delete(look)
          done()
        }
        waiting.add(look)
        look()
        process_.once('close', (exit) => refuse(new Error(`hub ${args.join(' ')} ended with ${exit}: ${text.slice(-500)}`)))
      }),
  }
}
