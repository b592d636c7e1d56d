import { dirname } from 'node:path'
import type { ApiKeyStore } from '../contract/store.ts'
import { kinds } from '../kinds/index.ts'
import { createApiKeyStore } from '../store/api-keys.ts'
import { createStorePool, migrate } from '../store/postgres.ts'
import { createRecompile, planOrThrow } from '../wiring/compile-plan.ts'
import { openPostgres } from '../wiring/stores.ts'
import { createCommandLog, tellProgress } from './local.ts'
import { checkingEnvironment } from './market-data.ts'
import { version } from './package.ts'

/** Opens the key store of a hub, running or not, for one piece of work. */
export async function withKeys<Result>(configFile: string, work: (keys: ApiKeyStore) => Promise<Result>): Promise<Result> {
  const { log } = createCommandLog('error')
  const plan = await planOrThrow(createRecompile({ configFile, kinds, env: checkingEnvironment(dirname(configFile), process.env), version }))
  const postgres = await openPostgres(plan.hub, log, tellProgress)
  const pool = createStorePool(postgres.url(), { max: 1 })
  try {
    await migrate(pool, log)
    return await work(createApiKeyStore(pool))
  } finally {
    await pool.end()
    await postgres.close()
  }
}
