import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { definitionsText, importMcp } from '../../codegen/import-mcp.ts'
import { startHub, type Hub } from '../../runtime/hub.ts'
import { createLogger } from '../../runtime/log/log.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { used } from '../components/used.ts'
import type { Fixture } from '../fixtures/conformance/listen.ts'
import { startV1Fixture } from '../fixtures/conformance/v1.ts'
import { startV2Fixture } from '../fixtures/conformance/v2.ts'
import { runSuite, type Revision } from './conformance-suite.ts'

const upstreams: readonly { readonly name: string; readonly start: () => Promise<Fixture>; readonly revisions: readonly Revision[] }[] = [
  { name: 'a server on SDK v2', start: startV2Fixture, revisions: ['2026-07-28', '2025-11-25'] },
  { name: 'a server on SDK v1', start: startV1Fixture, revisions: ['2025-11-25'] },
]

const paths = [
  { path: 'the hot path', hotPath: true },
  { path: 'the SDK’s path', hotPath: false },
]

// The SDK's path answers legacy requests one by one, without a session: what asks back or subscribes is the session layer's, whatever the path.
const needsSession = /^(tools-call-(sampling|elicitation)|elicitation-|resources-(un)?subscribe)/
// The tasks extension is the only one the suite knows and the hub does not have.
const extension = /^tasks-/

let database: RunningPostgres
beforeAll(async () => {
  database = await startPostgres()
})
afterAll(() => database?.stop())

describe.each(upstreams)('$name', ({ start, revisions }) => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await start()
    used('official MCP conformance suite')
  })
  afterAll(() => fixture.close())

  test.each(revisions)('satisfies %s by itself, so that what fails below is the hub’s', { timeout: 120_000 }, async (revision) => {
    const { scenarios, passed, failures, unscored } = await runSuite(fixture.url, revision)
    expect(failures).toEqual([])
    expect(unscored.filter((failure) => !extension.test(failure))).toEqual([])
    expect(passed).toBeGreaterThanOrEqual(scenarios)
  })

  describe.each(paths)('behind the hub, by $path', ({ hotPath }) => {
    let hub: Hub
    let folder: string

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'hub-conformance-'))
      await writeManifests(folder, fixture.url)
      hub = await startHub({
        configFile: join(folder, 'hub.config.yaml'),
        env: { DATABASE_URL: database.url },
        log: createLogger({ level: 'error' }),
        port: 0,
        watch: false,
        hotPath,
      })
    })
    afterAll(async () => {
      await hub?.close()
      await rm(folder, { recursive: true, force: true })
    })

    test.each(revisions)('satisfies %s', { timeout: 120_000 }, async (revision) => {
      const { scenarios, passed, failures, unscored } = await runSuite(`${hub.url}/mcp/connectors/fixture`, revision)
      const sessionless = !hotPath && revision === '2025-11-25'
      expect(failures.filter((failure) => !(sessionless && needsSession.test(failure)))).toEqual([])
      expect(unscored.filter((failure) => !extension.test(failure))).toEqual([])
      expect(passed).toBeGreaterThanOrEqual(scenarios)
    })
  })
})

/** A hub in front of one upstream, its tools pinned as `hub import mcp` pins them. */
async function writeManifests(folder: string, url: string): Promise<void> {
  const { manifest, definitions } = await importMcp({ name: 'fixture', target: { url } })
  await writeFile(join(folder, 'fixture.yaml'), manifest)
  await writeFile(join(folder, 'fixture.tools.json'), definitionsText(definitions))
  await writeFile(
    join(folder, 'hub.config.yaml'),
    `
hub: { name: conformance, listen: '127.0.0.1:0' }
manifests: [fixture.yaml]
stores: { postgres: '\${DATABASE_URL}', redis: embedded }
auth: { mode: local }
limits: { principal: 100000/min, organisation: 100000/min }
egress: { allow: [127.0.0.0/8] }
`,
  )
}
