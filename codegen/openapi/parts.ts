import { isObject, type JsonObject } from '../../runtime/contract/json.ts'

const text = (description: string): JsonObject => ({ type: 'string', description })
const header = (description: string, schema: JsonObject): JsonObject => ({ description, schema })

/** What every answer of a tool tells besides its body. */
export const headers: JsonObject = {
  Age: header('Seconds since the answer was made.', { type: 'integer', minimum: 0 }),
  'X-Hub-Answer': header('What the body is: data of the tool, content blocks, or a job that was started.', { enum: ['data', 'content', 'job'] }),
  'X-Hub-As-Of': header('The moment the data speaks of.', { type: 'string', format: 'date-time' }),
  'X-Hub-Cache': header('Where the answer came from.', { enum: ['hit', 'stale', 'miss'] }),
  'X-Hub-Call-Id': header('Finds the call in log and audit of the hub.', { type: 'string' }),
  'X-Hub-Notes': header('Sentences beside the data, as a JSON array of texts: what was left out, and how to ask for it.', { type: 'string' }),
  'X-Hub-Source': header('The connector that answered.', { type: 'string' }),
  'Retry-After': header('Seconds after which to try again.', { type: 'integer', minimum: 0 }),
}

/** Schemas that belong to no tool. A tool’s have a point in their names. */
export const schemas: JsonObject = {
  Connectors: {
    type: 'object',
    required: ['name', 'version', 'openapi', 'connectors'],
    properties: {
      name: text('The hub.'),
      version: text('Of the hub.'),
      openapi: text('Where this document is.'),
      connectors: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name', 'summary', 'tools'],
          properties: {
            name: text('Its name in addresses.'),
            summary: text('What it is.'),
            tools: {
              type: 'array',
              items: {
                type: 'object',
                required: ['name', 'summary', 'effect', 'path'],
                properties: {
                  name: text('Its name in addresses.'),
                  title: text('A short name for people.'),
                  summary: text('What it does.'),
                  effect: { enum: ['read', 'write', 'destroy'] },
                  aliases: { type: 'array', items: { type: 'string' }, description: 'Old names that still answer.' },
                  deprecated: text('What to use instead.'),
                  path: text('Where to POST its arguments.'),
                },
              },
            },
          },
        },
      },
    },
  },
  Content: {
    type: 'object',
    description: 'The answer of a tool that speaks in content blocks, as MCP has them.',
    required: ['content'],
    properties: {
      content: { type: 'array', items: { type: 'object', required: ['type'], properties: { type: { type: 'string' } } } },
      structuredContent: { description: 'The same as data, where the tool gives both.' },
      _meta: { type: 'object' },
    },
  },
  Problem: {
    type: 'object',
    description: 'What went wrong (RFC 9457).',
    required: ['type', 'title', 'status'],
    properties: {
      type: { type: 'string', format: 'uri' },
      title: text('What the code means.'),
      status: { type: 'integer' },
      detail: text('What happened here, and a way on.'),
      code: text('The code, the same as over MCP.'),
      callId: text('Finds the call in the log of the hub.'),
      retryAfterMs: { type: 'integer' },
      faults: {
        type: 'array',
        description: 'Every argument that does not fit.',
        items: { type: 'object', required: ['path', 'message'], properties: { path: { type: 'string' }, message: { type: 'string' } } },
      },
      suggestions: { type: 'array', items: { type: 'string' }, description: 'Names that are close.' },
    },
  },
}

const problem = (description: string, ...names: readonly string[]): JsonObject => ({
  description,
  ...(names.length > 0 && { headers: Object.fromEntries(names.map((name) => [name, headerReference(name)])) }),
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

/** A header of an answer, by reference. */
export const headerReference = (name: string): JsonObject => (isObject(headers[name]) ? { $ref: `#/components/headers/${name}` } : {})

/** Answers that no tool chooses. */
export const responses: JsonObject = {
  Invalid: problem('The body is not JSON, or its arguments do not fit (`HUB_ARGS_INVALID`).'),
  Unauthenticated: problem('No credential, or one that is not valid here (`HUB_UNAUTHENTICATED`).'),
  Denied: problem('This caller may not do this, or not with these arguments (`HUB_DENIED`, `HUB_SCOPE_INSUFFICIENT`).'),
  Unknown: problem('No such tool is visible to this caller (`HUB_TOOL_UNKNOWN`).'),
  Limited: problem('Too many calls (`HUB_LIMITED`).', 'Retry-After'),
  Failed: problem('Any other error, by its code.', 'Retry-After', 'X-Hub-Call-Id'),
}
