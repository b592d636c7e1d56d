import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'undici'
import type { KindBench } from './kind.ts'

const rows = Array.from({ length: 20 }, (_row, n) => ({ id: n, symbol: 'BTC/USD', price: `6700${n}.125`, volume: 1_234.5, at: '2026-01-02T03:04:05Z' }))
const body = Buffer.from(JSON.stringify({ status: 'ok', data: { items: rows } }))
const input = '{ type: object, required: [symbol, n], properties: { symbol: { type: string }, n: { type: integer } } }'
// The same request: what the kind sends, for the service to read.
const headers = { 'x-api-key': 'a key', accept: 'application/json, text/*;q=0.8, */*;q=0.1', 'accept-encoding': 'gzip, br', 'user-agent': 'bare' }
const manifest = `connector: bench
kind: http
summary: A service on loopback.
config: { base: '\${BENCH_URL}/v1', auth: { header: { name: X-Api-Key, value: { secret: BENCH_KEY } } } }
tools:
  rows:
    summary: Twenty rows.
    effect: read
    input: ${input}
    operation: { request: 'GET /rows?symbol={symbol}&n={n}', data: /data/items }
`

/** REST: a tool against undici alone, on a service on loopback. */
export const httpBench: KindBench = {
  kind: 'http',
  what: 'GET of 20 rows of JSON from loopback',
  async start() {
    const server = createServer((incoming, response) => {
      incoming.resume()
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
    })
    server.keepAliveTimeout = 60_000
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const dispatcher = new Agent({ connections: 64 })
    return {
      manifest,
      env: { BENCH_URL: url, BENCH_KEY: 'a key' },
      tool: 'bench_rows',
      args: (n) => ({ symbol: 'BTC/USD', n }),
      async bare(n) {
        const answer = await request(`${url}/v1/rows?symbol=BTC%2FUSD&n=${n}`, { dispatcher, headers })
        const read = (await answer.body.json()) as { readonly data: { readonly items: unknown } }
        return read.data.items
      },
      async stop() {
        await dispatcher.close()
        server.close()
        server.closeAllConnections()
        await once(server, 'close')
      },
    }
  },
}
