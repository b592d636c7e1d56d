import { cpus, loadavg, platform, release, totalmem } from 'node:os'

/** What a run was made on, as far as it bears on the figures. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  /** Absent where no database was asked. */
  readonly postgres?: string
  /** Processes that ran or waited to run in the minute before; above 0.5 somebody else uses the machine. */
  readonly loadBefore: number
}

/** This machine. */
export function machineWith(postgres?: string): Machine {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.versions.node,
    postgres,
    loadBefore: loadavg()[0] ?? 0,
  }
}

/** One sentence of it. */
export function describe({ cpu, cores, memoryGb, system, node, postgres, loadBefore }: Machine): string {
  const shared = cores <= 2 ? ' Servers, driver and database share these cores: ratios hold within one run, rates do not travel.' : ''
  const busy = loadBefore > 0.5 ? ` Others used the machine (load ${loadBefore.toFixed(1)} before the run): take no figure of this run for good.` : ''
  return `${cpu}, ${cores} cores, ${memoryGb} GB, ${system.split('-')[0]}, Node ${node}${postgres === undefined ? '' : `, PostgreSQL ${postgres}`}.${shared}${busy}`
}
