import { dirname, relative, resolve } from 'node:path'
import { Option, type Command } from 'commander'
import type { Plan } from '../contract/manifest.ts'
import type { Problem } from '../contract/place.ts'
import { formatProblem } from '../manifest/problems.ts'
import { findConfigFile } from './config-file.ts'
import { exits } from './exits.ts'
import { checkingEnvironment } from './market-data.ts'
import { addConfigOption, type ConfigOptions } from './options.ts'
import { version } from './package.ts'
import { bad, count, doubtful, good } from './style.ts'

const help = `
Examples:
  hub check
  hub check --format json | jq '.problems[].message'
  HUB_ENV=production hub check

Opens no connection. Exit code 1 when there is an error; warnings alone are 0.`

/** `hub check`: every problem of every manifest, with its place. */
export function addCheck(program: Command, finish: (exit: number) => void): void {
  addConfigOption(
    program
      .command('check')
      .description('every problem of every manifest, with file, line and column')
      .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
      .addHelpText('after', help),
  ).action(async (options: ConfigOptions & { format: 'text' | 'json' }) => {
    const configFile = findConfigFile(options.config)
    const [{ kinds }, { compile }] = await Promise.all([import('../kinds/index.ts'), import('../manifest/compile.ts')])
    const { plan, problems } = await compile({ configFile, kinds, env: checkingEnvironment(dirname(configFile), process.env), version, checkTests: true })
    const here = problems.map((problem) => ({ ...problem, place: { ...problem.place, file: fromHere(dirname(configFile), problem.place.file) } }))
    process.stdout.write(`${options.format === 'json' ? JSON.stringify({ ok: plan !== undefined, problems: here }, undefined, 2) : report(plan, here)}\n`)
    finish(plan === undefined ? exits.problems : exits.ok)
  })
}

/** A file as people here name it; problems name it from the hub's folder. */
const fromHere = (directory: string, file: string): string => relative(process.cwd(), resolve(directory, file))

function report(plan: Plan | undefined, problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const warnings = problems.length - errors
  const paint = errors > 0 ? bad : warnings > 0 ? doubtful : good
  const counted = [count(errors, 'error'), count(warnings, 'warning')].join(', ')
  const served = plan === undefined ? '' : `; ${count(plan.connectors.length, 'connector')}, ${count(toolsOf(plan), 'tool')}`
  return [...problems.map(formatProblem), paint(`${counted}${served}`)].join('\n')
}

const toolsOf = (plan: Plan): number => plan.connectors.reduce((sum, { tools }) => sum + tools.length, 0)
