import type { Truncation } from '../../contract/answer.ts'
import type { Args } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { isRawNumber, type Json } from '../../contract/json.ts'
import { headerOf } from './content.ts'
import type { Incoming } from './exchange.ts'
import { linkIn } from './link-header.ts'
import type { Paginate } from './operation.ts'
import { keysOf, valueAt } from './pointer.ts'

/** One page as it was read. */
export interface Page {
  readonly incoming: Incoming
  /** The whole body. */
  readonly body: Json
  readonly items: readonly Json[]
}

/** Where to read on: other arguments, or another address. */
export type Step = { readonly args: Args } | { readonly url: URL }

/** What a paged request may take. */
export interface Bounds {
  readonly rows: number
  readonly bytes: number
  /** Epoch milliseconds. */
  readonly deadline: number
}

/** What was gathered, and what to say of what was not. */
export interface Gathered {
  readonly rows: readonly Json[]
  /** There is more, for a reason the notes tell. */
  readonly isCut?: true
  /** There is more than the tool may answer. */
  readonly truncated?: Truncation
  readonly notes: readonly string[]
}

const defaults = { sizeAtMost: 100, start: 1, maxPages: 10 }
const leastMs = 250

/** Reads page after page until the wanted items are there, there are no more, or a bound is met; says which. `inputs` are the names a caller may give. */
export async function gather(
  paginate: Paginate,
  args: Args,
  bounds: Bounds,
  inputs: ReadonlySet<string>,
  read: (step: Step) => Promise<Page>,
  told: (rows: number) => void,
): Promise<Gathered> {
  const wanted = wantedOf(paginate, args)
  const most = Math.min(wanted ?? Infinity, bounds.rows)
  const walk = new Walk(paginate, args, most, inputs)
  const maxPages = paginate.maxPages ?? defaults.maxPages
  const rows: Json[] = []
  let bytes = 0
  let slowestMs = 0
  let before: Buffer | undefined
  let step: Step | undefined = walk.first()

  for (let pages = 1; step !== undefined; pages++) {
    const startedAt = performance.now()
    let page: Page
    try {
      page = await read(step)
    } catch (error) {
      if (pages === 1 || !(error instanceof HubError) || error.code === 'HUB_CANCELLED' || error.code === 'HUB_TIMEOUT') throw error
      return cut(rows, `page ${pages} could not be read (${error.message}), so the answer is not complete`, walk)
    }
    if (before?.equals(page.incoming.body) === true && page.items.length > 0)
      return { rows, notes: [`the service answered page ${pages} with the page before it; paginate in the manifest may name the wrong hole`] }
    before = page.incoming.body
    slowestMs = Math.max(slowestMs, performance.now() - startedAt)
    bytes += page.incoming.body.length
    for (const item of page.items) rows.push(item)
    told(rows.length)
    const next = walk.next(page)
    if (rows.length >= most) return full(rows, most, wanted, next !== undefined, bounds)
    if (next === undefined) return { rows, notes: walk.notes }
    // The bytes of the service stand for those of the answer, which are counted when it is made.
    if (bytes > bounds.bytes) return cut(rows, `${bytes} bytes were read, more than one answer may have, and there is more`, walk)
    if (pages >= maxPages) return cut(rows, `${pages} pages were read, the most for one call, and there is more`, walk)
    if (bounds.deadline - Date.now() < Math.max(leastMs, 2 * slowestMs)) return cut(rows, `time ran out after ${pages} pages, and there is more`, walk)
    step = next
  }
  return { rows, notes: [] }
}

function wantedOf({ size }: Paginate, args: Args): number | undefined {
  const wanted = size === undefined ? undefined : args[size]
  return wanted === undefined || wanted === null ? undefined : Math.max(1, numberOf(wanted))
}

const numberOf = (value: Json): number => Number(isRawNumber(value) ? value.rawJSON : value)

function full(rows: readonly Json[], most: number, wanted: number | undefined, hasMore: boolean, bounds: Bounds): Gathered {
  const kept = rows.length > most ? rows.slice(0, most) : rows
  // Who asked for so many and got them is not told that there are more.
  if (wanted !== undefined && wanted <= bounds.rows) return { rows: kept, notes: [] }
  return hasMore || rows.length > most ? { rows: kept, truncated: { by: 'rows', kept: most, limit: bounds.rows }, notes: [] } : { rows: kept, notes: [] }
}

