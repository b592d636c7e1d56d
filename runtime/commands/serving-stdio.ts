import { localPrincipal } from '../auth/local.ts'
import { serveStdioEdge } from '../mcp/stdio.ts'
import { frozenOptions } from './frozen.ts'
import { openLocalHub } from './local.ts'
import type { StdioOptions } from './options.ts'
import { untilStopped } from './stopping.ts'

const lastWordsMs = 1_000

/** Serves one endpoint on standard input and output until the client goes away or a signal asks to stop. */
export async function serveStdio(configFile: string, options: StdioOptions): Promise<void> {
  const stopped = untilStopped()
  const hub = await openLocalHub(configFile, { watch: true, ...(await frozenOptions(configFile, options.frozen)) })
  try {
    const edge = serveStdioEdge({ ...hub.edge, principal: localPrincipal }, wantedEndpoint(options), { stdin: process.stdin, stdout: process.stdout })
    await Promise.race([edge.closed, stopped])
    await edge.close()
  } finally {
    await hub.close()
  }
  // Where the client left without closing the pipe, standard input would keep this process alive; and what it does not read, standard output.
  process.stdin.destroy()
  setTimeout(() => process.exit(), lastWordsMs).unref()
}

function wantedEndpoint({ connector, toolset }: StdioOptions): Parameters<typeof serveStdioEdge>[1] {
  if (connector !== undefined) return { kind: 'connector', name: connector }
  return toolset === undefined ? { kind: 'all' } : { kind: 'toolset', name: toolset }
}
