import { defineKind, type Kind } from '../../runtime/contract/kind.ts'
import type { Finding } from '../../runtime/contract/place.ts'
import type { ToolDraft } from '../../runtime/contract/tool.ts'
import { clickhouse } from '../../runtime/kinds/clickhouse/kind.ts'
import { ccxt } from '../../runtime/kinds/ccxt/kind.ts'
import { files } from '../../runtime/kinds/files/kind.ts'
import { indicators } from '../../runtime/kinds/indicators/kind.ts'
import { memory } from '../../runtime/kinds/memory/kind.ts'
import { redpanda } from '../../runtime/kinds/redpanda/kind.ts'
import { timescale } from '../../runtime/kinds/timescale/kind.ts'
import { http } from '../../runtime/kinds/http/kind.ts'

const notOpened = (): Promise<never> => Promise.reject(new Error('golden cases compile only'))

/** A kind with everything the compiler knows of: secrets, defaults, standard tools, an opt-in, and a check of statements. */
const shelf = defineKind({
  kind: 'shelf',
  summary: 'A shelf of rows.',
  config: {
    type: 'object',
    additionalProperties: false,
    required: ['url'],
    properties: {
      url: { type: 'string', 'x-secret': true, description: 'Where the shelf is.' },
      pool: { type: 'integer', minimum: 1, maximum: 50, default: 5, description: 'Connections.' },
      mode: { enum: ['fast', 'slow'], default: 'fast', description: 'How it is read.' },
      adHoc: { type: 'boolean', default: false, description: 'Switches the standard tool query on.' },
      labels: { type: 'object', additionalProperties: { type: ['string', 'number'], 'x-secret': true, 'x-secret-plain': true } },
      schemas: { type: 'object' },
    },
  },
  operation: { type: 'object', required: ['take'], properties: { take: { type: 'string', minLength: 1, description: 'What to take, with :name for each input.' }, order: { enum: ['up', 'down'] } } },
  standardTools: [
    { name: 'list_rows', summary: 'Lists the rows of the shelf.', effect: 'read', input: { type: 'object', properties: { limit: { type: 'integer' } } }, operation: { take: 'all' }, policy: { cache: 'schema' } },
    { name: 'query', optIn: 'adHoc', summary: 'Takes anything.', effect: 'read', input: { type: 'object', properties: {} }, operation: { take: 'any' } },
  ],
  lint: lintStatement,
  lintConfig: (config) => (config['mode'] === 'slow' && config['pool'] !== undefined ? [{ code: 'HUB_CONFIG_VALUE', message: 'a slow shelf has no pool', hint: 'remove pool', path: ['pool'] }] : []),
  open: notOpened,
})

function lintStatement({ operation, input }: ToolDraft): readonly Finding[] {
  const { take } = operation as { take: string }
  const inputs = Object.keys((input as { properties?: object }).properties ?? {})
  return [...take.matchAll(/:(\w+)/g)]
    .filter(([, name]) => !inputs.includes(name as string))
    .map((match) => ({
      code: 'HUB_CONFIG_PLACEHOLDER',
      message: `${match[0]} has no input`,
      hint: `add ${String(match[1])} to the properties of input`,
      path: ['operation', 'take'],
      within: { offset: match.index, length: match[0].length },
    }))
}

/** A kind whose tools are pinned beside the manifest. */
const upstream = defineKind({
  kind: 'upstream',
  summary: 'Another server.',
  pinned: true,
  config: { type: 'object', additionalProperties: false, properties: { command: { type: 'string' }, url: { type: 'string' } }, oneOf: [{ required: ['command'] }, { required: ['url'] }] },
  operation: { type: 'object', additionalProperties: false, properties: { tool: { type: 'string' } } },
  open: notOpened,
})

/** The kinds golden cases are written for. */
export const goldenKinds: readonly Kind[] = [shelf, upstream, clickhouse, http, timescale, files, ccxt, indicators, memory, redpanda]
