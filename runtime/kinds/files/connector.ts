import type { Handler } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { Health } from '../../contract/health.ts'
import type { Connector } from '../../contract/kind.ts'
import { extrasOf } from '../../contract/live.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import type { Settings } from './config.ts'
import { bindDeclared } from './declared.ts'
import type { Desk } from './desk.ts'
import { Folders } from './folders.ts'
import { liveFiles } from './live-files.ts'
import type { FilesOperation } from './operation.ts'
import { bindStandard } from './standard.ts'

/** A connector over a desk. */
export function connect(settings: Settings, openDesk: (changed: (watch: number) => void) => Desk): Connector<FilesOperation> {
  const watches = new Map<number, () => void>()
  const desk = openDesk((watch) => watches.get(watch)?.())
  const folders = new Folders(settings)
  const live = extrasOf(liveFiles(folders, desk, watches))
  let isClosed = false

  function bind(tool: ToolSpec<FilesOperation>): Handler {
    const { operation } = tool
    return 'standard' in operation ? bindStandard(operation.standard, tool.policy, folders, desk) : bindDeclared(operation, tool.policy, folders, desk)
  }

  async function check(signal: AbortSignal): Promise<Health> {
    const startedAt = performance.now()
    if (isClosed) return { state: 'down', detail: 'the connector is closed' }
    try {
      const health = await desk.ask({ op: 'check' }, signal)
      return { ...health, latencyMs: Math.round(performance.now() - startedAt) }
    } catch (error) {
      const isLate = signal.aborted && !(error instanceof HubError && error.code === 'HUB_CONNECTOR_DOWN')
      return { state: 'down', detail: isLate ? 'the file system does not answer' : (error as Error).message }
    }
  }

  return {
    bind,
    check,
    extras: live.extras,
    async close() {
      isClosed = true
      live.close()
      await desk.close()
    },
  }
}
