import { Option, type Command } from 'commander'
import { findConfigFile } from './config-file.ts'
import { exits } from './exits.ts'
import { addServeOptions, type StdioOptions } from './options.ts'

const help = `
Examples:
  hub stdio
  hub stdio --connector market        that connector alone, its own unprefixed names
  hub stdio --toolset analyst
  npx mcp-inspector --cli npx hub stdio --method tools/list

For MCP clients that start a program. Standard output belongs to the protocol; the log goes to standard error.`

/** `hub stdio`: the same endpoints on standard input and output. */
export function addStdio(program: Command, finish: (exit: number) => void): void {
  addServeOptions(
    program
      .command('stdio')
      .description('serve on standard input and output, for clients that start a program')
      .addOption(new Option('--connector <name>', 'that connector alone').conflicts('toolset'))
      .option('--toolset <name>', 'that selection of tools')
      .addHelpText('after', help),
  ).action(async (options: StdioOptions) => {
    const { serveStdio } = await import('./serving-stdio.ts')
    await serveStdio(findConfigFile(options.config), options)
    finish(exits.ok)
  })
}
