import type { JsonObject } from '../../runtime/contract/json.ts'
import { HubError } from '../../runtime/contract/errors.ts'
import type { SourceDocument } from '../import-source/document.ts'
import { isAddress, readLocation, type Reach } from '../import-source/read.ts'

const mostFiles = 500

/** Takes in what a document refers to in other files or at other addresses. A document from an address may not name files. Rejects HUB_CONFIG_REFERENCE with all that cannot be read. */
export async function bundle(source: SourceDocument, base: string, reach: Reach): Promise<JsonObject> {
  const { $RefParser } = await import('@apidevtools/json-schema-ref-parser')
  let files = 0
  const read = async ({ url }: { readonly url: string }): Promise<string> => {
    files += 1
    if (files > mostFiles) throw new Error(`more than ${mostFiles} other documents`)
    return readLocation(url, reach)
  }
  const resolvers = isAddress(base)
    ? { file: false as const, http: { order: 1, canRead: true, read } }
    : { file: { order: 1, canRead: (file: { readonly url: string }) => !isAddress(file.url), read }, http: { order: 2, canRead: true, read } }
  try {
    const parser = new $RefParser()
    return (await parser.bundle(base, structuredClone(source.value) as never, { continueOnError: true, resolve: resolvers })) as unknown as JsonObject
  } catch (error) {
    throw new HubError('HUB_CONFIG_REFERENCE', describe(error, source), {}, error)
  }
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
