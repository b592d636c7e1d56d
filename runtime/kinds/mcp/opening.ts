import { createHash } from 'node:crypto'
import type { PriorDiscovery } from '@modelcontextprotocol/client'
import type { KindTools } from '../../contract/kind.ts'
import { roadOf } from './config.ts'
import type { McpConfig } from './config.ts'
import { Failure } from './faults.ts'
import { Session } from './session.ts'
import type { SessionParts } from './session.ts'

const startTimeoutMs = 30_000
const downloadTimeoutMs = 180_000
const probeTimeoutMs = 5_000
const eraKeptMs = 86_400_000

/** Connects to an upstream in the era it speaks. An upstream found to be of the older era is not asked again for a day. `downloads`: it may first have to be fetched. */
export async function openSession(
  config: McpConfig,
  lent: KindTools,
  downloads: boolean,
  given: Omit<SessionParts, 'connector' | 'era' | 'timeoutMs' | 'probeMs'>,
): Promise<Session> {
  const timeoutMs = downloads ? downloadTimeoutMs : startTimeoutMs
  const era = config.era ?? 'auto'
  const parts: SessionParts = { ...given, connector: lent.connector, era, timeoutMs, probeMs: downloads ? timeoutMs / 2 : probeTimeoutMs }
  if (era !== 'auto') return Session.connect(parts, undefined)
  const road = roadOf(config)
  // HTTP+SSE is older than the newer era.
  if (road === 'sse') return Session.connect(parts, { kind: 'legacy' })
  const key = `era:${createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16)}`
  const prior: PriorDiscovery | undefined = (await lent.store.get(key).catch(() => undefined)) === 'legacy' ? { kind: 'legacy' } : undefined
  try {
    const session = await connectOnce(parts, prior, road === 'stdio')
    if (!session.modern && prior === undefined) await lent.store.set(key, 'legacy', eraKeptMs).catch(parts.trouble)
    return session
  } catch (error) {
    if (prior !== undefined) await lent.store.delete(key).catch(parts.trouble)
    throw error
  }
}

async function connectOnce(parts: SessionParts, prior: PriorDiscovery | undefined, pipe: boolean): Promise<Session> {
  try {
    return await Session.connect(parts, prior)
  } catch (error) {
    const died = error instanceof Failure && error.cause instanceof Error && (error.cause as { code?: unknown }).code === 'ERA_NEGOTIATION_FAILED'
    if (!pipe || !died) throw error
    // Some servers of the older era end at the first message they do not know.
    return Session.connect(parts, { kind: 'legacy' })
  }
}
