import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect } from 'vitest'
import type { JsonObject } from '../../runtime/contract/json.ts'
import { files } from '../../runtime/kinds/files/kind.ts'
import { tool } from '../fixtures/plan.ts'
import { used } from '../components/used.ts'
import { kindConformance } from './conformance.ts'

const folders = { notes: { summary: 'Notes.' }, reference: { summary: 'To read.', shared: 'hub' } }
const withFolder = (folder: JsonObject): JsonObject => ({ root: 'files', folders: { notes: { summary: 'Notes.', ...folder } } })

kindConformance({
  name: 'a folder of this machine',
  kind: files,
  start: async () => {
    used('file system')
    const above = await mkdtemp(join(tmpdir(), 'hub-files-'))
    const root = join(above, 'root')
    await mkdir(join(root, 'hub', 'reference'), { recursive: true })
    await writeFile(join(root, 'hub', 'reference', 'rules.md'), 'Buy low.\n')
    return {
      // A root that is mounted: what is missing is not made.
      config: { root, create: false, folders },
      secrets: [basename(above)],
      outage: { begin: () => rename(root, join(above, 'away')), end: () => rename(join(above, 'away'), root) },
      stop: () => rm(above, { recursive: true, force: true }),
    }
  },
  badConfigs: [
    { name: 'nowhere', config: { folders }, about: /required property 'root'/ },
    { name: 'no folder', config: { root: 'files', folders: {} }, about: /folders.*fewer than 1/ },
    { name: 'a home that is not unfolded', config: { root: '~/files', folders }, about: /~ is not unfolded/ },
    { name: 'a folder without a word', config: { root: 'files', folders: { notes: {} } }, about: /notes.*summary/ },
    { name: 'a folder whose name climbs', config: { root: 'files', folders: { '../up': { summary: 'x' } } }, about: /propert.*name/i },
    { name: 'a folder whose name is a device', config: { root: 'files', folders: { con: { summary: 'x' } } }, about: /Windows/ },
    { name: 'a hub folder that is written', config: withFolder({ shared: 'hub', write: true }), about: /nobody writes to it/ },
    { name: 'a hub folder with a quota', config: withFolder({ shared: 'hub', quota: { files: 1 } }), about: /has no quota/ },
    { name: 'a place for one organisation', config: withFolder({ path: '/etc' }), about: /path is for folders of the hub/ },
    { name: 'a size without a unit', config: withFolder({ quota: { bytes: '5' } }), about: /quota\/bytes.*pattern/ },
    { name: 'a quota of nothing', config: withFolder({ quota: { bytes: '0mb' } }), about: /holds nothing/ },
    { name: 'a file larger than all', config: withFolder({ quota: { bytes: '1mb', file: '2mb' } }), about: /larger than all of them/ },
    { name: 'more files than can be counted', config: withFolder({ quota: { files: 1_000_000 } }), about: /files.*<= 100000/ },
    { name: 'a field it does not have', config: { root: 'files', folders, size: 1 }, about: /size/ },
  ],
  quick: {
    tool: tool('files', 'read_file', { operation: { standard: 'read_file' } }),
    args: { folder: 'reference', path: 'rules.md' },
    expected: (answer) => expect(answer).toMatchObject({ type: 'data', data: { text: 'Buy low.\n', size: 9, mimeType: 'text/markdown' } }),
  },
})
