import type { Transport } from '@modelcontextprotocol/client'
import type { JsonObject } from '../../contract/json.ts'
import type { Flight, Loss } from './flight.ts'

/** What a link tells its session. */
export interface Receiver {
  /** A message; `stream` is the call whose own stream it came on. False: the link hands it to the SDK's client. */
  receive(message: JsonObject, stream?: Flight): boolean
  /** True while an answer to this request is still wanted. */
  waits(flight: Flight): boolean
  /** A request came back without an answer. */
  lose(flight: Flight, loss: Loss): void
  /** The link broke; `calls` says whether the requests under way on it are lost too. */
  broken(why: string, calls: boolean): void
}

/** The way to one upstream: the SDK's client rides on `transport` for set-up and events, requests of the hub's go beside it. */
export interface Link {
  readonly transport: Transport
  /** Sends a request; its answer arrives at the receiver. Must not throw. */
  post(flight: Flight, body: string): void
  /** Sends a notification or a response, as well as it goes. */
  tell(body: string): void
  /** Nobody waits for this request any more. True when the link itself told the upstream. */
  abandon(flight: Flight): boolean
  /** The era and version that the SDK's client and the upstream agreed on. */
  agreed(version: string, modern: boolean): void
  close(): Promise<void>
}
