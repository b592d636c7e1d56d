import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { localPrincipal } from '../../../runtime/auth/local.ts'
import { kinds } from '../../../runtime/kinds/index.ts'
import { compile } from '../../../runtime/manifest/compile.ts'
import { createLogger } from '../../../runtime/log/log.ts'
import { forReplay, openReplay } from '../../../runtime/wiring/replay.ts'

const directory = mkdtempSync(join(tmpdir(), 'hub-replay-'))
afterAll(() => rmSync(directory, { recursive: true }))

const market = (name: string, more = ''): string =>
  `connector: ${name}\nkind: timescale\nstart: eager\nsummary: A database.\n${more}config: { url: { secret: MARKET_URL } }\n` +
  'tools:\n  one: { summary: One., effect: write, operation: { sql: INSERT INTO t VALUES (1) }, input: { type: object, properties: {} } }\n'
const files = {
  'hub.config.yaml': 'hub: { name: replayed }\nmanifests: ["*.yaml"]\nlimits: { principal: 1/h, organisation: 1/h }\n',
  'hub.yaml': 'connector: hub\nkind: hub\nsummary: The hub.\n',
  'market.yaml': market('market', 'fallback: [spare]\n'),
  'spare.yaml': market('spare', 'enabled: false\n'),
}

test('a replay walks the whole pipeline and opens nothing: no setting, no store, no limit', async () => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  const { plan } = await compile({ configFile: join(directory, 'hub.config.yaml'), kinds, env: {}, withoutEnvironment: true })
  expect(plan?.connectors.find(({ name }) => name === 'market')?.off?.needs).toEqual(['MARKET_URL'])
  const replayed = forReplay(plan!)
  expect(replayed.connectors.map(({ name, off, start, fallback }) => ({ name, off: off?.reason, start, fallback }))).toEqual([
    { name: 'hub', off: undefined, start: 'lazy', fallback: [] },
    { name: 'market', off: undefined, start: 'lazy', fallback: [] },
    { name: 'spare', off: 'switched off in its manifest', start: 'lazy', fallback: [] },
  ])

  const { source, drive, close } = openReplay(replayed, kinds, createLogger({ level: 'silent' }))
  const call = (name: string, handler?: () => Promise<{ type: 'data'; data: { n: number } }>) => {
    const registry = source.current()
    const tool = registry.tools.get(name)!
    const request = { registry, args: {}, principal: localPrincipal, signal: new AbortController().signal, trace: {}, capabilities: {}, exchange: {} }
    return drive({ ...request, tool: handler ? { ...tool, handler } : tool })
  }
  for (const n of [1, 2, 3]) expect(await call('market_one', async () => ({ type: 'data', data: { n } }))).toMatchObject({ polished: { json: `{"n":${n}}` } })
  expect((await call('hub_list_connectors')).polished?.json).toContain('"name":"market"')
  expect(source.current().connectors.get('market')?.health().state).toBe('unknown')
  await close()
  expect(readdirSync(directory).toSorted()).toEqual(Object.keys(files).toSorted())
})
