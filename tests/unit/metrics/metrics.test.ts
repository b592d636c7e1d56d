import { expect, test } from 'vitest'
import { createMetrics, type Metrics } from '../../../runtime/metrics/metrics.ts'

const market = { server: 'market', tool: 'market_latest' }

async function lines(metrics: Metrics, name: string): Promise<readonly string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
}

function declared() {
  const metrics = createMetrics({ version: '1.2.3' })
  metrics.declare([market])
  return metrics
}

test('a tool’s calls are counted by outcome and timed', async () => {
  const metrics = declared()
  const tool = metrics.forTool('market', 'market_latest')
  tool.observe('ok', 0.004)
  tool.observe('ok', 0.02)
  tool.observe('HUB_TIMEOUT', 120)
  tool.hit()
  tool.limited()
  const labels = 'server="market",tool="market_latest"'
  expect(await lines(metrics, 'mcp_requests_total')).toEqual([
    `mcp_requests_total{${labels},status="ok"} 2`,
    `mcp_requests_total{${labels},status="HUB_TIMEOUT"} 1`,
  ])
  expect(await lines(metrics, 'mcp_cache_hits_total')).toContain(`mcp_cache_hits_total{${labels}} 1`)
  expect(await lines(metrics, 'mcp_rate_limit_exceeded_total')).toContain(`mcp_rate_limit_exceeded_total{${labels}} 1`)
  expect(await lines(metrics, 'mcp_error_total')).toEqual(['mcp_error_total{code="HUB_TIMEOUT"} 1'])
  const buckets = await lines(metrics, 'mcp_request_duration_seconds_bucket')
  expect(buckets.map((line) => line.split(' ')[1])).toEqual(['0', '0', '1', '1', '2', '2', '2', '2', '2', '2', '2', '2', '2', '2', '2', '3'])
  expect(buckets.at(-1)).toContain('le="+Inf"')
  expect(await lines(metrics, 'mcp_request_duration_seconds_count')).toEqual([`mcp_request_duration_seconds_count{${labels}} 3`])
  expect(Number((await lines(metrics, 'mcp_request_duration_seconds_sum'))[0]?.split(' ')[1])).toBeCloseTo(120.024)
})

test('names the manifests do not have make no series', async () => {
  const metrics = declared()
  for (let index = 0; index < 100; index++) metrics.forTool('market', `invented_${index}`).observe('ok', 1)
  expect(await lines(metrics, 'mcp_requests_total')).toEqual(['mcp_requests_total{server="unknown",tool="unknown",status="ok"} 100'])
  const closes = Array.from({ length: 3 }, (_, index) => metrics.connected(`invented_${index}`))
  for (const close of closes) close()
  expect(await lines(metrics, 'mcp_active_connections')).toEqual(['mcp_active_connections{server="unknown"} 0'])
})

test('a reload keeps the counters of what stays and ends the series of what goes, and no error is uncounted', async () => {
  const metrics = declared()
  const kept = metrics.forTool('market', 'market_latest')
  kept.observe('ok', 1)
  metrics.declare([market, { server: 'bus', tool: 'bus_send' }])
  metrics.forTool('bus', 'bus_send').observe('HUB_DENIED', 1)
  metrics.connectorState('bus', 'up')
  metrics.declare([market])
  kept.observe('ok', 1)
  expect(await lines(metrics, 'mcp_requests_total')).toEqual(['mcp_requests_total{server="market",tool="market_latest",status="ok"} 2'])
  expect(await lines(metrics, 'mcp_error_total')).toEqual(['mcp_error_total{code="HUB_DENIED"} 1'])
  expect(await lines(metrics, 'mcp_connector_up')).toEqual([])
})

test('errors at the door join those of tools', async () => {
  const metrics = declared()
  metrics.failed('HUB_TOOL_UNKNOWN')
  metrics.failed('HUB_TOOL_UNKNOWN')
  metrics.forTool('market', 'market_latest').observe('HUB_TOOL_UNKNOWN', 1)
  expect(await lines(metrics, 'mcp_error_total')).toEqual(['mcp_error_total{code="HUB_TOOL_UNKNOWN"} 3'])
})

test('connections are counted while they are open, each once', async () => {
  const metrics = declared()
  const [first] = [metrics.connected('market'), metrics.connected('market'), metrics.connected('all')]
  first?.()
  first?.()
  expect(await lines(metrics, 'mcp_active_connections')).toEqual(['mcp_active_connections{server="market"} 1', 'mcp_active_connections{server="all"} 1'])
})

test('reasons of refused callers are bounded', async () => {
  const metrics = declared()
  for (let index = 0; index < 30; index++) metrics.authenticationFailed(`reason_${index}`)
  const found = await lines(metrics, 'mcp_authentication_failures_total')
  expect(found).toHaveLength(21)
  expect(found).toContain('mcp_authentication_failures_total{reason="other"} 10')
})

test.each([
  ['up', ['mcp_connector_up{server="market"} 1']],
  ['degraded', ['mcp_connector_up{server="market"} 1']],
  ['down', ['mcp_connector_up{server="market"} 0']],
  ['off', []],
  ['unknown', []],
] as const)('a connector that is %s', async (state, expected) => {
  const metrics = declared()
  metrics.connectorState('market', 'up')
  metrics.connectorState('market', state)
  expect(await lines(metrics, 'mcp_connector_up')).toEqual(expected)
})

test('kinds count under their connector, with the labels of a name’s first use', async () => {
  const metrics = declared()
  const [one, other] = [metrics.meter('market'), metrics.meter('bus')]
  one.count('rows-read', { table: 'ohlcv', server: 'forged' }, 5)
  other.count('rows-read', { table: 'ticks', more: 'x' })
  other.count('rows-read')
  one.observe('wait_seconds', 0.2)
  expect(await lines(metrics, 'mcp_connector_rows_read_total')).toEqual([
    'mcp_connector_rows_read_total{server="market",table="ohlcv"} 5',
    'mcp_connector_rows_read_total{server="bus",table="ticks"} 1',
    'mcp_connector_rows_read_total{server="bus",table=""} 1',
  ])
  expect(await lines(metrics, 'mcp_connector_wait_seconds_count')).toEqual(['mcp_connector_wait_seconds_count{server="market"} 1'])
})

test('a kind cannot explode the series', async () => {
  const metrics = declared()
  const meter = metrics.meter('market')
  for (let index = 0; index < 1_100; index++) meter.count('rows', { id: String(index) })
  for (let index = 0; index < 300; index++) meter.count(`name_${index}`)
  expect(await lines(metrics, 'mcp_connector_rows_total')).toHaveLength(1_000)
  expect(await lines(metrics, 'mcp_connector_series_dropped_total')).toEqual(['mcp_connector_series_dropped_total 201'])
})

test('the build and the process tell of themselves, and two hubs in one process do not meet', async () => {
  const [one, other] = [declared(), declared()]
  one.forTool('market', 'market_latest').hit()
  expect(await lines(one, 'mcp_build_info')).toEqual([`mcp_build_info{version="1.2.3",node="${process.version}"} 1`])
  expect(await lines(one, 'process_resident_memory_bytes')).toHaveLength(1)
  expect(await lines(other, 'mcp_cache_hits_total')).toContain('mcp_cache_hits_total{server="market",tool="market_latest"} 0')
  expect(one.contentType).toContain('text/plain')
})
