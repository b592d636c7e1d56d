import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe } from 'vitest'
import { importPostgres } from '../../../codegen/import-postgres.ts'
import { startPostgres, type RunningPostgres } from '../../components/postgres.ts'
import { testCases } from './case.ts'

let server: RunningPostgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

/** Runs statements in a new database of this name; its address. */
async function database(name: string, sql: string): Promise<string> {
  const run = async (url: string, ...statements: readonly string[]): Promise<void> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    for (const statement of statements) await client.query(statement)
    await client.end()
  }
  await run(server.url, `DROP DATABASE IF EXISTS ${name}`, `CREATE DATABASE ${name}`)
  const url = server.url.replace(/[^/]*$/, name)
  await run(url, sql)
  return url
}

describe('what is written of a database', () => {
  testCases(join(import.meta.dirname, 'postgres'), async ({ options, files }) =>
    importPostgres({ ...options, url: await database('shop', [...files.values()].join('\n')) }))
})
