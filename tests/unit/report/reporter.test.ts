import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from '../../architecture/tree.ts'
import { readComponents, skipReason, type Summary } from '../../report/reporter.ts'

test.each([
  { name: 'reads a topic', note: 'no broker here', reason: 'no broker here' },
  { name: 'reads a topic (skipped: no broker here)', note: undefined, reason: 'no broker here' },
  { name: 'reads a topic', note: undefined, reason: undefined },
])('"$name" with the note $note is skipped because: $reason', ({ name, note, reason }) => {
  expect(skipReason(name, note)).toBe(reason)
})

test('a real run of vitest is counted, with its skips, faults and components', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-report-'))
  try {
    const components = join(folder, 'components.txt')
    await writeFile(components, 'PostgreSQL\nInspector\nPostgreSQL\n\n')
    await writeFile(
      join(folder, 'planted.test.ts'),
      `import { test, expect } from 'vitest'
test('passes', () => expect(1).toBe(1))
test('fails', () => expect(1).toBe(2))
test.skip('by name (skipped: no broker here)', () => {})
test('by note', ({ skip }) => skip('no engine here'))
test.skip('without a word', () => {})
test('leaves a fault behind', () => { setTimeout(() => { throw new Error('late') }) ; return new Promise((done) => setTimeout(done, 20)) })
`,
    )
    const summaryFile = join(folder, 'summary.json')
    await vitest(folder, { HUB_SUMMARY_FILE: summaryFile, HUB_COMPONENTS_FILE: components })
    const summary = JSON.parse(await readFile(summaryFile, 'utf8')) as Summary
    expect(summary).toMatchObject({ passed: 2, failed: 1, faults: 1, components: ['Inspector', 'PostgreSQL'] })
    expect(summary.skipped.map(({ reason }) => reason)).toEqual(['no broker here', 'no engine here', undefined])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('a test that reaches for another machine is refused, and told so', async () => {
  const { connect } = await import('node:net')
  const error = await new Promise<Error>((done) => connect(9, '192.0.2.1').on('error', done))
  expect(error.message).toBe('a test tried to reach 192.0.2.1:9; tests reach loopback only')
})

test('no components file is no components', () => {
  expect(readComponents(undefined)).toEqual([])
  expect(readComponents(join(tmpdir(), 'hub-no-such-file'))).toEqual([])
})

function vitest(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const args = ['run', '--root', folder, '--reporter', join(repository, 'tests/report/reporter.ts'), '--no-color']
  return new Promise((done) => execFile(join(repository, 'node_modules/.bin/vitest'), args, { cwd: folder, env: { ...process.env, ...env } }, () => done()))
}
