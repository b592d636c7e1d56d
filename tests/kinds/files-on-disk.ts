import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { nameOf } from '../../runtime/kinds/files/spaces.ts'
import { openFiles } from './files-asked.ts'

// A process with a small disk of its own: fills it, makes it read-only, and prints what it was told.
const disk = process.argv[2] as string
const place = join(disk, 'organisations', nameOf('default'), 'notes', 'files')
const quota = { bytes: '100mb', files: 1_000, file: '50mb' }
const { connector, ask } = await openFiles(disk, { notes: { summary: 'x', quota } })

const results: Record<string, unknown> = {}
await ask('write_file', { folder: 'notes', path: 'old', text: 'old' })
await ask('write_file', { folder: 'notes', path: 'log', text: 'line\n', mode: 'append' })
results['replace'] = await ask('write_file', { folder: 'notes', path: 'old', text: 'x'.repeat(600_000) })
results['after'] = await ask('read_file', { folder: 'notes', path: 'old' })
results['append'] = await ask('write_file', { folder: 'notes', path: 'log', text: 'y'.repeat(600_000), mode: 'append' })
results['log'] = await ask('read_file', { folder: 'notes', path: 'log' })
results['create'] = await ask('write_file', { folder: 'notes', path: 'sub/new', text: 'z'.repeat(600_000), mode: 'append' })
results['names'] = readdirSync(place).toSorted()
results['temporary'] = readdirSync(join(dirname(place), 'temporary'))
results['usage'] = readFileSync(join(dirname(place), 'state', 'usage'), 'latin1')
  .trim()
  .split(' ')
  .slice(0, 2)
  .join(' ')

// Full to the last byte: deleting is what makes room.
try {
  for (let n = 0; ; n += 1) writeFileSync(join(place, `fill${n}`), 'f'.repeat(4_096))
} catch {
  results['full'] = await ask('write_file', { folder: 'notes', path: 'one-more', text: 'x'.repeat(5_000) })
}
results['delete'] = await ask('delete_file', { folder: 'notes', path: 'fill0' })
results['room'] = await ask('write_file', { folder: 'notes', path: 'one-more', text: 'x' })
results['nearly'] = await connector.check(AbortSignal.timeout(5_000))

execFileSync('mount', ['-o', 'remount,ro', disk])
results['readOnly'] = await ask('write_file', { folder: 'notes', path: 'old', text: 'x' })
results['readOnlyDelete'] = await ask('delete_file', { folder: 'notes', path: 'old' })
results['readable'] = await ask('read_file', { folder: 'notes', path: 'old' })
results['health'] = await connector.check(AbortSignal.timeout(5_000))
await connector.close()
process.stdout.write(JSON.stringify(results))
