import { asHubError, HubError, type ErrorCode } from '../contract/errors.ts'

/** What the command line's exit codes mean. The MCP Inspector's are the same from 2 on. */
export const exits = { ok: 0, problems: 1, usage: 2, auth: 3, unreachable: 4, tool: 5 } as const
/** One of the exit codes. */
export type Exit = (typeof exits)[keyof typeof exits]

/** A command that cannot go on: one sentence, lines that tell the way on, and the exit code. */
export class CommandError extends Error {
  readonly exit: Exit
  readonly wayOn: readonly string[]

  constructor(exit: Exit, message: string, wayOn: readonly string[] = [], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'CommandError'
    this.exit = exit
    this.wayOn = wayOn
  }
}

const exitOfCode: Partial<Record<ErrorCode, Exit>> = {
  HUB_UNAUTHENTICATED: exits.auth,
  HUB_SCOPE_INSUFFICIENT: exits.auth,
  HUB_TOOL_UNKNOWN: exits.tool,
  HUB_ARGS_INVALID: exits.tool,
  HUB_DENIED: exits.tool,
  HUB_LIMITED: exits.tool,
  HUB_TIMEOUT: exits.tool,
  HUB_CONNECTOR_DOWN: exits.tool,
  HUB_CONNECTOR_OFF: exits.tool,
  HUB_UPSTREAM_FAILED: exits.tool,
  HUB_QUERY_FAILED: exits.tool,
  HUB_INPUT_UNSUPPORTED: exits.tool,
  HUB_AUDIT_UNAVAILABLE: exits.tool,
}

/** An error as the terminal shows it, and the code to leave with. */
export function describeError(error: unknown): { readonly exit: Exit; readonly text: string } {
  if (error instanceof CommandError) return { exit: error.exit, text: [error.message, ...error.wayOn.map((line) => `  ${line}`)].join('\n') }
  const { code, message, details } = asHubError(error)
  // Problems of the manifests tell their own codes and places.
  if (details.problems !== undefined) return { exit: exits.problems, text: message }
  if (error instanceof HubError) return { exit: exitOfCode[code] ?? exits.problems, text: `${code}: ${message}` }
  return { exit: exits.problems, text: `the hub failed inside: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` }
}
