import { mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { processLife } from '../store/process.ts'

/** A hub that serves from a folder, as `.hub/run.json` tells other commands. */
export interface RunningHub {
  readonly pid: number
  /** Tells this life of the process id from the next. */
  readonly life: string
  readonly url: string
  readonly startedAt: string
}

const fileOf = (directory: string): string => join(directory, '.hub', 'run.json')

/** The hub that runs from this folder; undefined when none does. What a dead one left behind is removed. */
export async function findRunning(directory: string): Promise<RunningHub | undefined> {
  const noted = await readNote(directory)
  if (noted === undefined) return undefined
  if ((await processLife(noted.pid)) === noted.life) return noted
  await unlink(fileOf(directory)).catch(() => undefined)
  return undefined
}

/** Notes that this process serves this folder. Returns how to take the note back; another hub's note is left alone. */
export async function noteRunning(directory: string, url: string): Promise<() => Promise<void>> {
  const running: RunningHub = { pid: process.pid, life: (await processLife(process.pid)) ?? '', url, startedAt: new Date().toISOString() }
  await mkdir(join(directory, '.hub'), { recursive: true })
  const draft = `${fileOf(directory)}.${process.pid}`
  await writeFile(draft, `${JSON.stringify(running)}\n`, { mode: 0o600 })
  await rename(draft, fileOf(directory))
  return async () => {
    if ((await readNote(directory))?.pid === process.pid) await unlink(fileOf(directory)).catch(() => undefined)
  }
}

async function readNote(directory: string): Promise<RunningHub | undefined> {
  try {
    const noted = JSON.parse(await readFile(fileOf(directory), 'utf8')) as Partial<RunningHub>
    return typeof noted.pid === 'number' && typeof noted.life === 'string' && typeof noted.url === 'string' ? (noted as RunningHub) : undefined
  } catch {
    return undefined
  }
}
