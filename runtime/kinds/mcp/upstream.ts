import type { Answer } from '../../contract/answer.ts'
import type { Args, Handler, Run } from '../../contract/call.ts'
import type { Health } from '../../contract/health.ts'
import { isObject } from '../../contract/json.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { ExtrasEvent, KindTools } from '../../contract/kind.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { Callers } from './callers.ts'
import { settingMs } from './config.ts'
import type { McpConfig, McpOperation } from './config.ts'
import { driftOf } from './drift.ts'
import { Failure, startFailure } from './faults.ts'
import { Flight } from './flight.ts'
import type { Ask } from './flight.ts'
import type { Link, Receiver } from './link.ts'
import { listAll, Lists } from './lists.ts'
import { mirrorsOf } from './mirror.ts'
import type { Printed } from './printed.ts'
import { answerOf, pagesToOpen } from './result.ts'
import { News } from './news.ts'
import { openSession } from './opening.ts'
import { Probe } from './probe.ts'
import type { Session } from './session.ts'
import { Slot } from './slot.ts'
import { Subscriptions } from './subscriptions.ts'

/** What the hub tells a legacy upstream its client can do: whatever some caller may be able to; a caller that cannot refuses when asked. */
const anyCaller: JsonObject = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} }
const listTimeoutMs = 30_000

/** What an upstream is made of. */
export interface UpstreamParts {
  readonly config: McpConfig
  readonly lent: KindTools
  readonly openLink: (receiver: Receiver) => Link
  readonly downloads: boolean
  readonly printed: Printed
}

/** One external MCP server: its sessions, what is known of it, and the calls to it. */
export class Upstream {
  readonly base: Slot
  readonly lists: Lists
  readonly subscriptions: Subscriptions
  readonly #parts: UpstreamParts
  readonly #callers: Callers | undefined
  /** The upstream's names of its reviewed tools, and of those in use. */
  readonly #pinned = new Set<string>()
  readonly #news: News
  readonly #launch: (flight: Flight) => void
  readonly #trouble: (error: unknown) => void
  #logLevel: string | undefined
  readonly #probe: Probe

