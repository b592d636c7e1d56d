import { HubError } from '../../contract/errors.ts'

/** An error of the file system, in words for a model or an operator; other errors come back as they are. No path of this machine is in it. */
export function failureOf(error: unknown): unknown {
  if (error instanceof HubError || !(error instanceof Error)) return error
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error
  const words = known[code]
  if (words !== undefined) return new HubError('HUB_UPSTREAM_FAILED', words, { errno: code })
  if (away.has(code)) return down(`the file system does not answer (${code})`)
  return new HubError('HUB_UPSTREAM_FAILED', `the file system refused (${code})`, { errno: code })
}

const known: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk behind this folder is full; nothing was changed. Its operator makes room, or files are deleted',
  EDQUOT: 'the disk quota behind this folder is used up; nothing was changed. Its operator raises it, or files are deleted',
  EFBIG: 'the file would grow beyond what this file system takes; nothing was changed',
  EROFS: 'the file system behind this folder is read-only; nothing was changed. Its operator mounts it writable, or says write: false',
  EACCES: 'the hub may not do this here; its operator gives the hub’s user the right to read and write this folder',
  EPERM: 'the hub may not do this here; its operator gives the hub’s user the right to read and write this folder',
  EMFILE: 'the hub has too many files open; try again, and its operator raises the limit (ulimit -n)',
  ENFILE: 'the machine has too many files open; try again',
  EIO: 'the disk failed to read or write (EIO); its operator looks after it',
  EXDEV: 'the two folders lie on different file systems; read the file, write it there, and delete it here',
  ENOENT: 'it went away in the middle of the call; list what is there and try again',
  ENOTDIR: 'a part of the path is a file, or became one in the middle of the call; list what is there',
  ELOOP: 'a part of the path became a link in the middle of the call; links are not followed',
  ENAMETOOLONG: 'the path is too long for this file system; choose shorter names',
}
const away = new Set(['ESTALE', 'ENOTCONN', 'EHOSTDOWN', 'EHOSTUNREACH', 'ETIMEDOUT', 'ENODEV', 'ENXIO'])

/** The file system is not there, and may be again soon. */
export const down = (words: string): HubError => new HubError('HUB_CONNECTOR_DOWN', `${words}; try again in 1 s`, { retryAfterMs: 1_000 })

/** Nothing of that name. */
export const absent = (folder: string, path: string): HubError =>
  new HubError('HUB_RESOURCE_UNKNOWN', `there is no file "${path}" in ${folder}; list_files tells what is there`, { folder, path })

/** Something that these arguments may not do now, and why. */
export const refused = (words: string, facts: Readonly<Record<string, unknown>> = {}): HubError => new HubError('HUB_DENIED', words, facts)

/** What is there is neither a file nor a folder of ours. */
export const notAFile = (path: string, what: string): HubError =>
  refused(`"${path}" is ${what}; only plain files are served, so that nothing outside the folder is reached`, { path })

/** True for an error of the file system with one of these codes. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '')

/** True when there is no room left to write in. */
export const isFull = (error: unknown): boolean => hasCode(error, 'ENOSPC', 'EDQUOT')
