import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { findEngine } from './containers/engine.ts'
import { imageOf } from './containers/image.ts'
import { containerComponents, inContainer } from './containers/switch.ts'
import { freePort } from './port.ts'

const root = join(import.meta.dirname, '..', '..')

describe('HUB_TEST_CONTAINERS', () => {
  const cases: readonly (readonly [asked: string, components: readonly string[]])[] = [
    ['', []],
    ['1', containerComponents],
    ['redis', ['redis']],
    ['redpanda,timescale', ['redpanda', 'timescale']],
    [' clickhouse , redis,', ['redis', 'clickhouse']],
  ]
  test.each(cases)('"%s" asks for %j', (asked, components) => {
    expect(containerComponents.filter((component) => inContainer(component, asked))).toEqual(components)
  })

  test.each(['kafka', 'redis,postgres', 'true', '0'])('"%s" has a word that is no component, and is told which there are', (asked) => {
    expect(() => inContainer('redis', asked)).toThrow(
      /^HUB_TEST_CONTAINERS has "(kafka|postgres|true|0)", which is no component: it is 1 for all, or some of redis, redpanda, timescale, clickhouse, with commas between$/,
    )
  })

  test('without it nothing loads testcontainers', () => {
    const loads = `import { registerHooks } from 'node:module'
      registerHooks({ resolve: (name, context, next) => (name === 'testcontainers' ? process.exit(9) : next(name, context)) })
      for (const name of ['redis', 'kafka', 'timescale', 'clickhouse']) await import('./tests/components/' + name + '.ts')
      const { startRedis, missingRedis } = await import('./tests/components/redis.ts')
      if (missingRedis() === undefined) await (await startRedis()).stop()`
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', loads], {
      cwd: root,
      env: { ...process.env, HUB_TEST_CONTAINERS: '' },
      encoding: 'utf8',
    })
    expect(status, stderr).toBe(0)
  })
})

test('images are those of docker-compose.yml, each with its version', () => {
  const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8')) as { readonly services: Record<string, { readonly image: string }> }
  expect(containerComponents.map(imageOf)).toEqual(containerComponents.map((component) => services[component]?.image))
  for (const component of containerComponents) expect(imageOf(component)).toMatch(/^[a-z0-9/.-]+:v?\d+\.\d+/)
})

describe('an engine that does not answer', () => {
  afterEach(() => vi.unstubAllEnvs())

  test.each([
    ['a port', async () => `tcp://127.0.0.1:${await freePort()}`],
    ['a socket', () => Promise.resolve(`unix://${join(root, 'no-such.sock')}`)],
  ])('%s is told by name, with the way on', async (_name, make) => {
    const host = await make()
    vi.stubEnv('DOCKER_HOST', host)
    vi.stubEnv('HUB_TEST_CONTAINERS', 'redis')
    await expect(findEngine()).rejects.toThrow(
      `HUB_TEST_CONTAINERS is redis, and no Docker engine answers at DOCKER_HOST=${host}: start one, name it by DOCKER_HOST, or run without HUB_TEST_CONTAINERS`,
    )
  })

  test('ends the fetching of components', () => {
    const env = { ...process.env, DOCKER_HOST: 'tcp://127.0.0.1:1', HUB_TEST_CONTAINERS: '1' }
    const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'fetch.ts')], { env, encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain('no Docker engine answers at DOCKER_HOST=tcp://127.0.0.1:1')
  })
})