  constructor(parts: UpstreamParts) {
    const { config, lent } = parts
    this.#parts = parts
    this.lists = new Lists(lent.secrets)
    this.#probe = new Probe(parts.printed)
    this.#logLevel = config.logLevel
    this.#trouble = (error) => lent.log.debug('trouble beside the calls to an upstream', { reason: lent.secrets.scrub(String(error)).slice(0, 600) })
    this.subscriptions = new Subscriptions(this.#trouble)
    this.#news = new News((event) => this.#heed(event))
    this.#launch = (flight) => this.#send(flight)
    for (const { name } of lent.definitions?.tools ?? []) this.#pinned.add(String(name))
    this.base = this.#slot((config.start ?? lent.start) === 'eager', anyCaller, true)
    if (config.session === 'caller') this.#callers = new Callers((capabilities) => this.#slot(false, capabilities, false))
  }

  /** A tool of the manifest as a function. */
  bind(tool: ToolSpec<McpOperation>): Handler {
    const upstreamName = tool.operation?.tool ?? tool.local
    this.#pinned.add(upstreamName)
    const ask: Ask<Answer> = {
      method: 'tools/call',
      name: upstreamName,
      mirrors: mirrorsOf(tool.input),
      effect: tool.effect,
      read: answerOf,
      refused: pagesToOpen,
    }
    const head = `"name":${JSON.stringify(upstreamName)},"arguments":`
    return (args: Args, run: Run) => this.call(ask, head + JSON.stringify(args), run, args)
  }

  /** Sends one request of a caller's and resolves with what its result becomes. */
  call<Result>(ask: Ask<Result>, params: string, run: Run, args?: JsonObject): Promise<Result> {
    return new Promise((done, fail) => this.#send(new Flight(ask, params, run.signal, run, args, done, fail) as unknown as Flight))
  }

  onEvent(listener: (event: ExtrasEvent) => void): () => void {
    return this.#news.listen(listener)
  }

  async setLogLevel(level: string): Promise<void> {
    this.#logLevel = level
    if (this.base.session !== undefined) await this.#applyLogLevel(this.base.session)
  }

  /** Asks the upstream whether it is there. */
  check(signal: AbortSignal): Promise<Health> {
    return this.#probe.check(this.#slotToCheck(), signal)
  }

  async close(): Promise<void> {
    this.#news.close()
    await Promise.all([this.base.close(), this.#callers?.close()])
  }

  #send(flight: Flight): void {
    try {
      const slot = this.#callers === undefined ? this.base : this.#callers.of(flight.run as Run)
      if (slot.session !== undefined) slot.session.send(flight)
      else
        slot.ready(flight.signal).then(
          (session) => session.send(flight),
          (error: unknown) => flight.fail(error),
        )
    } catch (error) {
      flight.fail(error)
    }
  }

  #slot(eager: boolean, capabilities: JsonObject, base: boolean): Slot {
    const { config, lent } = this.#parts
    const slot: Slot = new Slot({
      connector: lent.connector,
      connect: (stop) => this.#connect(capabilities, base, stop, (session, why) => slot.broken(session, why)),
      idleMs: settingMs(config.idle),
      eager,
      isNeeded: () => base && this.subscriptions.size > 0,
      onChange: (health) => {
        if (health.state === 'up') lent.log.info('upstream up', { version: health.version })
        else lent.log.warn('upstream down', { reason: health.detail, printed: this.#parts.printed.tail })
        lent.healthChanged(health)
      },
    })
    return slot
  }

  async #connect(capabilities: JsonObject, base: boolean, stop: AbortSignal, onBroken: (session: Session, why: string) => void): Promise<Session> {
    const { config, lent, openLink, downloads } = this.#parts
    const session = await openSession(config, lent, downloads, {
      openLink,
      capabilities,
      scrub: (text) => lent.secrets.scrub(text),
      // What a session of one caller logs beside its calls is nobody else's.
      emit: (event) => (base || event.type !== 'log' ? this.#news.tell(event) : undefined),
      again: this.#launch,
      stop,
      onBroken,
      trouble: this.#trouble,
    }).catch((error: unknown) => {
      lent.log.warn('upstream could not be started', {
        reason: lent.secrets.scrub(String(error)).slice(0, 600),
        printed: this.#parts.printed.tail,
      })
      throw startFailure(error)
    })
    try {
      await this.#prove(session, base)
      if (base) await this.subscriptions.start(session).catch(this.#trouble)
      await this.#applyLogLevel(session)
      return session
    } catch (error) {
      await session.close()
      throw startFailure(error)
    }
  }

  /** A connection without tools is no start when tools are pinned: the next use tries again. */
  async #prove(session: Session, base: boolean): Promise<void> {
    if (session.capabilities.tools === undefined && this.#pinned.size === 0) return
    const live = await (base ? this.lists.get(session, 'tools/list') : listAll(session, 'tools/list', AbortSignal.timeout(listTimeoutMs)))
    if (live.length === 0 && this.#pinned.size > 0) throw new Failure('started without any tool')
    if (base) this.#compare(live)
  }

  #compare(live: readonly JsonObject[]): void {
    const { lent } = this.#parts
    for (const { tool, change, members } of driftOf(this.#pinned, lent.definitions?.tools ?? [], live)) {
      lent.log.warn('upstream tool differs from its pinned definition; the pinned one is served', { code: 'HUB_CONFIG_DRIFT', tool, change, members })
    }
  }

  async #applyLogLevel(session: Session): Promise<void> {
    if (this.#logLevel === undefined || session.modern || !isObject(session.capabilities.logging)) return
    await session.request('logging/setLevel', { level: this.#logLevel }, AbortSignal.timeout(listTimeoutMs)).catch(this.#trouble)
  }

  #heed(event: ExtrasEvent): void {
    if (event.type === 'tools') this.#recheckTools()
    if (event.type === 'prompts') this.lists.drop('prompts/list')
    if (event.type === 'resources') this.lists.drop('resources/list', 'resources/templates/list')
  }

  #recheckTools(): void {
    this.lists.drop('tools/list')
    const { session } = this.base
    if (session !== undefined) this.lists.get(session, 'tools/list').then((live) => this.#compare(live), this.#trouble)
  }

  #slotToCheck(): Slot {
    if (this.base.state.state !== 'new') return this.base
    for (const slot of this.#callers?.slots ?? []) if (slot.session !== undefined) return slot
    return this.base
  }
}
