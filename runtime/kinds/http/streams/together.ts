import type { Health } from '../../../contract/health.ts'

/** What a probe found of the service, and how its streams stand. */
export function together(service: Health, streams: Health | undefined): Health {
  if (streams === undefined) return service
  const detail = [service.state === 'unknown' ? undefined : service.detail, streams.detail].filter((words) => words !== undefined).join('; ')
  if (service.state === 'unknown') return { ...service, ...streams, detail }
  if (service.state === 'up') return { ...service, state: streams.state, detail }
  return { ...service, detail }
}
