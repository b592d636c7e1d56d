import { expect } from 'vitest'
import { http } from '../../runtime/kinds/http/kind.ts'
import { kindConformance } from './conformance.ts'
import { json, lendHttp, request, secret, startService, type TestService } from './http-service.ts'

let service: TestService
const key = 'a-key-nobody-may-see'

kindConformance({
  name: 'a service on loopback',
  kind: http,
  lend: lendHttp,
  start: async () => {
    service = await startService((seen, response) => {
      response.setHeader('server', 'loopback/1.0')
      // What is asked for slowly is never answered.
      if (seen.url.pathname === '/v1/slow') return
      json(response, { sum: Number(seen.url.searchParams.get('n')) + 1 })
    })
    return {
      config: { base: `${service.url}/v1`, auth: { header: { name: 'X-Api-Key', value: secret(key) } } },
      secrets: [key, new URL(service.url).port],
      outage: { begin: () => service.pause(), end: () => service.resume() },
      stop: () => service.stop(),
    }
  },
  badConfigs: [
    { name: 'nowhere', config: {}, about: /base/ },
    { name: 'no address', config: { base: 'api.example.com' }, about: /base is not an address/ },
    { name: 'another protocol', config: { base: 'ftp://example.com' }, about: /base begins with ftp:/ },
    { name: 'a login in base', config: { base: 'https://me:word@example.com' }, about: /base holds a login/ },
    { name: 'a query in base', config: { base: 'https://example.com?key=1' }, about: /query or a fragment/ },
    {
      name: 'two ways of saying who it is',
      config: { base: 'https://example.com', auth: { bearer: 'x', basic: { user: 'a' } } },
      about: /basic and bearer both/,
    },
    { name: 'no way of saying who it is', config: { base: 'https://example.com', auth: {} }, about: /auth does not say how/ },
    { name: 'a key without a value', config: { base: 'https://example.com', auth: { header: { name: 'X-Key' } } }, about: /"value" is missing/ },
    {
      name: 'a client without a secret',
      config: { base: 'https://example.com', auth: { oauth2: { tokenUrl: 'https://x', clientId: 'a' } } },
      about: /"clientSecret" is missing/,
    },
    {
      name: 'a secret in the clear',
      config: { base: 'https://example.com', auth: { oauth2: { tokenUrl: 'http://x.example', clientId: 'a', clientSecret: 'b' } } },
      about: /in the clear/,
    },
    { name: 'a header that is the hub’s', config: { base: 'https://example.com', headers: { Host: 'other' } }, about: /Host is for the hub to set/ },
    { name: 'a header that is none', config: { base: 'https://example.com', headers: { 'X Key': 'other' } }, about: /not the name of a header/ },
    { name: 'a health that is no path', config: { base: 'https://example.com', health: 'ping' }, about: /"ping" is not a path/ },
    { name: 'a pool of none', config: { base: 'https://example.com', pool: 0 }, about: /pool.*>= 1/ },
    { name: 'a size without a unit', config: { base: 'https://example.com', maxBody: '5' }, about: /maxBody.*pattern/ },
    { name: 'a pointer that is none', config: { base: 'https://example.com', errors: { pointer: 'message' } }, about: /errors\/pointer.*pattern/ },
    { name: 'a field it does not have', config: { base: 'https://example.com', url: 'x' }, about: /url/ },
  ],
  quick: {
    tool: request('GET /sum?n={n}'),
    args: { n: 41 },
    expected: (answer) => expect(answer).toEqual({ type: 'data', data: { sum: 42 } }),
  },
  slow: {
    tool: request('GET /slow'),
    args: {},
    isRunning: async () => service.open() > 0,
  },
})
