import { durationMs, timerMs } from '../../../contract/duration.ts'
import type { Json } from '../../../contract/json.ts'
import { bytesOf } from '../config.ts'
import { streamDefaults as defaults, type StreamConfig } from './config.ts'
import { messageTemplate, type Fillings, type MessageTemplate } from './templates.ts'

/** One stream as it is used. */
export interface StreamSettings {
  readonly name: string
  readonly config: StreamConfig
  /** The values of its secrets. */
  readonly secrets: Fillings
  readonly login: string | undefined
  readonly subscribe: MessageTemplate | undefined
  readonly unsubscribe: MessageTemplate | undefined
  /** Absent: ping frames. */
  readonly heartbeat: string | undefined
  readonly everyMs: number
  readonly silenceMs: number
  readonly firstMs: number
  readonly mostMs: number
  readonly idleMs: number
  readonly messageBytes: number
  readonly denialCodes: readonly number[]
  readonly keep: number
  readonly mostKeys: number
  readonly buffer: number
}

/** The settings of a stream whose config was checked. */
export function settingsOfStream(name: string, config: StreamConfig, secrets: Fillings): StreamSettings {
  const { heartbeat = {}, reconnect = {}, login } = config
  const template = (message: Json | undefined): MessageTemplate | undefined => (message === undefined ? undefined : messageTemplate(message))
  const plain = (message: Json | undefined): string | undefined => template(message)?.write(secrets)
  return {
    name,
    config,
    secrets,
    login: plain(login?.send),
    subscribe: template(config.subscribe),
    unsubscribe: template(config.unsubscribe),
    heartbeat: plain(heartbeat.send),
    everyMs: timerMs(durationMs(heartbeat.every ?? defaults.every)),
    silenceMs: timerMs(durationMs(heartbeat.silence ?? defaults.silence)),
    firstMs: timerMs(durationMs(reconnect.first ?? defaults.first)),
    mostMs: timerMs(durationMs(reconnect.most ?? defaults.most)),
    idleMs: timerMs(durationMs(config.idle ?? defaults.idle)),
    messageBytes: bytesOf(config.maxMessage ?? defaults.maxMessage),
    denialCodes: config.denied?.codes ?? defaults.codes,
    keep: config.keep ?? defaults.keep,
    mostKeys: config.mostKeys ?? defaults.mostKeys,
    buffer: config.buffer ?? defaults.buffer,
  }
}
