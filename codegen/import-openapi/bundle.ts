import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import { HubError } from '../../runtime/contract/errors.ts'
import { parseSourceDocument, type SourceDocument } from '../import-source/document.ts'
import { isAddress, readLocation, type Reach } from '../import-source/read.ts'

const mostFiles = 500

/** True when something refers to another document. */
export function hasOutside(value: Json): boolean {
  if (Array.isArray(value)) return value.some((item: Json) => hasOutside(item))
  if (!isObject(value)) return false
  const { $ref: reference } = value
  return (typeof reference === 'string' && !reference.startsWith('#')) || Object.values(value).some(hasOutside)
}

/**
 * Takes in what a document refers to in other files or at other addresses. A document from an address, whoever led to it, may refer to addresses only; they are reached
 * under the rules for `named`, which the command line said. Rejects HUB_CONFIG_REFERENCE with all that cannot be read.
 */
export async function bundle(source: SourceDocument, base: string, reach: Reach, named = base): Promise<JsonObject> {
  const { $RefParser } = await import('@apidevtools/json-schema-ref-parser')
  const fromAddress = isAddress(base)
  let files = 0
  const read = async ({ url }: { readonly url: string }): Promise<string> => {
    files += 1
    if (files > mostFiles) throw new Error(`more than ${mostFiles} other documents`)
    if (!isAddress(url)) {
      if (fromAddress)
        throw new Error(`${url} is a file, and a document from an address may refer to http:// and https:// only: save it and all it needs as files`)
      return readLocation(url, reach)
    }
    const text = await readLocation(url, reach, named)
    return fromAddress ? text : selfContained(text, url, reach, named)
  }
  try {
    const parser = new $RefParser()
    const resolve = { file: false as const, http: { order: 1, canRead: true, read } }
    return (await parser.bundle(base, structuredClone(source.value) as never, { continueOnError: true, resolve })) as unknown as JsonObject
  } catch (error) {
    throw new HubError('HUB_CONFIG_REFERENCE', describe(error, source), {}, error)
  }
}

/** What a file takes in from an address has all it needs: once it stands among files, nothing tells its references from theirs. */
async function selfContained(text: string, url: string, reach: Reach, named: string): Promise<string> {
  const source = parseSourceDocument(text, url)
  if (!hasOutside(source.value)) return text
  const whole = await bundle(source, url, reach, named).catch((error: unknown) => {
    throw error instanceof HubError ? new Error(error.message.replace(/\n\s*/, ' ').replaceAll(/\n\s*/g, '; '), { cause: error }) : error
  })
  // An $id of its own lets a reference within a document look like one to another.
  if (hasOutside(whole)) throw new Error(`${url} names itself by $id and refers to that: take the $id out, in a copy of it`)
  return JSON.stringify(whole)
}

interface ReferenceFault {
  readonly message: string
  readonly path?: readonly (string | number)[] | null
}

function describe(error: unknown, source: SourceDocument): string {
  const { errors } = error as { readonly errors?: readonly ReferenceFault[] }
  const faults = errors ?? [error as ReferenceFault]
  const lines = faults.map(({ message, path }) => `  ${source.place((path ?? []).map(String))}  ${(message.split('\n')[0] ?? '').trim()}`)
  return [`${faults.length === 1 ? 'a reference leads' : `${faults.length} references lead`} to nothing that can be read:`, ...new Set(lines)].join('\n')
}
