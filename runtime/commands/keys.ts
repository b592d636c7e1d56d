import { InvalidArgumentError, Option, type Command } from 'commander'
import type { ApiKeyRecord } from '../contract/store.ts'
import { roles, type Role } from '../contract/principal.ts'
import { parseDuration } from '../manifest/scalars.ts'
import { findConfigFile } from './config-file.ts'
import { CommandError, exits } from './exits.ts'
import { addConfigOption, type ConfigOptions } from './options.ts'
import { bad, columns, doubtful, good, strong } from './style.ts'

const help = `
Examples:
  hub keys create --name notebook --role reader --expires 90d
  hub keys list
  hub keys revoke 0k1v9t3x5c7b2n4m

Keys are checked with HUB_AUTH=keys or keys+oauth. The key is shown once; the hub keeps its hash. Revoking takes effect within five seconds.`

interface CreateOptions extends ConfigOptions {
  readonly name: string
  readonly role: Role
  readonly organisation: string
  readonly scope: readonly string[]
  /** Milliseconds; without end when infinite. */
  readonly expires: number
  readonly json?: boolean
}

/** `hub keys create|list|revoke`: API keys, in the hub's own store. */
export function addKeys(program: Command, finish: (exit: number) => void): void {
  const group = program.command('keys').description('API keys: create, list, revoke').addHelpText('after', help)

  addConfigOption(group.command('create').description('make a key; it is shown once'))
    .requiredOption('--name <name>', 'what or who it is for', readName)
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).default('reader'))
    .option('--organisation <name>', 'whose it is', 'default')
    .option('--scope <scope>', 'a scope it carries, repeatable', (scope: string, before: readonly string[]) => [...before, scope], [])
    .addOption(
      new Option('--expires <duration>', 'for how long it is good, such as 90d; never for no end').argParser(readExpiry).default(parseDuration('90d'), '90d'),
    )
    .option('--json', 'print JSON')
    .action(async (options: CreateOptions) => {
      const [{ withKeys }, { issueKey }] = await Promise.all([import('./key-store.ts'), import('../auth/keys.ts')])
      const { record, key } = issueKey({
        ...options,
        scopes: options.scope,
        expiresInMs: Number.isFinite(options.expires) ? options.expires : undefined,
        now: Date.now,
      })
      await withKeys(findConfigFile(options.config), (keys) => keys.insert(record))
      process.stdout.write(options.json ? `${JSON.stringify({ id: record.id, key, role: record.role, expiresAt: record.expiresAt })}\n` : `${key}\n`)
      if (!options.json)
        process.stderr.write(
          `${record.role}, ${record.expiresAt === undefined ? 'never expires' : `until ${record.expiresAt.slice(0, 10)}`}. Keep it now: it is not shown again.\n`,
        )
      finish(exits.ok)
    })

  addConfigOption(group.command('list').description('every key, without the key itself'))
    .option('--json', 'print JSON')
    .action(async (options: ConfigOptions & { json?: boolean }) => {
      const { withKeys } = await import('./key-store.ts')
      const records = await withKeys(findConfigFile(options.config), (keys) => keys.list())
      const told = records.map(({ hash: _hash, ...record }) => ({ ...record, state: stateOf(record, Date.now()) }))
      process.stdout.write(`${options.json ? JSON.stringify(told, undefined, 2) : table(told)}\n`)
      finish(exits.ok)
    })

  addConfigOption(group.command('revoke').description('end a key').argument('<id>', 'as hub keys list shows it')).action(
    async (id: string, options: ConfigOptions) => {
      const { withKeys } = await import('./key-store.ts')
      const revoked = await withKeys(findConfigFile(options.config), (keys) => keys.revoke(id, new Date().toISOString()))
      if (!revoked) throw new CommandError(exits.problems, `no key ${id} that is still good`, ['hub keys list shows them all'])
      process.stdout.write(`${id} is revoked\n`)
      finish(exits.ok)
    },
  )
}

function readName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('it says what the key is for, and cannot be empty')
  return text
}

/** A thousand years: whoever means more means never. */
const longestDays = 365_000

function readExpiry(text: string): number {
  // commander takes undefined for an option that was not given.
  if (text === 'never') return Number.POSITIVE_INFINITY
  const ms = parseDuration(text)
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('write it as 12h or 90d, or never')
  if (ms > longestDays * 86_400_000) throw new InvalidArgumentError(`at most ${longestDays}d; write never for no end`)
  return ms
}

type State = 'good' | 'expired' | 'revoked'
type Listed = Omit<ApiKeyRecord, 'hash'> & { readonly state: State }

const stateOf = ({ revokedAt, expiresAt }: Omit<ApiKeyRecord, 'hash'>, now: number): State =>
  revokedAt !== undefined ? 'revoked' : expiresAt !== undefined && Date.parse(expiresAt) <= now ? 'expired' : 'good'

const paint: Readonly<Record<State, (text: string) => string>> = { good, expired: doubtful, revoked: bad }

function table(keys: readonly Listed[]): string {
  if (keys.length === 0) return 'no keys; hub keys create makes one'
  const rows = keys.map((key) => [
    key.id,
    key.state,
    key.role,
    key.organisation,
    key.expiresAt?.slice(0, 10) ?? 'no end',
    key.lastUsedAt === undefined ? 'never used' : `used ${key.lastUsedAt.slice(0, 16)}`,
    key.name,
  ])
  return columns(rows, (cell, column) => (column === 0 ? strong(cell) : column === 1 ? paint[cell as State](cell) : cell))
}
