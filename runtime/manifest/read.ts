import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Finding } from '../contract/place.ts'

/** Bytes a manifest, a shared file or an overlay may have. */
export const manifestBytes = 1_048_576
/** Bytes a file of pinned definitions may have. */
export const definitionBytes = 8_388_608

/** The text of a file, or why it cannot be had. */
export type Text =
  | { readonly text: string; readonly finding?: undefined; readonly absent?: undefined }
  | { readonly text?: undefined; readonly finding: Finding; readonly absent: boolean }

/** Reads one UTF-8 file of bounded size; nothing larger than the bound is taken into memory. */
export async function readText(path: string, mostBytes: number): Promise<Text> {
  try {
    // Non-blocking, so that a named pipe in a manifest folder cannot hold the hub up.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stat = await file.stat()
      if (!stat.isFile()) return refused('this is not a regular file')
      if (stat.size > mostBytes) return refused(`the file has ${inUnits(stat.size)}; at most ${inUnits(mostBytes)} are read`, 'split it into several files')
      return decode(await file.readFile(), mostBytes)
    } finally {
      await file.close()
    }
  } catch (error) {
    return unreadable(error)
  }
}

function decode(content: Buffer, mostBytes: number): Text {
  if (content.length > mostBytes) return refused(`the file grew past ${inUnits(mostBytes)} while it was read`)
  if (content.includes(0)) return refused('the file is binary', 'manifests are UTF-8 text')
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(content) }
  } catch {
    return refused('the file is not UTF-8 text', 'save it as UTF-8')
  }
}

function unreadable(error: unknown): Text {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown fault'
  if (code === 'ENOENT' || code === 'ENOTDIR') return { finding: finding('the file does not exist'), absent: true }
  if (code === 'EACCES' || code === 'EPERM') return refused('the file may not be read', 'give the hub’s user the right to read it')
  return refused(`the file cannot be read (${code})`)
}

const refused = (message: string, hint?: string): Text => ({ finding: finding(message, hint), absent: false })

const finding = (message: string, hint?: string): Finding => ({ code: 'HUB_CONFIG_FILE', message, hint, path: [] })

function inUnits(size: number): string {
  if (size < 1_024) return `${size} bytes`
  return size < 1_048_576 ? `${Math.ceil(size / 1_024)} kb` : `${(size / 1_048_576).toFixed(1).replace('.0', '')} mb`
}
