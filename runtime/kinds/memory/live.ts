import type { Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { LiveResources } from '../../contract/live.ts'
import type { Principal } from '../../contract/principal.ts'
import type { Memory } from './asked.ts'
import { checkChannel, checkKey, signalSpace, signalSpaces, spaceOf, topicOf, type Space } from './names.ts'
import { pageTold } from './signals.ts'
import { told } from './state.ts'
import type { Waiting } from './store.ts'

/** What an address of this kind leads to. */
type Address =
  | { readonly type: 'signals'; readonly channel: string; readonly space: Space }
  | { readonly type: 'state'; readonly namespace: string; readonly key: string; readonly space: Space }

const signalsAtMost = 1_000
const bytesAtMost = 1_048_576
const listedAtMost = 100
const listMs = 2_500
const longestTimerMs = 2_147_483_647
const pauseMs = 250

/** Signals and state as resources; what they mean depends on who asks. */
export function liveOf(memory: Memory): LiveResources {
  const { store, settings } = memory
  const { prefix, shared } = settings

  function addressOf(uri: string, principal: Principal): Address {
    const [, what, rest = ''] = /^memory:\/\/(signals|state)\/(.+)$/s.exec(uri) ?? []
    if (what === undefined) throw unknown(uri)
    if (what === 'signals') {
      const channel = checkChannel(decoded(rest, uri))
      return { type: 'signals', channel, space: signalSpace(channel, principal) }
    }
    const parts = rest.split('/').map((part) => decoded(part, uri))
    // memory://state/shared%2Fdesk/key, as the template has it, and memory://state/shared/desk/key.
    const [namespace = '', ...more] = parts[0] === 'shared' && parts.length > 2 ? [`shared/${String(parts[1])}`, ...parts.slice(2)] : parts
    if (more.length === 0) throw unknown(uri)
    return { type: 'state', namespace, key: checkKey(more.join('/')), space: spaceOf(namespace, principal, shared) }
  }

  async function read(uri: string, run: Run): Promise<readonly JsonObject[]> {
    const address = addressOf(uri, run.principal)
    const data =
      address.type === 'state' ? told(address.namespace, address.key, await store.get(address.space, address.key, run)) : await backlogOf(address, run)
    return [{ uri, mimeType: 'application/json', text: JSON.stringify(data) }]
  }

  async function backlogOf({ channel, space }: Extract<Address, { type: 'signals' }>, run: Run): Promise<JsonObject> {
    const page = await store.read(space, channel, { type: 'newest', limit: signalsAtMost, bytes: bytesAtMost }, run)
    return { channel, ...pageTold(page, true, bytesAtMost) }
  }

  async function watch(uri: string, principal: Principal, changed: () => void): Promise<() => void> {
    const address = addressOf(uri, principal)
    if (address.type === 'signals') return store.watch(topicOf(prefix, 'signals', address.space, address.channel), changed)
    const ending = new Ending(() => store.get(address.space, address.key, waitingFor(listMs)), changed)
    const stop = await store.watch(topicOf(prefix, 'state', address.space, address.key), () => {
      changed()
      ending.look()
    })
    ending.look()
    return () => {
      ending.stop()
      stop()
    }
  }

  async function resources(principal: Principal): Promise<readonly JsonObject[]> {
    const waiting = waitingFor(listMs)
    const found = await Promise.all(signalSpaces(principal).map((space) => store.channels(space, listedAtMost, waiting)))
    const signals = found
      .flat()
      .map(({ channel }) => resource(`memory://signals/${encodeURIComponent(channel)}`, channel, 'The newest signals of this channel.'))
    const namespaces = ['own', ...shared.filter((name) => !name.includes('*')).map((name) => `shared/${name}`)].slice(0, 5)
    const states = await Promise.all(
      namespaces.map(async (namespace) => {
        const { entries } = await store.list(spaceOf(namespace, principal, shared), '', undefined, listedAtMost, waiting)
        return entries.map(({ key }) => resource(stateUri(namespace, key), key, `State in ${namespace}.`))
      }),
    )
    return [...signals, ...states.flat()]
  }

  return {
    templates: [
      {
        uriTemplate: 'memory://signals/{channel}',
        name: 'signals',
        description: 'The newest signals of a channel, in the order they were published; watch it to be told of new ones. The channel is percent-encoded.',
        mimeType: 'application/json',
      },
      {
        uriTemplate: 'memory://state/{namespace}/{key}',
        name: 'state',
        description:
          'The value under a key, with its version; watch it to be told of changes. Namespace (own, or shared%2F<name>) and key are percent-encoded.',
        mimeType: 'application/json',
      },
    ],
    resources,
    read,
    watch,
    perCaller: true,
  }
}

const stateUri = (namespace: string, key: string): string => `memory://state/${encodeURIComponent(namespace)}/${encodeURIComponent(key)}`
const resource = (uri: string, name: string, description: string): JsonObject => ({ uri, name, description, mimeType: 'application/json' })
const waitingFor = (ms: number): Waiting => ({ signal: AbortSignal.timeout(ms), deadline: Date.now() + ms })
const unknown = (uri: string): HubError =>
  new HubError('HUB_RESOURCE_UNKNOWN', 'no resource of that address here: it is memory://signals/{channel} or memory://state/{namespace}/{key}', { uri })

function decoded(text: string, uri: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unknown(uri)
  }
}

/** Tells when a watched value is forgotten, which no store announces. */
class Ending {
  readonly #find: () => Promise<{ readonly expiresAt: number | undefined } | undefined>
  readonly #changed: () => void
  #timer: NodeJS.Timeout | undefined
  #isStopped = false
  #hadEnd = false

  constructor(find: () => Promise<{ readonly expiresAt: number | undefined } | undefined>, changed: () => void) {
    this.#find = find
    this.#changed = changed
  }

  /** Looks when it ends; after a failure it looks again with the next change, which a store that comes back announces. */
  look(): void {
    this.#find().then(
      (entry) => this.#found(entry),
      () => undefined,
    )
  }

  #found(entry: { readonly expiresAt: number | undefined } | undefined): void {
    if (this.#isStopped) return
    clearTimeout(this.#timer)
    if (entry === undefined && this.#hadEnd) this.#changed()
    this.#hadEnd = entry?.expiresAt !== undefined
    if (entry?.expiresAt === undefined) return
    // The store's clock may be another: what is still there then is looked for a little later.
    const ms = Math.min(Math.max(entry.expiresAt - Date.now(), pauseMs), longestTimerMs)
    this.#timer = setTimeout(() => this.look(), ms).unref()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }
}
