import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { frame, once } from '../drive/handshake.ts'
import { firstId } from '../drive/lane.ts'
import type { Target } from '../drive/target.ts'
import { workFolder } from '../folders.ts'
import type { Command, Running } from './process.ts'

/** The limit: bare node:http that cans what the first of these servers answers to its first exchange. */
export async function limit(name: string, models: readonly (readonly Running[] | undefined)[]): Promise<Command> {
  const target = models.find((running) => running !== undefined)?.[0]?.target
  if (target?.type !== 'http') throw new Error('no server runs whose answer could be canned')
  const file = join(workFolder, `${name.replace(/[^a-z0-9]+/gi, '-')}.json`)
  await mkdir(workFolder, { recursive: true })
  await writeFile(file, JSON.stringify({ '/mcp': await firstAnswer(target) }))
  return {
    name,
    command: process.execPath,
    args: [fileURLToPath(new URL('limit.ts', import.meta.url)), file],
    target: (printed) => ({ ...target, headers: {}, urls: [`${printed}/mcp`], exchanges: target.exchanges.slice(0, 1) }),
  }
}

async function firstAnswer(target: Extract<Target, { type: 'http' }>): Promise<string> {
  const [exchange] = target.exchanges
  if (!exchange) throw new Error('a target without exchanges')
  const { headers, body } = frame(target.dialect, firstId, exchange.method, exchange.params)
  const answer = await once(new URL(target.urls[0]!), 'POST', { ...headers, ...target.headers }, body)
  return answer.body.toString()
}
