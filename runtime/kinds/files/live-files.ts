import type { Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { LiveResources } from '../../contract/live.ts'
import { addressOf, readAddress, type Address } from './address.ts'
import type { Desk } from './desk.ts'
import type { Folders } from './folders.ts'

const mostListed = 200
const mostEntries = 1_000
// A resource is read whole; what is longer is read in parts by read_file.
const mostBytes = 1_048_576

/** The files as resources: listed newest first, read whole, watched while somebody watches. */
export function liveFiles(folders: Folders, desk: Desk, watches: Map<number, () => void>): LiveResources {
  let last = 0

  function find(uri: string): Address {
    const address = readAddress(uri)
    if (address === undefined) throw new HubError('HUB_RESOURCE_UNKNOWN', 'this is no address of a file; one is files://<folder>/<path>', { uri })
    folders.named(address.folder)
    return address
  }

  return {
    perCaller: true,
    templates: [
      {
        uriTemplate: 'files://{folder}/{+path}',
        name: 'file',
        title: 'A file',
        description: `One of the folders ${folders
          .all()
          .map(({ name }) => name)
          .join(', ')}, and a path in it; without a path, or with one of a folder, what is there.`,
      },
    ],

    async resources(principal) {
      const spaces = folders.all().map(({ name }) => folders.space(name, principal))
      const { entries } = await desk.ask({ op: 'newest', spaces, limit: mostListed })
      return entries.map(({ folder, path, size = 0, modified, mimeType }): JsonObject => ({
        uri: addressOf(folder, path.split('/')),
        name: `${folder}/${path}`,
        ...(mimeType !== undefined && { mimeType }),
        size,
        annotations: { lastModified: modified },
      }))
    },

    async read(uri, run) {
      const { folder, path } = find(uri)
      const space = folders.space(folder, run.principal)
      if (path.length === 0 || uri.endsWith('/')) return listing(uri, { folder, path }, run)
      const reply = await desk.ask({ op: 'read', space, path, range: {}, as: 'auto', most: mostBytes }, run.signal)
      if (reply.next !== undefined)
        throw new HubError('HUB_DENIED', `the file has ${reply.size} bytes, more than a resource may have; read it in parts with the tool read_file`, { uri })
      return [{ uri, mimeType: reply.mimeType, ...(reply.type === 'text' ? { text: reply.value } : { blob: reply.value }) }]
    },

    async watch(uri, principal, changed) {
      const { folder, path } = find(uri)
      last += 1
      const watch = last
      watches.set(watch, changed)
      try {
        await desk.ask({ op: 'watch', space: folders.space(folder, principal), path, watch })
      } catch (error) {
        watches.delete(watch)
        throw error
      }
      return () => {
        watches.delete(watch)
        // A closed desk watches nothing.
        desk.ask({ op: 'unwatch', watch }).catch(() => undefined)
      }
    },
  }

  async function listing(uri: string, { folder, path }: Address, run: Run): Promise<readonly JsonObject[]> {
    const space = folders.space(folder, run.principal)
    const { entries, next } = await desk.ask({ op: 'list', space, path, recursive: false, limit: mostEntries, most: mostBytes }, run.signal)
    return [{ uri, mimeType: 'application/json', text: JSON.stringify({ entries, ...(next !== undefined && { next }) }) }]
  }
}
