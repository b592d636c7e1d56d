import type { Plan } from '../contract/manifest.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { upstreamActs } from '../registry/bind.ts'

/** Names to the metrics every pair of labels a call can be counted under: what the manifests declare, and nothing a caller says. */
export function declareMetrics(metrics: Metrics, plan: Plan): void {
  const tools = plan.connectors.flatMap(({ name: server, tools, resources, definitions }) => {
    const acts = definitions ? upstreamActs.map((act) => `${server}:${act}`) : []
    return [...tools.map(({ name }) => name), ...resources.map(({ tool }) => tool.name), ...acts].map((tool) => ({ server, tool }))
  })
  metrics.declare(
    tools,
    [...plan.connectors, ...plan.toolsets].map(({ name }) => name),
  )
}
