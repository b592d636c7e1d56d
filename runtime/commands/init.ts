import { existsSync, mkdirSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { CommandError, exits } from './exits.ts'
import { authModes, hubNameFault, hubNameOf, type AuthMode, type Choices } from './init/choices.ts'

const help = `
Examples:
  hub init                       asks a few questions
  hub init my-hub --yes          the market example, for programs on this machine
  hub init shop --yes --no-market --postgres SHOP_DATABASE_URL --auth keys

Makes a folder with hub.config.yaml, connectors/, package.json and a README, ready for hub serve. A package.json or .gitignore that is there is kept and completed; what
--postgres, --mcp and --openapi name is imported as hub import does.`

interface Options {
  readonly yes?: boolean
  readonly name?: string
  readonly market: boolean
  readonly postgres: readonly string[]
  readonly mcp: readonly string[]
  readonly openapi: readonly string[]
  readonly auth: AuthMode
  readonly issuer?: string
}

const more = (text: string, before: readonly string[]): readonly string[] => [...before, text]

/** `hub init [folder]`: a new hub that works. */
export function addInit(program: Command, finish: (exit: number) => void): void {
  program
    .command('init')
    .description('make a new hub in a folder')
    .argument('[folder]', 'where; this folder when absent')
    .option('-y, --yes', 'ask nothing: what is not given here is as usual')
    .option('--name <name>', 'what the hub is called; as its folder when absent', readName)
    .option('--no-market', 'without the market example')
    .option('--postgres <url>', 'import a database: its address, or the variable that holds it; repeatable', more, [])
    .option('--mcp <target>', 'import an MCP server: a command or an address; repeatable', more, [])
    .option('--openapi <document>', 'import a REST API from its OpenAPI document; repeatable', more, [])
    .addOption(new Option('--auth <mode>', 'who may call it').choices([...authModes]).default('local'))
    .option('--issuer <address>', 'for oauth: who issues the tokens')
    .addHelpText('after', help)
    .action(async (folder: string | undefined, options: Options) => {
      await init(resolve(folder ?? '.'), options)
      finish(exits.ok)
    })
}

function readName(name: string): string {
  const fault = hubNameFault(name)
  if (fault !== undefined) throw new InvalidArgumentError(fault)
  return name
}

async function init(folder: string, options: Options): Promise<void> {
  const config = join(folder, 'hub.config.yaml')
  if (existsSync(config))
    throw new CommandError(exits.problems, `${relative(process.cwd(), config)} is there already: this folder is a hub`, [
      'hub check and hub serve work there; or choose another folder',
    ])
  const choices = await choose(folder, options)
  if (choices.auth === 'oauth' && choices.issuer === undefined)
    throw new CommandError(exits.usage, 'oauth needs an issuer', ['give --issuer https://id.example.com/, or another --auth'])
  makeFolder(folder)
  const { writeHub } = await import('./init/write.ts')
  process.stdout.write(`${(await writeHub(folder, choices)).join('\n')}\n`)
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const shown = relative(process.cwd(), folder)
    if (code === 'EEXIST' || code === 'ENOTDIR')
      throw new CommandError(exits.problems, `${shown} is a file or lies below one, and a hub is a folder`, ['choose another folder'], error)
    throw new CommandError(exits.problems, `the folder ${shown} cannot be made: ${message}`, ['choose a folder you own'], error)
  }
}

async function choose(folder: string, { yes, name, ...rest }: Options): Promise<Choices> {
  const given = { name: name ?? hubNameOf(basename(folder)), ...rest }
  if (yes === true) return given
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new CommandError(exits.usage, 'there is nobody to ask here', ['give --yes, and what should be otherwise: hub init --help'])
  const { askChoices } = await import('./init/ask.ts')
  return askChoices(given, { input: process.stdin, output: process.stdout })
}
