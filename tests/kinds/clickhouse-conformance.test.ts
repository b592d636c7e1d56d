import { expect } from 'vitest'
import { Secret } from '../../runtime/contract/secret.ts'
import { clickhouse } from '../../runtime/kinds/clickhouse/kind.ts'
import { startClickHouse, type RunningClickHouse } from '../components/clickhouse.ts'
import { reading, rowsOf } from './clickhouse-kit.ts'
import { kindConformance } from './conformance.ts'

const started = await startClickHouse()
const url = { url: 'http://localhost:8123' }

if ('reason' in started) {
  const { describe, test } = await import('vitest')
  describe.skip(`kind clickhouse (skipped: ${started.reason})`, () => test('conforms', () => {}))
} else {
  const server: RunningClickHouse = started
  kindConformance({
    name: 'ClickHouse',
    kind: clickhouse,
    start: async () => ({
      config: { url: new Secret(server.url, 'env:CLICKHOUSE_URL') as unknown as string },
      secrets: ['hub-password', server.url, new URL(server.url).port],
      ...(server.outage && { outage: server.outage }),
      stop: () => server.stop(),
    }),
    badConfigs: [
      { name: 'no server', config: {}, about: /url/ },
      { name: 'a pool of none', config: { ...url, pool: 0 }, about: /pool.*>= 1/ },
      { name: 'a duration without a unit', config: { ...url, statementTimeout: '5' }, about: /statementTimeout.*pattern/ },
      { name: 'memory without a unit', config: { ...url, maxMemory: '4' }, about: /maxMemory.*pattern/ },
      { name: 'a setting that is the hub’s', config: { ...url, settings: { readonly: 0 } }, about: /hub sets readonly itself/ },
      { name: 'a format that is the hub’s', config: { ...url, settings: { output_format_json_quote_decimals: 0 } }, about: /hub sets output_format/ },
      { name: 'a name that is no setting', config: { ...url, settings: { 'max threads': 1 } }, about: /settings.*(pattern|property name)/ },
      {
        name: 'a table function that is never refused',
        config: { ...url, tableFunctions: ['numbers'] },
        about: /"numbers" is not a table function that is refused/,
      },
      { name: 'a field it does not have', config: { ...url, host: 'x' }, about: /host/ },
    ],
    quick: {
      tool: reading('SELECT {n:UInt64} + 1 AS n'),
      args: { n: 41 },
      expected: (answer) => expect(rowsOf(answer)).toEqual([{ n: '42' }]),
    },
    slow: {
      tool: reading('SELECT sleepEachRow(1) AS slow FROM numbers(60) SETTINGS max_block_size = 1'),
      args: {},
      isRunning: async () =>
        (await server.run(`SELECT count() FROM system.processes WHERE query LIKE '%AS slow%' AND query NOT LIKE '%processes%'`)).trim() !== '0',
    },
  })
}