const cut = (rows: readonly Json[], why: string, walk: Walk): Gathered => ({ rows, isCut: true, notes: [why, ...walk.wayOn()] })

/** The way from page to page in one style. */
class Walk {
  readonly #paginate: Paginate
  readonly #args: Args
  readonly #inputs: ReadonlySet<string>
  readonly #size: number
  readonly #seen = new Set<string>()
  readonly notes: string[] = []
  /** The number, offset or cursor of the next page. */
  #at: Json | undefined

  constructor(paginate: Paginate, args: Args, most: number, inputs: ReadonlySet<string>) {
    this.#paginate = paginate
    this.#args = args
    this.#inputs = inputs
    this.#size = Math.min(paginate.sizeAtMost ?? defaults.sizeAtMost, most)
    this.#at = this.#begin()
  }

  first(): Step {
    return this.#step()
  }

  /** Where to read on after a page; undefined: it was the last. */
  next(page: Page): Step | undefined {
    switch (this.#paginate.style) {
      case 'page':
        return this.#counted(page, 1)
      case 'offset':
        return this.#counted(page, page.items.length)
      case 'cursor':
        return this.#cursor(page)
      case 'link':
        return this.#link(page)
    }
  }

  /** How the caller gets what comes next. */
  wayOn(): readonly string[] {
    const hole = this.#hole()
    if (hole === undefined || !this.#inputs.has(hole) || this.#at === undefined) return []
    return [`go on with ${hole}: ${JSON.stringify(this.#at)}`]
  }

  #hole(): string | undefined {
    const { style, page, offset, cursor } = this.#paginate
    return style === 'page' ? page : style === 'offset' ? offset : style === 'cursor' ? cursor : undefined
  }

  #begin(): Json | undefined {
    const { style, start } = this.#paginate
    const given = this.#args[this.#hole() ?? '']
    if (given !== undefined && given !== null) return style === 'cursor' ? given : numberOf(given)
    return style === 'page' ? (start ?? defaults.start) : style === 'offset' ? 0 : undefined
  }

  #step(): Step {
    const hole = this.#hole()
    const { size } = this.#paginate
    return {
      args: {
        ...this.#args,
        ...(size !== undefined && { [size]: this.#size }),
        ...(hole !== undefined && this.#at !== undefined && { [hole]: this.#at }),
      },
    }
  }

  // Where the size of a page is known, a short one is the last.
  #counted({ items }: Page, by: number): Step | undefined {
    if (items.length === 0 || (this.#paginate.size !== undefined && items.length < this.#size)) return undefined
    this.#at = (this.#at as number) + by
    return this.#step()
  }

  #cursor({ body }: Page): Step | undefined {
    const found = this.#found(body)
    if (found === undefined) return undefined
    this.#at = found
    return this.#isNew(JSON.stringify(found)) ? this.#step() : undefined
  }

  #link({ incoming, body }: Page): Step | undefined {
    const found = this.#paginate.next === undefined ? linkIn(headerOf(incoming, 'link'), 'next') : this.#found(body)
    if (typeof found !== 'string') return undefined
    const url = URL.canParse(found, incoming.url.href) ? new URL(found, incoming.url.href) : undefined
    if (url?.origin !== incoming.url.origin) {
      this.notes.push('the service names a next page at another origin, which is not followed, so the answer may not be complete')
      return undefined
    }
    return this.#isNew(url.href) ? { url } : undefined
  }

  #found(body: Json): Json | undefined {
    const found = valueAt(body, keysOf(this.#paginate.next ?? ''))
    return found === null || found === false || found === '' || (typeof found === 'object' && !isRawNumber(found)) ? undefined : found
  }

  /** False for a place that was read already: the service leads in a circle. */
  #isNew(place: string): boolean {
    if (this.#seen.has(place)) {
      this.notes.push('the service names a page that was read already as the next one, so reading stopped there')
      return false
    }
    this.#seen.add(place)
    return true
  }
}
