import type { JsonObject } from '../../contract/json.ts'
import type { Asked } from './asked.ts'
import { compare, percentApart } from './decimal.ts'
import { durationMs } from '../../contract/duration.ts'
import type { Divergence } from './operation.ts'
import type { Price, Reading } from './reading.ts'
import { whyNotSame } from './same-market.ts'
import type { Venue } from './venue.ts'

/** How far apart answers may lie, in percent and milliseconds. */
export interface DivergenceLimit {
  readonly percent: string
  readonly withinMs: number
}

/** The limit as an operation writes it. */
export function limitOf(divergence: string | Divergence): DivergenceLimit {
  const { spread, within = '1m' } = typeof divergence === 'string' ? { spread: divergence } : divergence
  return { percent: spread.replace('%', ''), withinMs: durationMs(within) }
}

/** An exchange whose answer may be compared. */
export interface Other {
  readonly venue: Venue
  readonly work: Promise<Reading>
}

/** An answer with how far those of other exchanges lie from it. What cannot be compared is not, with the reason. */
export async function compareReadings(venue: Venue, reading: Reading, others: readonly Other[], asked: Asked, limit: DivergenceLimit): Promise<Reading> {
  const compared: JsonObject[] = []
  const refused: JsonObject[] = []
  for (const { venue: other, work } of others) {
    try {
      const told = await work
      const found = comparison(reading, told, marketsDiffer(venue, other, asked), limit)
      if (typeof found === 'string') refused.push({ exchange: other.id, because: found })
      else compared.push({ exchange: other.id, ...found })
    } catch (error) {
      refused.push({ exchange: other.id, because: notAsked(venue, other, asked) ?? (error as Error).message })
    }
  }
  const beyond = compared.filter((one) => one['isBeyond'] === true)
  const notes = [
    ...beyond.map(
      (one) =>
        `prices diverge: ${String(one['exchange'])} says ${String(one['price'])}, ${String(one['apart'])} from ${reading.exchange}’s ${String(one['own'])}, more than ${limit.percent}%`,
    ),
    ...refused.map((one) => `not compared with ${String(one['exchange'])}: ${String(one['because'])}`),
  ]
  const divergence = { limit: `${limit.percent}%`, isBeyond: beyond.length > 0, compared, refused }
  return { ...reading, data: { ...reading.data, divergence }, notes: [...reading.notes, ...notes] }
}

function marketsDiffer(venue: Venue, other: Venue, { symbol = '' }: Asked): string | undefined {
  return whyNotSame(venue.marketIfKnown(symbol), other.marketIfKnown(symbol), symbol, [], other.id)
}

// The market is missing there: which ones are not it is more use than that it is not known.
function notAsked(venue: Venue, other: Venue, { symbol = '' }: Asked): string | undefined {
  const listed = other.marketsIfKnown()
  return listed.length > 0 && other.marketIfKnown(symbol) === undefined
    ? whyNotSame(venue.marketIfKnown(symbol), undefined, symbol, listed, other.id)
    : undefined
}

function comparison(own: Reading, other: Reading, difference: string | undefined, limit: DivergenceLimit): JsonObject | string {
  if (difference !== undefined) return difference
  const pair = pairOf(own, other)
  if (typeof pair === 'string') return pair
  const [mine, theirs] = pair
  const apartMs = Math.abs(mine.at - theirs.at)
  if (apartMs > limit.withinMs) return `its price is ${Math.round(apartMs / 1_000)} s away from ${own.exchange}’s, more than may be compared`
  const apart = percentApart(mine.value, theirs.value)
  if (apart === undefined) return 'a price of zero compares with nothing'
  const undated = [mine.isDated ? [] : [own.exchange], theirs.isDated ? [] : [other.exchange]].flat()
  return {
    own: mine.value,
    price: theirs.value,
    at: new Date(theirs.at).toISOString(),
    apart: `${apart}%`,
    isBeyond: compare(apart, limit.percent) > 0,
    // Some exchanges do not say when a price was made; then it is when they answered.
    ...(undated.length > 0 && { undated }),
  }
}

/** Two prices of one moment: the newest candle both have, or the prices themselves. */
function pairOf(own: Reading, other: Reading): readonly [Price, Price] | string {
  const mine = closesOf(own)
  const theirs = closesOf(other)
  if (mine && theirs) {
    const common = [...mine.keys()].filter((time) => theirs.has(time)).at(-1)
    if (common === undefined) return 'it has no candle of the same moment'
    const price = (value: string): Price => ({ value, at: Date.parse(common), isDated: true })
    return [price(mine.get(common) as string), price(theirs.get(common) as string)]
  }
  const [first, second] = [own.price?.(), other.price?.()]
  if (!first) return `${own.exchange} gave no price`
  return second ? [first, second] : 'it gave no price'
}

function closesOf({ data }: Reading): ReadonlyMap<string, string> | undefined {
  if (data['timeframe'] === undefined || !Array.isArray(data['rows'])) return undefined
  const rows = data['rows'] as readonly JsonObject[]
  return new Map(rows.flatMap(({ timestamp, close }) => (typeof close === 'string' ? [[String(timestamp), close] as const] : [])))
}
