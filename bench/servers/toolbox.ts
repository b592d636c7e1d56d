import { writeFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { numberedStatement, poolSize, type Database } from '../database.ts'
import type { Exchange } from '../drive/target.ts'
import { workFolder } from '../folders.ts'
import { peerFile } from '../peers.ts'
import { freePort } from './port.ts'
import type { Command } from './process.ts'

/** A tool that MCP Toolbox is to offer over the bench's query. */
export interface QueryTool {
  readonly name: string
  readonly description: string
}

/** MCP Toolbox over the bench's database, with these tools. */
export async function toolbox(name: string, database: Database, tools: readonly QueryTool[], exchanges: readonly Exchange[]): Promise<Command> {
  const source = {
    kind: 'source',
    name: 'bench',
    type: 'postgres',
    host: database.host,
    port: database.port,
    database: 'bench',
    user: database.user,
    password: database.password,
    queryParams: { pool_max_conns: String(poolSize) },
  }
  const parameters = [
    { name: 'symbol', type: 'string', description: 'Pair as BASE/QUOTE' },
    { name: 'limit', type: 'integer', description: 'How many candles', default: 100 },
  ]
  const documents = [
    source,
    ...tools.map((tool) => ({ kind: 'tool', ...tool, type: 'postgres-sql', source: 'bench', statement: numberedStatement, parameters })),
  ]
  const folder = join(workFolder, name.replace(/[^a-z0-9]+/gi, '-'))
  await mkdir(folder, { recursive: true })
  const config = join(folder, 'tools.yaml')
  await writeFile(config, documents.map((document) => stringify(document)).join('---\n'))
  const port = await freePort()
  return {
    name,
    command: peerFile('@toolbox-sdk', `server-${process.platform}-${process.arch}`, 'bin', 'toolbox'),
    args: ['--config', config, '--address', '127.0.0.1', '--port', String(port), '--disable-reload', '--disable-version-check', '--log-level', 'WARN'],
    target: { type: 'http', dialect: 'stateless', urls: [`http://127.0.0.1:${port}/mcp`], headers: {}, exchanges },
  }
}
