import type { ErrorCode, ErrorDetails } from '../../contract/errors.ts'
import type { Replies, Request } from './requests.ts'
import type { Space } from './spaces.ts'

/** A request whose spaces are told by number, so that what does not change is sent once. */
export type Numbered<Asked> = Asked extends Request
  ? { readonly [Key in keyof Asked]: Asked[Key] extends Space ? number : Asked[Key] extends readonly Space[] ? readonly number[] : Asked[Key] }
  : never

/** From the hub's thread to the worker. */
export type ToWorker =
  | { readonly id: number; readonly asked: Numbered<Request> }
  | { readonly number: number; readonly space: Space }
  | { readonly cancel: number }
  | { readonly close: true }

/** From the worker to the hub's thread. */
export type FromWorker =
  | { readonly id: number; readonly reply: Replies[Request['op']] }
  | { readonly id: number; readonly error: { readonly code: ErrorCode; readonly message: string; readonly details: ErrorDetails } }
  /** Something that is no HubError: a fault of ours. */
  | { readonly id: number; readonly fault: Error }
  | { readonly changed: number }

/** Gives spaces their numbers. `tell` is called with each that has none yet. */
export class Numbers {
  readonly #numbers = new WeakMap<Space, number>()
  readonly #tell: (number: number, space: Space) => void
  #last = 0

  constructor(tell: (number: number, space: Space) => void) {
    this.#tell = tell
  }

  of(space: Space): number {
    const known = this.#numbers.get(space)
    if (known !== undefined) return known
    const number = (this.#last += 1)
    this.#numbers.set(space, number)
    this.#tell(number, space)
    return number
  }

  numbered(asked: Request): Numbered<Request> {
    if ('toSpace' in asked) return { ...asked, space: this.of(asked.space), toSpace: this.of(asked.toSpace) }
    if ('spaces' in asked) return { ...asked, spaces: asked.spaces.map((space) => this.of(space)) }
    return ('space' in asked ? { ...asked, space: this.of(asked.space) } : asked) as Numbered<Request>
  }
}

// The near end remembers fewer spaces than this, so it never names an older one.
const mostSpaces = 20_000

/** Remembers a space by its number, and forgets one that is not named any more. */
export function remember(spaces: Map<number, Space>, number: number, space: Space): void {
  spaces.set(number, space)
  spaces.delete(number - mostSpaces)
}

/** The request with the spaces behind its numbers. */
export function unnumbered(asked: Numbered<Request>, spaces: ReadonlyMap<number, Space>): Request {
  const space = (number: number): Space => spaces.get(number) as Space
  if ('toSpace' in asked) return { ...asked, space: space(asked.space), toSpace: space(asked.toSpace) }
  if ('spaces' in asked) return { ...asked, spaces: asked.spaces.map(space) }
  return ('space' in asked ? { ...asked, space: space(asked.space) } : asked) as Request
}
