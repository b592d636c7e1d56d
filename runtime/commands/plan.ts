import { InvalidArgumentError, Option, type Command } from 'commander'
import type { TokenLimit } from '../../codegen/plan/gate.ts'
import type { Verdict } from '../../codegen/plan/report.ts'
import { findConfigFile } from './config-file.ts'
import { exits } from './exits.ts'
import { addConfigOption, type ConfigOptions } from './options.ts'
import { bad, doubtful, good, quiet } from './style.ts'

const help = `
Examples:
  hub plan                                       what the edits since the last commit do
  hub plan --against origin/main --format markdown
  hub plan --against http://127.0.0.1:8080       against what a running hub serves
  hub plan --fail-on looser --tokens-growth 10% --tokens-max analyst=3000

Both sides are compiled with an empty environment; nothing is opened, and the work tree is not touched.
breaking: what worked may not; looser, tighter: more or less is allowed; wording: models read something else.
Exit code 1 when the change fails --fail-on, --tokens-max or --tokens-growth, or when a side does not compile.`

type Format = 'text' | 'markdown' | 'json'

interface PlanOptions extends ConfigOptions {
  readonly against?: string
  readonly key?: string
  readonly format: Format
  readonly failOn: 'breaking' | 'looser' | 'any' | 'never'
  readonly tokensMax: readonly TokenLimit[]
  readonly tokensGrowth: readonly TokenLimit[]
}

/** `hub plan`: what a change of manifests does to what models see. */
export function addPlan(program: Command, finish: (exit: number) => void): void {
  addConfigOption(
    program
      .command('plan')
      .description('what a change of manifests does to what models see: breaking, looser, dearer')
      .option('--against <side>', 'a git revision, a folder, or the address of a running hub; the last commit when absent')
      .option('--key <key>', 'the API key or token to show to a running hub; better in HUB_KEY')
      .addOption(new Option('--format <format>', 'how to print').choices(['text', 'markdown', 'json']).default('text'))
      .addOption(new Option('--fail-on <what>', 'what the exit code is 1 for').choices(['breaking', 'looser', 'any', 'never']).default('breaking'))
      .option('--tokens-max <[endpoint=]tokens>', 'fail when the tool list of /mcp, or of a toolset or path, costs more; repeatable', tokenLimit(false), [])
      .option('--tokens-growth <[endpoint=]tokens|percent>', 'fail when it grew by more, for example 10%; repeatable', tokenLimit(true), [])
      .addHelpText('after', help),
  ).action(async (options: PlanOptions) => {
    const configFile = findConfigFile(options.config)
    const { makeReport } = await import('./plan/make.ts')
    const { report, failures, render } = await makeReport(configFile, options, options.key ?? process.env.HUB_KEY)
    process.stdout.write(`${options.format === 'json' ? JSON.stringify({ ...report, failures }, undefined, 2) : render(options.format, paint)}\n`)
    finish(failures.length === 0 ? exits.ok : exits.problems)
  })
}

const paints: Readonly<Record<Verdict, (text: string) => string>> = {
  breaking: bad,
  looser: doubtful,
  tighter: doubtful,
  wording: quiet,
  compatible: good,
  neutral: quiet,
}
const paint = (verdict: Verdict, text: string): string => paints[verdict](text)

/** `3000`, `analyst=3000`, and where growth is meant `10%`. */
const tokenLimit =
  (mayBePercent: boolean) =>
  (text: string, before: readonly TokenLimit[]): readonly TokenLimit[] => {
    const [, name, digits, sign] = /^(?:([^=]+)=)?(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? []
    if (digits === undefined || (sign === '%' && !mayBePercent))
      throw new InvalidArgumentError(mayBePercent ? 'write it as 500, 10% or analyst=10%' : 'write it as 8000 or analyst=3000')
    return [...before, { endpoint: pathOf(name), limit: Number(digits), isPercent: sign === '%' }]
  }

/** The path of an endpoint: a bare name is a toolset's. */
const pathOf = (name: string | undefined): string => (name === undefined ? '/mcp' : name.startsWith('/') ? name : `/mcp/toolsets/${name}`)
