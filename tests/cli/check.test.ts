import { join, resolve } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { plainHub } from './folders.ts'
import { hub, makeFolder } from './hub.ts'

let folder: ReturnType<typeof makeFolder> | undefined
afterEach(() => folder?.remove())

const wrong = {
  ...plainHub,
  'connectors/hub.yaml': 'connector: hub\nkind: hub\nsumary: The hub itself.\n',
  'connectors/other.yaml': 'connector: other\nkind: timescal\nsummary: Another.\nconfig: { url: x }\n',
}

test('every problem of every manifest is shown with its place, and the exit code is 1', async () => {
  folder = makeFolder(wrong)
  const { exit, out } = await hub(['check'], { cwd: folder.path })
  expect(exit).toBe(1)
  expect(out).toMatch(/^connectors\/hub\.yaml:3:1 {2}HUB_CONFIG_UNKNOWN_FIELD/m)
  expect(out).toContain('did you mean "summary"?')
  expect(out).toMatch(/^connectors\/other\.yaml:2:7 .*timescal/m)
  expect(out).toMatch(/\d errors, 0 warnings$/m)
})

test('places are told from the folder people are in, also of a config elsewhere', async () => {
  folder = makeFolder({ ...Object.fromEntries(Object.entries(wrong).map(([path, text]) => [`hub/${path}`, text])), 'here/x.txt': '' })
  const told = async (cwd: string, config: string): Promise<string> => (await hub(['check', '--config', config], { cwd: join(folder?.path ?? '', cwd) })).out
  expect(await told('.', 'hub/hub.config.yaml')).toMatch(/^hub\/connectors\/hub\.yaml:3:1 /m)
  expect(await told('here', '../hub/hub.config.yaml')).toMatch(/^\.\.\/hub\/connectors\/hub\.yaml:3:1 /m)
})

test('the same as JSON, for scripts', async () => {
  folder = makeFolder(wrong)
  const { exit, out } = await hub(['check', '--format', 'json'], { cwd: folder.path })
  const told = JSON.parse(out) as { ok: boolean; problems: { place: object; code: string }[] }
  expect(exit).toBe(1)
  expect(told.ok).toBe(false)
  expect(told.problems).toContainEqual(
    expect.objectContaining({ code: 'HUB_CONFIG_UNKNOWN_FIELD', place: { file: 'connectors/hub.yaml', line: 3, column: 1 } }),
  )
})

test('a missing secret is a warning: the connector is off and the hub can be served', async () => {
  folder = makeFolder({ ...plainHub, 'connectors/db.yaml': 'connector: db\nkind: timescale\nsummary: A database.\nconfig: { url: { secret: NOT_THERE } }\n' })
  const { exit, out } = await hub(['check'], { cwd: folder.path })
  expect(exit).toBe(0)
  expect(out).toContain('HUB_SECRET_MISSING')
  expect(out).toContain('0 errors, 1 warning; 2 connectors')
})

test('the manifests of this repository have no problem', async () => {
  const env = { TWELVE_DATA_API_KEY: 'key', CRYPTOCOMPARE_API_KEY: 'key', KAFKA_BROKERS: 'localhost:9092', CLICKHOUSE_URL: 'http://localhost:8123' }
  expect(await hub(['check'], { cwd: resolve(import.meta.dirname, '..', '..'), env })).toMatchObject({
    exit: 0,
    out: expect.stringMatching(/^0 errors, 0 warnings; \d+ connectors, \d+ tools\n$/) as string,
  })
})
