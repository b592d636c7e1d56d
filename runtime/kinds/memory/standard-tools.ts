import type { JsonObject } from '../../contract/json.ts'
import type { StandardTool } from '../../contract/tool.ts'
import { historyTools } from './standard-history.ts'
import { count, fields, input, moment, namespace, next, rows, text, ttl, version } from './standard-schemas.ts'
import { signalTools } from './standard-signals.ts'

const key = text(
  'The key, kept exactly as written; / and : may stand in it. Like begins alike: brief/BTC/USDT, so that list_state finds them together.',
  512,
  'portfolio',
)
const ifVersion: JsonObject = {
  type: 'integer',
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description:
    'Write only over this version, as get_state answered it; 0: only where nothing is. Refused with the version that is there when another agent was faster.',
}
const entry = {
  namespace: { type: 'string' },
  key: { type: 'string' },
  version,
  updatedAt: moment('When it was last written.'),
  expiresAt: moment('When it is forgotten; not there: it stays until it is deleted.'),
}
const written = fields(entry, ['namespace', 'key', 'version', 'updatedAt'])

const getState: StandardTool = {
  name: 'get_state',
  summary: 'The value under one key of your memory, with its version.',
  description:
    'found is false where nothing is, or no longer. Remember version when you are going to change the value: set_state, merge_state and delete_state take it as ifVersion and refuse when somebody wrote in between.',
  effect: 'read',
  input: { ...input({ key, namespace }, ['key']), examples: [{ key: 'portfolio' }] },
  output: fields({ ...entry, found: { type: 'boolean' }, value: { description: 'As it was written.' }, createdAt: moment('When the key was first written.') }, [
    'namespace',
    'key',
    'found',
  ]),
  operation: { get: {} },
  policy: { result: { bytes: '2mb' } },
}

const setState: StandardTool = {
  name: 'set_state',
  summary: 'Writes a value under one key of your memory, whatever was there before.',
  description:
    'For context that must outlive this conversation: positions, plans, what was decided and why. To change a part of an object use merge_state; to share with other agents of your organisation use a shared namespace.',
  effect: 'write',
  input: {
    ...input({ key, value: { description: 'Any JSON. Numbers keep all their digits.' }, namespace, ttl, ifVersion }, ['key', 'value']),
    examples: [{ key: 'plan', value: { goal: 'rebalance', step: 1 }, ttl: '7d' }],
  },
  output: written,
  operation: { set: {} },
  annotations: { idempotentHint: true },
}

const mergeState: StandardTool = {
  name: 'merge_state',
  summary: 'Changes parts of the object under one key: members are replaced, added, or removed by null (JSON Merge Patch, RFC 7396).',
  description:
    'What the patch does not name stays. Lists are replaced whole. Where nothing is, the patch becomes the value. Agents that merge at the same time lose nothing of each other’s: every merge is done over the newest version. It is kept as long as before unless ttl is given.',
  effect: 'write',
  input: {
    ...input({ key, patch: { description: 'What changes; null removes a member.' }, namespace, ttl, ifVersion }, ['key', 'patch']),
    examples: [{ key: 'plan', patch: { step: 2, blocked: null } }],
  },
  output: written,
  operation: { merge: {} },
}

const deleteState: StandardTool = {
  name: 'delete_state',
  summary: 'Removes one key of your memory.',
  description: 'Frees its room at once. deleted is false where nothing was.',
  effect: 'destroy',
  // Whoever may write may remove what was written: nobody else's is within reach.
  role: 'writer',
  input: { ...input({ key, namespace, ifVersion }, ['key']), examples: [{ key: 'plan' }] },
  output: fields({ namespace: { type: 'string' }, key: { type: 'string' }, deleted: { type: 'boolean' } }, ['namespace', 'key', 'deleted']),
  operation: { delete: {} },
}

const listState: StandardTool = {
  name: 'list_state',
  summary: 'The keys of your memory with versions and sizes, and how full it is.',
  description: 'In order of the keys’ bytes, page by page: pass next as after while there is one. Values come from get_state.',
  effect: 'read',
  input: {
    ...input({
      namespace,
      prefix: text('Only keys that begin with this.', 512, 'brief/'),
      after: text('Only keys behind this one: next of the page before.', 512),
      limit: count('Keys of one page.', 100, 1_000),
    }),
    examples: [{ prefix: 'brief/' }],
  },
  output: {
    ...rows(
      {
        key: { type: 'string' },
        version,
        bytes: { type: 'integer', description: 'Of key and value.' },
        createdAt: moment('When the key was first written.'),
        updatedAt: moment('When it was last written.'),
        expiresAt: moment('When it is forgotten; not there: it stays.'),
      },
      ['key', 'version', 'bytes', 'createdAt', 'updatedAt'],
      {
        next,
        usage: fields({ keys: { type: 'integer' }, maxKeys: { type: 'integer' }, bytes: { type: 'integer' }, maxBytes: { type: 'integer' } }, [
          'keys',
          'maxKeys',
          'bytes',
          'maxBytes',
        ]),
      },
    ),
  },
  operation: { list: {} },
}

/** Tools every connector of this kind has without writing them. */
export const standardTools: readonly StandardTool[] = [getState, setState, mergeState, deleteState, listState, ...historyTools, ...signalTools]
