import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { isObject, parseJson, type Json, type JsonObject } from '../contract/json.ts'
import { printAnswer, printWhole } from './call-output.ts'
import { CommandError, exits } from './exits.ts'
import { openAccess } from './open-access.ts'
import { addAccessOptions, type AccessOptions } from './options.ts'

const help = `
Examples:
  hub call market_latest_candles '{"symbol":"^GSPC","limit":2}'
  hub call hub_health
  echo '{"symbol":"^GSPC"}' | hub call market_latest_candles -
  HUB_KEY=hub_… hub call market_latest_candles '{"symbol":"^GSPC"}' --url https://hub.example.com

The answer goes to standard output. Exit code 5 when the tool answers with an error.`

/** `hub call <tool> [json]`: calls one tool, through the hub that runs from this folder or one opened for this call. */
export function addCall(program: Command, finish: (exit: number) => void): void {
  addAccessOptions(
    program
      .command('call')
      .description('call one tool')
      .argument('<tool>', 'its full name, as hub list shows it')
      .argument('[json]', 'its arguments as a JSON object, or - for standard input', '{}')
      .option('--json', 'print the whole MCP result, not only what the tool answered')
      .addHelpText('after', help),
  ).action(async (tool: string, json: string, options: AccessOptions & { json?: boolean }) => {
    const args = readArguments(json === '-' ? await text(process.stdin) : json)
    const access = await openAccess(options)
    try {
      const result = await access.callTool(tool, args)
      finish(options.json ? printWhole(result) : printAnswer(result))
    } finally {
      await access.close()
    }
  })
}

function readArguments(json: string): JsonObject {
  const args = parse(json)
  if (isObject(args)) return args
  throw new CommandError(exits.usage, 'the arguments must be one JSON object', [`for example '{"symbol":"^GSPC"}'`])
}

function parse(json: string): Json {
  try {
    return parseJson(json)
  } catch (error) {
    throw new CommandError(exits.usage, `the arguments are not JSON: ${error instanceof Error ? error.message : ''}`, [
      `put them in single quotes: '{"symbol":"^GSPC"}'`,
    ])
  }
}
