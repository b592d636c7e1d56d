// Asks a running hub through its typed client: `node examples/typescript/worst-falls.ts [url] [symbol]`.
// In a project of your own: import { … } from 'mcp-integration-hub/client', or from the generated/client.ts of your hub.
import { HubCallError, hubClient, type Output } from '../../generated/client.ts'

const [url = 'http://127.0.0.1:8080', symbol = '^GSPC'] = process.argv.slice(2)
const client = hubClient({ url, ...(process.env['HUB_KEY'] === undefined ? {} : { token: process.env['HUB_KEY'] }) })
const windows = [
  { from: '2000-01-01', to: '2006-12-31' },
  { from: '2007-01-01', to: '2013-12-31' },
  { from: '2014-01-01', to: '2020-12-31' },
]

/** One line of the report; decimals come as text, so that no digit is lost. */
function line({ rows: [fall] }: Output<'market_drawdown'>): string {
  if (fall === undefined) return 'nothing recorded'
  const recovered = fall.recoveredAt === null ? 'not made good' : `made good ${fall.recoveredAt.slice(0, 10)}`
  return `${(Number(fall.drawdown) * 100).toFixed(1)} % from ${fall.peakAt.slice(0, 10)} to ${fall.troughAt.slice(0, 10)}, ${recovered}`
}

try {
  const falls = await Promise.all(windows.map((window) => client.market.drawdown({ symbol, ...window })))
  for (const [index, fall] of falls.entries()) process.stdout.write(`${windows[index]?.from.slice(0, 4)}-${windows[index]?.to.slice(0, 4)}  ${line(fall)}\n`)
} catch (error) {
  if (!(error instanceof HubCallError)) throw error
  process.stderr.write(`${error.code}: ${error.message}\n`)
  if (error.code === 'HUB_LIMITED') process.stderr.write(`again in ${error.retryAfterMs} ms\n`)
  for (const { path, message } of error.faults) process.stderr.write(`  ${path} ${message}\n`)
  process.exitCode = 1
} finally {
  await client.close()
}
