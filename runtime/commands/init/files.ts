import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { packageName, packageRoot } from '../package.ts'
import type { Choices } from './choices.ts'

const schemas = `node_modules/${packageName}/generated/schemas`

/** The files of a new hub, by path from its folder, but for package.json and .gitignore, which may be there already. */
export function hubFiles(choices: Choices): Readonly<Record<string, string>> {
  return {
    'hub.config.yaml': configText(choices, []),
    'connectors/hub.yaml': hubManifest,
    ...(choices.market ? marketFiles() : {}),
    '.vscode/settings.json': json({
      'yaml.schemas': { [`./${schemas}/connector.json`]: ['connectors/**/*.yaml'], [`./${schemas}/hub.config.json`]: ['hub.config.yaml'] },
    }),
    '.vscode/extensions.json': json({ recommendations: ['redhat.vscode-yaml'] }),
    'README.md': readme(choices),
  }
}

/** What git is not to keep. */
export const ignored: readonly string[] = ['node_modules/', '.hub/', '.env']

/** Scripts of package.json. */
export const scripts: Readonly<Record<string, string>> = {
  start: 'hub serve',
  check: 'hub check',
  generate: 'hub generate',
  test: 'hub test --replay',
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`
const scalar = (text: string): string => stringify(text, { lineWidth: 0 }).trim()

const hubManifest = `# yaml-language-server: $schema=../${schemas}/connector.json
# The hub's own tools: hub_health, hub_list_connectors, hub_describe_tool. The kind has them all; there is nothing to write.
connector: hub
kind: hub
start: eager
summary: What this hub offers and how it is doing.
`

/** hub.config.yaml; `further` are manifests that no pattern of it finds. */
export function configText({ name, auth, issuer }: Choices, further: readonly string[]): string {
  const mode = auth === 'local' ? 'local: whoever reaches loopback' : auth === 'keys' ? 'keys: hub keys create' : 'oauth: tokens of the issuers below'
  const issuers =
    issuer === undefined
      ? []
      : ['  issuers:', `    - url: ${scalar(issuer)}`, '      audience: ${HUB_URL:-http://127.0.0.1:8080} # tokens must be issued for this hub']
  return [
    `# yaml-language-server: $schema=${schemas}/hub.config.json`,
    '# This hub. `${NAME:-default}` is the environment. A change is taken up while the hub runs; a bad one is reported and the old plan stays.',
    '',
    'hub:',
    `  name: ${scalar(name)} # what MCP clients are told`,
    '  listen: ${HUB_LISTEN:-127.0.0.1:8080}',
    '  publicUrl: ${HUB_URL:-http://127.0.0.1:8080} # how clients reach it: behind a proxy, the proxy’s address',
    '',
    '# Which files are served. What hub import writes elsewhere is switched on here, one by one, after a look.',
    'manifests:',
    '  - connectors/*.yaml',
    ...further.map((file) => `  - ${scalar(file)}`),
    '',
    'stores:',
    '  postgres: ${DATABASE_URL:-embedded} # audit and keys; embedded: a PostgreSQL from npm under .hub/, started with the hub',
    '',
    'auth:',
    `  mode: \${HUB_AUTH:-${auth}} # ${mode}`,
    ...issuers,
    '',
    'limits: { principal: 600/min, organisation: 6000/min }',
    'defaults: { timeout: 10s, result: { rows: 1000, bytes: 256kb } }',
    '',
    '# Named lifetimes: `policy: { cache: schema }`.',
    'cache: { schema: 1h, profile: 30m, analytics: 5m, health: 1m }',
    '',
    '# Named selections, each an endpoint of its own: /mcp/toolsets/<name>.',
    'toolsets:',
    "  everything: { tools: ['*'], prompts: ['*'], resources: ['*'] }",
    '',
  ].join('\n')
}

/** The market example as this package has it, its schema where the new hub finds it. */
function marketFiles(): Readonly<Record<string, string>> {
  const files = ['market.yaml', 'shared.yaml', 'data/sp500.csv', 'data/LICENSE.md', 'recordings/market.json', 'golden/market.json']
  const read = (file: string): string =>
    readFileSync(join(packageRoot, 'connectors', file), 'utf8').replace(/(\$schema=\.\.\/)generated\/schemas\//, `$1${schemas}/`)
  return Object.fromEntries(files.filter((file) => existsSync(join(packageRoot, 'connectors', file))).map((file) => [`connectors/${file}`, read(file)]))
}

function readme({ name, auth, market }: Choices): string {
  return [
    `# ${name}`,
    '',
    'An integration hub: systems behind one MCP endpoint, declared in YAML.',
    '',
    '```sh',
    'npm install',
    ...(auth === 'keys' ? ['npx hub keys create --name me --role admin   # shown once; HUB_KEY for the other commands'] : []),
    'npx hub check     # every problem of every manifest',
    'npx hub serve     # http://127.0.0.1:8080/mcp',
    market ? `npx hub call market_latest_candles '{"symbol":"^GSPC","limit":2}'` : 'npx hub list tools',
    '```',
    '',
    '- `hub.config.yaml`: this hub: where it listens, who may call it, which manifests are served.',
    '- `connectors/`: one file for each system. `npx hub import --help` writes one from an MCP server, an OpenAPI document, a server.json or a database.',
    '- `.hub/`: what the hub keeps on this machine. Not for git.',
    '',
    'Secrets are never in these files: a manifest names the variable that holds one, and `npx hub check` says which are missing.',
    '',
  ].join('\n')
}
