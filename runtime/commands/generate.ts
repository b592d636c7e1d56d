import { dirname, relative, resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Language } from '../../codegen/emitter.ts'
import { findConfigFile } from './config-file.ts'
import { exits } from './exits.ts'
import { addConfigOption, type ConfigOptions } from './options.ts'

const help = `
Examples:
  hub generate                             write what the manifests give; files that are as they should be are left alone
  hub generate --check                     in CI: exit code 1 when a file is not what the manifests give
  hub generate --lang typescript,python    a Python client too; remembered from then on
  hub generate --watch                     again after every edit

Reads the manifests without an environment, so that the result is the same on every machine. Commit what it writes, digest.json included.
Own templates: codegen/templates/<name>.hbs beside hub.config.yaml take the place of the hub's.`

const known: readonly Language[] = ['typescript', 'python']

/** What `hub generate` was asked for. */
export interface GenerateCommandOptions extends ConfigOptions {
  readonly check?: boolean
  readonly watch?: boolean
  readonly out?: string
  readonly lang?: readonly Language[]
}

/** Where generated files lie unless told otherwise. */
export const generatedFolder = (configFile: string, given?: string): string => resolve(given ?? `${dirname(configFile)}/generated`)

/** `hub generate`: the manifests written out as types, validators, clients, schemas and reference pages. */
export function addGenerate(program: Command, finish: (exit: number) => void): void {
  addConfigOption(
    program
      .command('generate')
      .description('write types, validators, clients and reference pages of all tools into generated/')
      .addOption(new Option('--check', 'write nothing; say which files are not what the manifests give').conflicts('watch'))
      .option('--watch', 'stay, and generate again after every edit')
      .option('--out <folder>', 'where to write; generated/ beside hub.config.yaml when absent')
      .option('--lang <languages>', 'typescript, python, or both with a comma', readLanguages)
      .addHelpText('after', help),
  ).action(async (options: GenerateCommandOptions) => {
    const configFile = findConfigFile(options.config)
    const { check, watch, write } = await import('./generating.ts')
    const out = generatedFolder(configFile, options.out)
    const work = { configFile, out, folder: relative(process.cwd(), out) || '.', languages: options.lang }
    const run = options.check ? check : options.watch ? watch : write
    finish((await run(work)) ? exits.ok : exits.problems)
  })
}

function readLanguages(text: string): readonly Language[] {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !known.some((one) => one === name))
  if (unknown !== undefined) throw new InvalidArgumentError(`there is ${known.join(' and ')}, not "${unknown}"`)
  return known.filter((language) => names.includes(language))
}
