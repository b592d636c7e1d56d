import type { Answer } from '../../contract/answer.ts'
import type { Args, Handler, Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { Connector, KindTools } from '../../contract/kind.ts'
import type { HubOperation } from './operation.ts'

/** Opens nothing: the hub is there as long as it is asked. */
export async function open(_config: unknown, lent: KindTools): Promise<Connector<HubOperation>> {
  const { catalogue } = lent.hub
  const questions: Readonly<Record<HubOperation['ask'], (args: Args, run: Run) => Answer>> = {
    health: (_args, run) => ({ type: 'data', data: catalogue.health(run.principal) }),
    connectors: (_args, run) => ({ type: 'data', data: { connectors: catalogue.connectors(run.principal).map((connector) => ({ ...connector })) } }),
    tool: (args, run) => describe(lent, String(args['tool']), run),
  }
  return {
    bind({ operation }): Handler {
      const answer = questions[operation.ask]
      return async (args, run) => answer(args, run)
    },
    check: async () => ({ state: 'up', latencyMs: 0 }),
    close: async () => undefined,
  }
}

function describe({ hub: { catalogue } }: KindTools, tool: string, run: Run): Answer {
  const description = catalogue.describe(tool, run.principal)
  if (description) return { type: 'data', data: description }
  const near = catalogue.suggest(tool, run.principal)
  const way = near.length > 0 ? `; did you mean ${near.join(', ')}?` : '; hub_list_connectors tells what is here'
  throw new HubError('HUB_ARGS_INVALID', `no tool "${tool}" is visible to this caller${way}`, { tool, suggestions: near })
}
