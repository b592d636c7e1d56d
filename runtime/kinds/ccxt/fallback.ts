import type { Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { Asked } from './asked.ts'
import { compareReadings, type DivergenceLimit } from './divergence.ts'
import { read, type Reading, type ReadingBounds } from './reading.ts'
import { whyNotSame } from './same-market.ts'
import type { Venue } from './venue.ts'
import type { Venues } from './venues.ts'
import { untilAborted } from '../../contract/waiting.ts'

/** Who is asked for what, in which order. */
export interface Order {
  readonly method: string
  readonly asked: Asked
  readonly exchanges: readonly string[]
  readonly divergence?: DivergenceLimit
  /** Rows an answer may have. */
  readonly rows: number
}

interface Attempt {
  readonly work: Promise<Reading>
  end(): void
}

const longestComparisonMs = 3_000
const shortestAttemptMs = 250

/** The answer of the first exchange that is well, by the order given; with what the others say of the same market where that is to be compared. */
export async function readInOrder(venues: Venues, order: Order, run: Run): Promise<Reading> {
  const [first, ...rest] = order.exchanges.map((id) => venues.get(id))
  const bounds: ReadingBounds = { rows: order.rows, progress: (done, total, message) => run.progress(done, total, message) }
  if (rest.length === 0) return read(venues, first as Venue, order.method, order.asked, bounds, run)
  const attempts = new Map<Venue, Attempt>()
  const ask = (venue: Venue, ms: number): Attempt => {
    const known = attempts.get(venue)
    if (known) return known
    const made = attempt((waiting) => read(venues, venue, order.method, order.asked, { rows: order.rows }, waiting), venue, ms, run)
    attempts.set(venue, made)
    return made
  }
  try {
    const all = [first as Venue, ...rest]
    // What is compared must be of one moment.
    if (order.divergence) for (const venue of all) ask(venue, shareOf(run, all.length))
    return await answerOf(all, order, run, ask)
  } finally {
    for (const { end } of attempts.values()) end()
  }
}

// Each exchange gets its share of the time that is left, so that the last one is asked at all.
const shareOf = ({ deadline }: Run, left: number): number => Math.max(shortestAttemptMs, Math.floor((deadline - Date.now()) / left))

async function answerOf(all: readonly Venue[], order: Order, run: Run, ask: (venue: Venue, ms: number) => Attempt): Promise<Reading> {
  const passed: { readonly exchange: string; readonly because: string; readonly error: HubError }[] = []
  for (const [index, venue] of all.entries()) {
    try {
      const reading = await answering(venue, all[0] as Venue, order, run, () => ask(venue, shareOf(run, all.length - index)).work)
      const told = withOrigin(reading, passed)
      if (!order.divergence) return told
      const others = all.slice(index + 1).map((other) => ({ venue: other, work: inTime(ask(other, 0).work, run) }))
      return await compareReadings(venue, told, others, order.asked, order.divergence)
    } catch (error) {
      const told = error as HubError
      if (run.signal.aborted || (index === 0 && !isTheirs(told))) throw told
      passed.push({ exchange: venue.id, because: told.message, error: told })
    }
  }
  throw joined(passed.map(({ error }) => error))
}

/** Asks an exchange that stands in only where it has the very same market. */
async function answering(venue: Venue, first: Venue, { asked }: Order, run: Run, ask: () => Promise<Reading>): Promise<Reading> {
  if (venue === first) return ask()
  const driver = await venue.prepared('loadMarkets', run)
  for (const symbol of [...(asked.symbol === undefined ? [] : [asked.symbol]), ...(asked.symbols ?? [])]) {
    const reason = whyNotSame(first.marketIfKnown(symbol), driver.markets?.[symbol], symbol, Object.values(driver.markets ?? {}), venue.id)
    if (reason !== undefined) throw new HubError('HUB_ARGS_INVALID', reason, { exchange: venue.id })
  }
  return ask()
}

// Only what is the exchange’s own fault is made good by another one.
function isTheirs({ code, details }: HubError): boolean {
  return code === 'HUB_CONNECTOR_DOWN' || code === 'HUB_LIMITED' || (code === 'HUB_UPSTREAM_FAILED' && details['isUnreadable'] === true)
}

function withOrigin(reading: Reading, passed: readonly { readonly exchange: string; readonly because: string }[]): Reading {
  const ageMs = reading.asOf === undefined ? undefined : Math.max(0, Date.now() - Date.parse(reading.asOf))
  const age = ageMs === undefined ? 'of unknown age' : `${ageMs < 10_000 ? `${ageMs} ms` : `${Math.round(ageMs / 1_000)} s`} old`
  const note =
    passed.length === 0
      ? `answered by ${reading.exchange}, ${age}`
      : `answered by ${reading.exchange}, ${age}, because ${passed.map(({ because }) => because).join('; ')}`
  const data: JsonObject = {
    ...reading.data,
    ...(ageMs !== undefined && { ageMs }),
    ...(passed.length > 0 && { passedOver: passed.map(({ exchange, because }) => ({ exchange, because })) }),
  }
  return { ...reading, data, notes: [...reading.notes, note] }
}

function joined(errors: readonly HubError[]): HubError {
  const [first, ...rest] = errors
  if (!first) return new HubError('HUB_INTERNAL', 'no exchange was asked')
  const waits = errors.filter(isTheirs).map(({ details }) => details.retryAfterMs ?? 2_000)
  const words = [first.message, ...rest.map(({ message }) => message)].join('; then ')
  return new HubError(first.code, words, { ...first.details, ...(waits.length > 0 && { retryAfterMs: Math.min(...waits) }) })
}

/** One exchange’s attempt: it ends with its share of the time, with the call, or when another one answered. */
function attempt(work: (waiting: { signal: AbortSignal; deadline: number }) => Promise<Reading>, venue: Venue, ms: number, run: Run): Attempt {
  const ending = new AbortController()
  const late = (): void =>
    ending.abort(new HubError('HUB_CONNECTOR_DOWN', `${venue.id} did not answer within ${ms} ms`, { exchange: venue.id, retryAfterMs: 2_000 }))
  const timer = setTimeout(late, ms)
  const onAbort = (): void => ending.abort(run.signal.reason)
  run.signal.addEventListener('abort', onAbort, { once: true })
  if (run.signal.aborted) onAbort()
  const end = (): void => {
    clearTimeout(timer)
    run.signal.removeEventListener('abort', onAbort)
  }
  const done = work({ signal: ending.signal, deadline: Math.min(run.deadline, Date.now() + ms) }).finally(end)
  done.catch(() => {})
  return {
    work: done,
    end: () => {
      end()
      ending.abort(new HubError('HUB_CANCELLED', 'another exchange answered'))
    },
  }
}

/** A comparison is worth a moment of waiting, not the answer. */
function inTime(work: Promise<Reading>, run: Run): Promise<Reading> {
  const ms = Math.max(0, Math.min(longestComparisonMs, (run.deadline - Date.now()) / 2))
  const signal = AbortSignal.timeout(Math.ceil(ms))
  return untilAborted(work, signal).catch((error: unknown) => {
    throw signal.aborted && !(error instanceof HubError) ? new HubError('HUB_TIMEOUT', 'it did not answer in time to be compared') : error
  })
}
