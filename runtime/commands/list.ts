import { Argument, type Command } from 'commander'
import type { JsonObject } from '../contract/json.ts'
import type { Access } from './access.ts'
import { openAccess } from './open-access.ts'
import { exits } from './exits.ts'
import { addAccessOptions, type AccessOptions } from './options.ts'
import { bad, columns, count, doubtful, good, quiet, strong } from './style.ts'

const help = `
Examples:
  hub list                        every connector with its state and number of tools
  hub list tools                  every tool with its effect and summary
  hub list tools --json           the MCP definitions, for scripts

Asks the hub that runs from this folder; when none runs, opens what the manifests declare.`

/** `hub list [connectors|tools]`. */
export function addList(program: Command, finish: (exit: number) => void): void {
  addAccessOptions(
    program
      .command('list')
      .description('what this hub is connected to, or the tools it offers')
      .addArgument(new Argument('[what]', 'what to list').choices(['connectors', 'tools']).default('connectors'))
      .option('--json', 'print JSON')
      .addHelpText('after', help),
  ).action(async (what: 'connectors' | 'tools', options: AccessOptions & { json?: boolean }) => {
    const access = await openAccess(options)
    try {
      process.stdout.write(
        `${what === 'tools' ? show(await access.listTools(), toolTable, options.json) : show(await access.listConnectors(), connectorTable, options.json)}\n`,
      )
      finish(exits.ok)
    } finally {
      await access.close()
    }
  })
}

const show = <Item>(items: readonly Item[], table: (items: readonly Item[]) => string, json = false): string =>
  json ? JSON.stringify(items, undefined, 2) : table(items)

const paintState: Readonly<Record<string, (text: string) => string>> = { up: good, degraded: doubtful, down: bad, off: quiet, unknown: quiet }

/** Connectors as a table: name, state, number of tools, and what it is or what it lacks. */
export function connectorTable(connectors: Awaited<ReturnType<Access['listConnectors']>>): string {
  const rows = connectors.map(({ name, state, tools, summary, detail }) => [
    name,
    state,
    count(tools, 'tool'),
    state === 'up' || detail === undefined ? summary : detail,
  ])
  return columns(rows, (cell, column) => (column === 0 ? strong(cell) : column === 1 ? (paintState[cell] ?? quiet)(cell) : cell))
}

function toolTable(tools: readonly JsonObject[]): string {
  const rows = tools.map((tool) => [String(tool.name), effectOf(tool), String(tool.description ?? '').split('\n')[0] ?? ''])
  return rows.length === 0 ? 'no tools' : columns(rows, (cell, column) => (column === 0 ? strong(cell) : column === 1 ? quiet(cell) : cell))
}

function effectOf({ annotations }: JsonObject): string {
  const hints = (annotations ?? {}) as JsonObject
  if (hints.readOnlyHint === true) return 'read'
  return hints.destructiveHint === true ? 'destroy' : 'write'
}
