import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The environment as a command finds it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The candles the quick start loads: where the hub's folder has them and neither MARKET_DATABASE_URL nor DATABASE_URL says that data is elsewhere. */
export function findMarketData(directory: string, env: Environment): string | undefined {
  if (env.MARKET_DATABASE_URL || env.DATABASE_URL) return undefined
  const file = join(directory, 'connectors', 'data', 'sp500.csv')
  return existsSync(file) ? file : undefined
}

/** Whether the hub's own PostgreSQL is to keep what agents remember: where the hub's folder has the shipped manifest and neither MEMORY_URL nor DATABASE_URL says that it is kept elsewhere. */
export const keepsMemory = (directory: string, env: Environment): boolean =>
  !env.MEMORY_URL && !env.DATABASE_URL && existsSync(join(directory, 'connectors', 'memory.yaml'))

/** The environment to check manifests with: where the quick start will name a database, it is named, without starting one. */
export const checkingEnvironment = (directory: string, env: Environment): Environment =>
  findMarketData(directory, env) === undefined ? env : { ...env, MARKET_DATABASE_URL: 'postgres://embedded' }
