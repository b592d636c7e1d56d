import type { ConnectorSummary } from '../contract/catalogue.ts'
import type { JsonObject } from '../contract/json.ts'
import { CommandError, exits } from './exits.ts'

/** A hub that commands can ask: one that runs, or one opened in this process. */
export interface Access {
  /** The MCP result; a tool's own error is one with `isError`. */
  callTool(name: string, args: JsonObject): Promise<JsonObject>
  /** MCP definitions, sorted by name. */
  listTools(): Promise<readonly JsonObject[]>
  listConnectors(): Promise<readonly ConnectorSummary[]>
  close(): Promise<void>
}

/** A call the hub refused: its words, and names that are close to the one given. */
export function refused(message: string, suggestions: unknown): CommandError {
  const names = Array.isArray(suggestions) ? suggestions.map(String) : []
  return new CommandError(exits.tool, message, names.length === 0 ? [] : [`did you mean ${names.join(', ')}?`])
}

/** A hub that keeps its connectors to itself. */
export class UntoldError extends CommandError {
  constructor() {
    super(exits.problems, 'this hub does not tell its connectors', ['switch on the connector of kind hub: connectors/hub.yaml'])
  }
}
