import { parseFolderPath, pathFault, type Path } from './names.ts'

/** What an address of this kind names. A path of nothing is the folder. */
export interface Address {
  readonly folder: string
  readonly path: Path
}

/** The address of a file, or of a folder. */
export const addressOf = (folder: string, path: Path): string => `files://${folder}/${path.map(encodeURIComponent).join('/')}`

/** Reads an address; it is decoded once. Undefined for what is no address of this kind, or names what no path can. */
export function readAddress(uri: string): Address | undefined {
  const [, folder, rest = ''] = /^files:\/\/([a-z0-9][a-z0-9_-]*)(?:\/([^?#]*))?$/.exec(uri) ?? []
  const text = folder === undefined ? undefined : decoded(rest.replace(/\/$/, ''))
  if (folder === undefined || text === undefined) return undefined
  if (text !== '' && pathFault(text) !== undefined) return undefined
  return { folder, path: parseFolderPath(text) }
}

function decoded(text: string): string | undefined {
  // A slash that is encoded would become one that tells folders apart.
  if (/%2f/i.test(text)) return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
