import type { Connector, KindTools } from '../../contract/kind.ts'
import { HubError } from '../../contract/errors.ts'
import { Secret } from '../../contract/secret.ts'
import { childEnvironment, resolveCommand } from './command.ts'
import { roadOf } from './config.ts'
import type { McpConfig, McpOperation } from './config.ts'
import { extrasOf } from './extras.ts'
import { openHttp } from './http.ts'
import type { Link, Receiver } from './link.ts'
import { Printed } from './printed.ts'
import { openSse } from './sse.ts'
import { openStdio } from './stdio.ts'
import { spawnTree } from './tree.ts'
import { Upstream } from './upstream.ts'

const grace = { inputMs: 500, termMs: 2000 }

/** Opens a connector of kind mcp; the upstream itself is started at its first use, or now where the manifest says eager. */
export async function open(config: McpConfig, lent: KindTools): Promise<Connector<McpOperation>> {
  const printed = new Printed(lent.log, (text) => lent.secrets.scrub(text))
  const openLink = roadOf(config) === 'stdio' ? childLinks(config, lent, printed) : remoteLinks(config, lent)
  const downloads = config.package !== undefined || ['npx', 'uvx', 'pipx'].includes(config.command ?? '')
  const upstream = new Upstream({ config, lent, openLink, downloads, printed })
  return {
    bind: (tool) => upstream.bind(tool),
    check: (signal) => upstream.check(signal),
    close: () => upstream.close(),
    extras: extrasOf(upstream, config, lent.definitions),
  }
}

function childLinks(config: McpConfig, lent: KindTools, printed: Printed): (receiver: Receiver) => Link {
  const env = childEnvironment(plainTexts(config.env, lent), process.env)
  return (receiver) => {
    const tree = spawnTree(resolveCommand(config, lent.directory, env), grace)
    return openStdio({ connector: lent.connector, tree, receiver, printed: (stream, text) => printed.take(stream, text) })
  }
}

function remoteLinks(config: McpConfig, lent: KindTools): (receiver: Receiver) => Link {
  const url = remoteUrl(config, lent)
  const headers = plainTexts(config.headers, lent)
  const trouble = (error: unknown): void =>
    lent.log.debug('trouble beside the calls to an upstream', { reason: lent.secrets.scrub(String(error)).slice(0, 600) })
  const open = roadOf(config) === 'sse' ? openSse : openHttp
  return (receiver) => open({ connector: lent.connector, url, headers, egress: lent.egress, receiver, trouble })
}

function remoteUrl(config: McpConfig, lent: KindTools): URL {
  const text = plainText(config.url ?? '', lent)
  if (!URL.canParse(text)) throw new HubError('HUB_CONFIG_VALUE', `url of connector ${lent.connector} is not a URL; write one like https://mcp.example.com/mcp`)
  return new URL(text)
}

function plainTexts(values: McpConfig['env'], lent: KindTools): Record<string, string> {
  const texts: Record<string, string> = {}
  // An optional secret that has no value names nothing.
  for (const [name, value] of Object.entries(values ?? {})) if (value !== null && value !== undefined) texts[name] = plainText(value, lent)
  return texts
}

function plainText(value: string | number | boolean | Secret, lent: KindTools): string {
  if (!(value instanceof Secret)) return String(value)
  const text = value.reveal()
  lent.secrets.protect(text)
  return text
}
