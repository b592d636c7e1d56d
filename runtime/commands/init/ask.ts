import type { Readable, Writable } from 'node:stream'
import { isCancel, multiselect, select, text } from '@clack/prompts'
import { CommandError, exits } from '../exits.ts'
import { hubNameFault, type AuthMode, type Choices } from './choices.ts'

/** The terminal that is asked. */
export interface Terminal {
  readonly input: Readable
  readonly output: Writable
}

/** Asks what a new hub is to be; what the command line said already is the answer offered. Throws when the person breaks off: nothing was written then. */
export async function askChoices(given: Choices, terminal: Terminal): Promise<Choices> {
  const ask = async <Answer>(prompt: Promise<Answer>): Promise<Exclude<Answer, symbol>> => {
    const answer = await prompt
    if (isCancel(answer)) throw new CommandError(exits.usage, 'broken off; nothing was written')
    return answer as Exclude<Answer, symbol>
  }
  const line = (message: string, placeholder: string, validate?: (value: string | undefined) => string | undefined): Promise<string> =>
    ask(text({ message, placeholder, ...(validate !== undefined && { validate }), ...terminal }))

  const name = await ask(text({ message: 'What is the hub called?', initialValue: given.name, validate: (value) => hubNameFault(value ?? ''), ...terminal }))
  const connectors = await ask(
    multiselect({
      message: 'What is it connected to?',
      options: [
        { value: 'market', label: 'The market example', hint: '20 years of the S&P 500 in an embedded PostgreSQL' },
        { value: 'postgres', label: 'My PostgreSQL or TimescaleDB', hint: 'queries from its keys and indexes' },
        { value: 'mcp', label: 'An MCP server', hint: 'a command or an address' },
        { value: 'openapi', label: 'A REST API', hint: 'from its OpenAPI document' },
      ],
      initialValues: startingConnectors(given),
      required: false,
      ...terminal,
    }),
  )
  const needed = (what: string) => (value: string | undefined) => (value === undefined || value.trim() === '' ? `${what}, or go back with Ctrl-C` : undefined)
  const one = async (kind: string, known: readonly string[], message: string, placeholder: string): Promise<readonly string[]> => {
    if (!connectors.includes(kind)) return []
    return known.length > 0 ? known : [(await line(message, placeholder, needed('give one'))).trim()]
  }
  const postgres = await one('postgres', given.postgres, 'The variable that holds its address, or the address itself', 'SHOP_DATABASE_URL')
  const mcp = await one('mcp', given.mcp, 'The command or address of the MCP server', 'npx -y @modelcontextprotocol/server-memory@2026.8.31')
  const openapi = await one('openapi', given.openapi, 'The OpenAPI document: a file or an address', 'https://api.example.com/openapi.json')
  const auth = await ask(
    select<AuthMode>({
      message: 'Who may call it?',
      options: [
        { value: 'local', label: 'Programs on this machine', hint: 'no keys; listens on loopback only' },
        { value: 'keys', label: 'Whoever has a key', hint: 'hub keys create' },
        { value: 'oauth', label: 'Whoever has a token of my identity provider' },
      ],
      initialValue: given.auth,
      ...terminal,
    }),
  )
  const issuer = auth === 'oauth' ? (given.issuer ?? (await line('The issuer of the tokens', 'https://id.example.com/', issuerFault))) : undefined
  return { name: name.trim(), market: connectors.includes('market'), postgres, mcp, openapi, auth, ...(issuer !== undefined && { issuer }) }
}

function startingConnectors({ market, postgres, mcp, openapi }: Choices): string[] {
  const all = { market, postgres: postgres.length > 0, mcp: mcp.length > 0, openapi: openapi.length > 0 }
  return Object.entries(all).flatMap(([name, wanted]) => (wanted ? [name] : []))
}

/** What is wrong with the address of an issuer. */
export const issuerFault = (value: string | undefined): string | undefined =>
  /^https?:\/\/\S+$/.test(value ?? '') ? undefined : 'an address that begins with https://'
