import { Command, CommanderError } from 'commander'
import { addCall } from './call.ts'
import { addCheck } from './check.ts'
import { addDoctor } from './doctor.ts'
import { describeError, exits } from './exits.ts'
import { addGenerate } from './generate.ts'
import { addImport } from './import.ts'
import { addInit } from './init.ts'
import { addKeys } from './keys.ts'
import { addList } from './list.ts'
import { addMigrate } from './migrate.ts'
import { outlastReaders } from './output.ts'
import { version } from './package.ts'
import { addPlan } from './plan.ts'
import { addServe } from './serve.ts'
import { addStdio } from './stdio.ts'
import { failed } from './style.ts'
import { addTest } from './test.ts'

const help = `
Examples:
  hub init my-hub                                               a new hub, ready to serve
  hub serve                                                     serve this folder's hub.config.yaml
  hub call market_latest_candles '{"symbol":"^GSPC","limit":2}'
  hub check                                                     every problem of every manifest
  hub test                                                      the tests written in the manifests
  hub generate                                                  typed clients, validators and reference pages of all tools
  hub plan --against origin/main                                what a change does to what models see
  hub migrate                                                   the hub's own tables in its databases
  hub import mcp "npx -y @modelcontextprotocol/server-memory" --name memory

Exit codes:
  0 done   1 problems found   2 wrong usage   3 not allowed   4 hub not reachable   5 the tool answered with an error`

/** The whole command line, ready to parse. A command that ran leaves its exit code in `finish`. */
export function createProgram(finish: (exit: number) => void): Command {
  const program = new Command('hub')
    .description('Exchanges, streams, databases and MCP servers behind one MCP endpoint, declared in YAML.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help; also: hub <command> --help')
    .addHelpText('after', help)
    .showHelpAfterError('(hub --help shows what there is)')
    .showSuggestionAfterError(true)
    .exitOverride()
  for (const add of [addInit, addServe, addStdio, addCheck, addTest, addGenerate, addPlan, addList, addCall, addImport, addMigrate, addKeys, addDoctor])
    add(program, finish)
  return program
}

/** Runs the command line; resolves with the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  let exit: number = exits.ok
  outlastReaders()
  try {
    await createProgram((code) => (exit = code)).parseAsync([...argv])
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exits.ok : exits.usage
    const told = describeError(error)
    process.stderr.write(`${failed(told.text)}\n`)
    return told.exit
  }
}
