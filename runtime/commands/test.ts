import { Option, type Command } from 'commander'
import { findConfigFile } from './config-file.ts'
import { exits } from './exits.ts'
import { addConfigOption } from './options.ts'
import type { TestOptions } from './testing.ts'

const help = `
Examples:
  hub test                                   every test of every manifest, against the real systems
  hub test 'market_*'                        those of some tools; also 'market_returns: the year 2019'
  hub test --connector market --budgets      a call slower than its budget fails
  hub test --record                          keeps the answers in recordings/ beside each manifest
  hub test --replay --strict --junit out.xml for CI: from the recordings, without any system

Tests stand under tests: of a tool or resource (docs/testing.md). Those of tools that write or destroy run with --writes only.
Exit code 1 when a test fails; tests that are skipped do not fail, except under --strict.`

/** `hub test`: runs the tests written in manifests. */
export function addTest(program: Command, finish: (exit: number) => void): void {
  addConfigOption(
    program
      .command('test')
      .description('run the tests written in the manifests')
      .argument('[pattern...]', 'tools or tests, * stands for anything; all without one')
      .option('--connector <name>', 'only tests of this connector; may be repeated', (name: string, before: readonly string[]) => [...before, name], [])
      .addOption(new Option('--record', 'keep what the systems answer, for --replay').conflicts('replay'))
      .option('--replay', 'answer from what was recorded: no system is reached')
      .option('--writes', 'run tests of tools that write or destroy, too')
      .option('--update', 'keep what is answered as golden from now on')
      .addOption(new Option('--budgets', 'a call over its budget fails').conflicts('replay'))
      .option('--bail', 'stop after the first failure; one test at a time')
      .option('--strict', 'what lacks a setting or a recording fails instead of being skipped')
      .option('--junit <file>', 'write JUnit XML for CI')
      .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
      .addHelpText('after', help),
  ).action(async (patterns: readonly string[], options: TestOptions) => {
    const configFile = findConfigFile(options.config)
    const { test } = await import('./testing.ts')
    finish((await test(configFile, patterns, options)) ? exits.ok : exits.problems)
  })
}
