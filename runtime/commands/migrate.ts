import type { Command } from 'commander'
import { findConfigFile } from './config-file.ts'
import { exits } from './exits.ts'
import type { MigrateOptions } from './migrate/migrating.ts'
import { addConfigOption } from './options.ts'

const help = `
Examples:
  hub migrate                       the hub's own tables in every database whose manifest says migrations: true
  hub migrate market --dry-run      what would be applied to one of them; nothing is changed
  hub migrate --no-keep-daily       candles of a day and longer go after 30 days too, until it is said otherwise
  hub migrate --json                for scripts

What was applied before is not applied again, and hubs that migrate together take turns. docs/migrations.md tells what the tables are.
Exit code 1 when a database could not be brought up to date.`

/** `hub migrate`: the hub's own tables in the databases behind its connectors. */
export function addMigrate(program: Command, finish: (exit: number) => void): void {
  addConfigOption(
    program
      .command('migrate')
      .description('make the hub’s own tables in its databases, and bring them up to date')
      .argument('[connector...]', 'whose databases; all without one')
      .option('--dry-run', 'tell what would be applied, and change nothing')
      .option('--keep-daily', 'keep candles of a day and longer for ever, whatever the manifest says')
      .option('--no-keep-daily', 'let them go after 30 days like the others')
      .option('--json', 'print JSON')
      .addHelpText('after', help),
  ).action(async (names: readonly string[], options: MigrateOptions) => {
    const configFile = findConfigFile(options.config)
    const { migrateAll } = await import('./migrate/migrating.ts')
    finish((await migrateAll(configFile, names, options)) ? exits.ok : exits.problems)
  })
}
