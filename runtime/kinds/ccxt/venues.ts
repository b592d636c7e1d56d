import { HubError } from '../../contract/errors.ts'
import type { Health } from '../../contract/health.ts'
import { canDo } from './asked.ts'
import { didYouMean } from './closest.ts'
import { ccxtVersion } from './exchange-ids.ts'
import { Venue, type VenueParts } from './venue.ts'

const memoryMs = 300_000

/** The exchanges of one connector. */
export class Venues {
  readonly #byId: ReadonlyMap<string, Venue>
  #isClosed = false

  constructor(parts: readonly VenueParts[]) {
    this.#byId = new Map(parts.map((one) => [one.id, new Venue(one)]))
  }

  get all(): readonly Venue[] {
    return [...this.#byId.values()]
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** The exchange of that id; the first one when none is named. Throws HUB_ARGS_INVALID for one that this connector does not have. */
  get(id?: string): Venue {
    const found = id === undefined ? this.all[0] : this.#byId.get(id)
    if (found) return found
    const ids = [...this.#byId.keys()]
    throw new HubError(
      'HUB_ARGS_INVALID',
      `exchange "${String(id).slice(0, 60)}" is not one of this connector; ${didYouMean(String(id), ids, `it has ${ids.join(', ')}`)}`,
    )
  }

  has(id: string): boolean {
    return this.#byId.has(id)
  }

  /** That an exchange lacks a method, and which of this connector have it. */
  async lacking(venue: Venue, name: string): Promise<HubError> {
    const others: string[] = []
    for (const one of this.all) if (one !== venue && canDo(await one.driver(), name)) others.push(one.id)
    const way = others.length > 0 ? `${others.join(', ')} can` : 'no exchange of this connector can'
    return new HubError('HUB_ARGS_INVALID', `${venue.id} has no ${name}; ${way}`, { exchange: venue.id, others })
  }

  /** What the last calls say; nothing is sent. */
  health(): Health {
    const version = `ccxt ${ccxtVersion}`
    if (this.#isClosed) return { state: 'down', detail: 'the connector is closed', version }
    const now = Date.now()
    const used = this.all.flatMap(({ id, last, restMs }) => {
      if (last === undefined || (last.error !== undefined && now - last.at > memoryMs && restMs === 0)) return []
      return [{ id, error: last.error, restMs }]
    })
    if (used.length === 0) return { state: 'unknown', detail: 'no exchange was asked for anything lately', version }
    const sick = used.filter(({ error, restMs }) => error !== undefined || restMs > 0)
    const well = used.filter((one) => !sick.includes(one)).map(({ id }) => id)
    if (sick.length === 0) return { state: 'up', detail: `${well.join(', ')} answered last`, version }
    const words = sick.map(({ id, error, restMs }) => error?.message ?? `${id} asked to be left alone for ${Math.ceil(restMs / 1_000)} s more`)
    const isAllDown = well.length === 0 && sick.every(({ error }) => error?.code === 'HUB_CONNECTOR_DOWN')
    return {
      state: isAllDown ? 'down' : 'degraded',
      detail: `${words.join('; ')}${well.length > 0 ? `; ${well.join(', ')} answered last` : ''}`.slice(0, 600),
      version,
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.all.map((venue) => venue.close()))
  }
}
