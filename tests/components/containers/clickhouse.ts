import type { RunningClickHouse } from '../clickhouse.ts'
import { freePort } from '../port.ts'
import { used } from '../used.ts'
import { startContainer } from './container.ts'

/** What the ClickHouse of a container shares with that of a package. */
export interface ClickHousePlan {
  /** The file of its users, who may come from here. */
  users(networks: string): string
  /** How one at this port is reached. */
  reached(port: number): Pick<RunningClickHouse, 'url' | 'readers' | 'run'>
  answers(port: number): Promise<boolean>
}

/** Starts ClickHouse from its image, with the users of the tests beside its own. */
export async function startClickHouseContainer({ users, reached, answers }: ClickHousePlan): Promise<RunningClickHouse> {
  const port = await freePort()
  const container = await startContainer({
    component: 'clickhouse',
    // Whoever comes from this machine comes from the engine's network, whose address differs from engine to engine.
    files: { '/etc/clickhouse-server/users.d/hub.xml': users('<ip>::/0</ip>') },
    ports: [{ container: 8123, host: port }],
    isReady: () => answers(port),
  })
  used('ClickHouse (container)')
  return { ...reached(port), outage: { begin: container.kill, end: container.start }, stop: container.remove }
}
