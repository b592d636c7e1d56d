import { candleLimit, type Candles } from './database.ts'
import type { Exchange } from './drive/target.ts'
import { toolName } from './servers/echo.ts'

/** One call of the query tool for each symbol; every answer must hold the ten closing prices, newest first. */
export const candleCalls = (tool: string, candles: readonly Candles[]): Exchange[] =>
  candles.map(({ symbol, closes }) => ({ method: 'tools/call', params: { name: tool, arguments: { symbol, limit: candleLimit } }, holds: closes }))

/** Calls of the echo tool, each with a text of its own that must come back. */
export const echoCalls = (tool: string): Exchange[] =>
  Array.from({ length: 64 }, (_, index) => {
    const text = `echo-${String(index).padStart(3, '0')}-of-the-bench`
    return { method: 'tools/call', params: { name: tool, arguments: { text } }, holds: [text] }
  })

/** The list of so many tools: the first and the last must be in it in that order, and as many schemas as tools. */
export const listCall = (count: number): Exchange[] => [
  { method: 'tools/list', params: {}, holds: [`${toolName(0)}"`, `${toolName(count - 1)}"`], times: { piece: '"inputSchema":', count } },
]
