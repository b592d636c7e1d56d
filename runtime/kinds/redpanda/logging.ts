import type { Logger } from '../../contract/telemetry.ts'
import { createLogger, LEVELS, type LogEntry } from './driver.ts'

const quietMs = 30_000
const mostMessages = 200
/** What connections that are ended on purpose end with. */
export const closing = 'the connector is closed'

/** kafkajs’s log as the hub’s: warnings and errors, each message once in half a minute with how often it came, scrubbed. */
export function kafkaLog(log: Logger, scrub: (text: string) => string, now: () => number = Date.now): unknown {
  const told = new Map<string, { at: number; times: number }>()

  function write({ namespace, level, log: fields }: LogEntry): void {
    const { error } = fields
    const message = scrub(typeof error === 'string' ? `${fields.message}: ${error}` : fields.message).slice(0, 500)
    // What ending the connections ends is no news.
    if (message.includes(closing)) return
    const key = `${namespace} ${message}`
    const known = told.get(key)
    if (known !== undefined && now() - known.at < quietMs) return void (known.times += 1)
    if (told.size >= mostMessages) told.clear()
    told.set(key, { at: now(), times: 1 })
    const facts = { part: namespace, said: message, ...(known !== undefined && known.times > 1 && { times: known.times }) }
    // What kafkajs calls an error is a lost connection as a rule; the caller is told what came of it.
    if (level === LEVELS.ERROR) log.warn('kafka client', facts)
    else log.debug('kafka client', facts)
  }

  return createLogger({ level: LEVELS.WARN, logCreator: () => write })
}
