import { Redis } from 'ioredis'
import { parseJson } from '../../runtime/contract/json.ts'
import { missingRedis, startRedis } from '../../tests/components/redis.ts'
import type { KindBench } from './kind.ts'

const keys = 1_000
const manifest = `connector: bench
kind: memory
summary: Memory in Redis.
config: { url: { secret: BENCH_URL } }
tools:
  one:
    summary: The value under one key.
    effect: read
    input: { type: object, required: [key], properties: { key: { type: string } } }
    operation: { get: {} }
  filled:
    summary: Writes the value under one key.
    effect: write
    input: { type: object, required: [key, value], properties: { key: { type: string }, value: {} } }
    operation: { set: {} }
`

/** Memory: get_state against GET of the driver, both parsed, of a thousand values of half a kilobyte. */
export const memoryBench: KindBench = {
  kind: 'memory',
  what: 'one value of a thousand by key, from Redis',
  async start() {
    const missing = missingRedis()
    if (missing !== undefined) return { missing }
    const server = await startRedis()
    const driver = new Redis(server.url, { protocol: 2 })
    const value = { positions: Array.from({ length: 12 }, (_, index) => ({ symbol: `S${index}/USDT`, amount: '0.25000000' })), at: '2026-01-31T09:30:00Z' }
    const json = JSON.stringify(value)
    // As the kind keeps it, of whoever the measurement calls as, and for the driver alone.
    for (let key = 0; key < keys; key += 1) {
      for (const who of ['local', 'someone', 'bench'])
        await driver.set(`agent_memory:{default:own:${who}}:v:k${key}`, `1 1769851800000 1769851800000 0 ${json}`)
      await driver.set(`bare:k${key}`, json)
    }
    return {
      manifest,
      env: { BENCH_URL: server.url },
      tool: 'bench_one',
      args: (n) => ({ key: `k${n % keys}` }),
      bare: async (n) => parseJson((await driver.get(`bare:k${n % keys}`)) ?? 'null'),
      async stop() {
        driver.disconnect()
        await server.stop()
      },
    }
  },
}
