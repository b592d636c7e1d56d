import { exits } from './exits.ts'
import { failed } from './style.ts'

let told = false

/**
 * What cannot be printed ends no command: its files are written and what it opened is closed. A reader that had enough (`| head`) is no fault; a disk that is full is told once,
 * and the exit code says so.
 */
export function outlastReaders(): void {
  for (const stream of [process.stdout, process.stderr]) if (!stream.listeners('error').includes(onError)) stream.on('error', onError)
}

function onError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || told) return
  told = true
  process.once('exit', () => (process.exitCode = exits.problems))
  process.stderr.write(`${failed(`cannot write what this command prints: ${error.message}`)}\n`)
}
