import type { AuditStore } from '../contract/store.ts'
import type { Logger } from '../contract/telemetry.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { ToolMetrics } from '../metrics/series.ts'
import type { BoundTool } from '../registry/types.ts'
import { outcomeLine } from './audit-line.ts'
import type { Stage } from './walk.ts'

/** What stage 10 writes to. */
export interface RecordParts {
  readonly audit: AuditStore
  readonly metrics: Metrics
  readonly log: Logger
  readonly now: () => number
}

/** Stage 10: metrics, the audit line and the log, whatever happened. Never waits and never fails. A refresh behind a stale answer is nobody's call and is not counted as one. */
export function record(parts: RecordParts): Stage {
  const handles = new WeakMap<BoundTool, ToolMetrics>()

  function handleOf(tool: BoundTool): ToolMetrics {
    const known = handles.get(tool)
    if (known) return known
    const made = parts.metrics.forTool(tool.spec.connector, tool.spec.name)
    handles.set(tool, made)
    return made
  }

  return (walk) => {
    if (walk.detached) {
      if (walk.error) parts.log.warn('a stale answer could not be refreshed', { tool: walk.request.tool.spec.name, code: walk.error.code })
      return
    }
    const durationMs = performance.now() - walk.startedAt
    const { tool } = walk.request
    const handle = handleOf(tool)
    handle.observe(walk.error?.code ?? 'ok', durationMs / 1000)
    if (walk.recalled) handle.hit()
    if (walk.error?.code === 'HUB_LIMITED') handle.limited()
    if (walk.error?.code === 'HUB_INTERNAL')
      parts.log.error('call failed inside the hub', { callId: walk.callId, tool: tool.spec.name, error: walk.error.cause })
    parts.audit.append(outcomeLine(walk, parts.now(), durationMs))
  }
}
