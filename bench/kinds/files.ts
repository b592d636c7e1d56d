import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KindBench } from './kind.ts'

const many = 100
const line = 'A note of one hundred characters, more or less, so that a file of four thousand has forty of them.\n'
const longLines = 3_000_000

/** read_file of 4 kB against readFile of node:fs. */
export const filesBench: KindBench = {
  kind: 'files',
  what: 'a text of 4 kB',
  async start() {
    const root = await mkdtemp(join(tmpdir(), 'hub-bench-files-'))
    const folder = join(root, 'hub', 'notes')
    await mkdir(join(folder, 'sub'), { recursive: true })
    for (let n = 0; n < many; n += 1) await writeFile(join(folder, 'sub', `${n}.md`), line.repeat(41).slice(0, 4_096))
    await writeFile(join(folder, 'long.log'), line.repeat(20_000))
    for (let n = 20_000; n < longLines; n += 20_000) await writeFile(join(folder, 'long.log'), line.repeat(20_000), { flag: 'a' })
    return {
      manifest: `connector: bench
kind: files
summary: Files of the bench.
config: { root: '\${BENCH_FILES}', create: false, folders: { notes: { summary: Notes., shared: hub } } }
`,
      env: { BENCH_FILES: root },
      tool: 'bench_read_file',
      args: (n) => ({ folder: 'notes', path: `sub/${n % many}.md` }),
      bare: (n) => readFile(join(folder, 'sub', `${n % many}.md`), 'utf8'),
      bulk: {
        what: '3 M lines asked for, 256 MB searched',
        tool: 'bench_search_files',
        args: { folder: 'notes', pattern: 'nothing (here|there)', in: 'contents' },
      },
      stop: () => rm(root, { recursive: true, force: true }),
    }
  },
}
