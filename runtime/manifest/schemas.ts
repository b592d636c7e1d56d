import type { JsonObject, JsonSchema } from '../contract/json.ts'
import { isObject } from '../contract/json.ts'
import type { Kind } from '../contract/kind.ts'
import { annotationsField, defaultPolicyFields, effectField, fields, mapOf, policyField, roleField, sentence, texts } from './policy-schema.ts'
import { testsField } from './test-schema.ts'

const schema = (description: string): JsonObject => ({ type: ['object', 'boolean'], title: 'JSON Schema', description })

const adjustable: JsonObject = {
  title: sentence('A short name for people.'),
  summary: sentence('What it does, in one sentence a model can act on.'),
  description: sentence('Longer text for models, after the summary.'),
  enabled: { type: 'boolean', default: true, description: 'false: the tool is not there.' },
  role: roleField,
  policy: policyField,
  annotations: annotationsField,
  aliases: { ...texts('Old names that still answer.'), maxItems: 20 },
  deprecated: sentence('Tells models what to use instead.'),
  tests: testsField,
}

const toolFields: JsonObject = {
  ...adjustable,
  effect: effectField,
  input: schema('JSON Schema (2020-12) of its arguments; of type object. `$ref: shared.yaml#/name` takes one from another file.'),
  output: schema('JSON Schema (2020-12) of its answer.'),
}

const promptField: JsonObject = fields(
  'prompt',
  {
    title: sentence('A short name for people.'),
    summary: sentence('What it is for.'),
    arguments: mapOf(
      fields('prompt argument', {
        required: { type: 'boolean', default: false, description: 'Whether it must be given.' },
        description: sentence('What it is.'),
      }),
      'What fills its {holes}.',
    ),
    messages: {
      type: 'array',
      minItems: 1,
      description: 'Its messages in order; {name} is filled from the arguments.',
      items: {
        ...fields('prompt message', { user: sentence('What the user says.'), assistant: sentence('What the assistant says.') }),
        minProperties: 1,
        maxProperties: 1,
      },
    },
  },
  ['summary', 'messages'],
)

/** Closed, unless the kind said something else about unknown fields; problems name it by `title`. */
function closed(given: JsonSchema, title: string): JsonSchema {
  if (!isObject(given)) return given
  const isOpen = 'additionalProperties' in given || 'unevaluatedProperties' in given
  return { title, ...given, ...(!isOpen && { unevaluatedProperties: false }) }
}

/** The schema of a connector's manifest of one kind, as written and after the environment was put in. */
export function connectorSchema(kind: Kind): JsonObject {
  const operation = closed(kind.operation, `${kind.kind} operation`)
  const tool = fields('tool', { ...toolFields, operation }, kind.pinned ? ['effect'] : ['summary', 'effect', 'operation'])
  const standard = fields('standard tool’s adjustment', adjustable)
  const standardTools = Object.fromEntries((kind.standardTools ?? []).map((one) => [one.name, { ...standard, description: `Standard: ${one.summary}` }]))
  return {
    ...manifest(tool, operation, standardTools, closed(kind.config, `${kind.kind} config`), { const: kind.kind, description: kind.summary }),
    ...(requiresConfig(kind.config) && { required: ['connector', 'kind', 'summary', 'config'] }),
  }
}

/** The same for a manifest whose kind is not known: everything but config and operations is checked. */
export const anyConnectorSchema: JsonObject = manifest(fields('tool', { ...toolFields, operation: true }, ['effect']), true, {}, { type: 'object' }, true)

const requiresConfig = (config: JsonSchema): boolean => isObject(config) && Array.isArray(config['required']) && config['required'].length > 0

function manifest(tool: JsonObject, operation: JsonSchema, standardTools: JsonObject, config: JsonSchema, kind: JsonSchema): JsonObject {
  const resource = fields(
    'resource',
    {
      title: sentence('A short name for people.'),
      summary: sentence('What can be read there.'),
      mimeType: {
        type: 'string',
        pattern: '^[\\w.+-]+/[\\w.+-]+$',
        title: 'media type such as application/json',
        default: 'application/json',
        description: 'The media type of its text.',
      },
      input: schema('JSON Schema of the holes of its address; without it each is a text.'),
      output: schema('JSON Schema (2020-12) of its answer.'),
      operation,
      role: roleField,
      policy: policyField,
      tests: testsField,
    },
    ['summary', 'operation'],
  )
  const adjustments: JsonObject = kind === true ? {} : { properties: standardTools }
  return fields(
    'connector',
    {
      connector: { type: 'string', title: 'name', description: 'Its name: the prefix of its tools and the last part of its endpoint.', examples: ['market'] },
      kind,
      summary: sentence('What it connects to, in one sentence.'),
      enabled: { type: 'boolean', default: true, description: 'false: switched off; nothing of it is offered.' },
      tier: { type: ['string', 'integer'], description: 'A tier of hub.config.yaml, whose defaults it takes.' },
      start: { enum: ['eager', 'lazy'], description: 'eager: opened when the hub starts; lazy: at its first use. Otherwise as its tier says, or lazy.' },
      config,
      defaults: { ...fields('default policy', defaultPolicyFields), description: 'Laid under the policies of its tools.' },
      tools: mapOf(tool, 'Its tools, by name without the connector’s prefix. What is not named is not served.', adjustments),
      resources: mapOf(resource, 'What can be read without a call, by address; {name} in an address is a hole.'),
      prompts: mapOf(promptField, 'Prompts it offers, by name.'),
      fallback: texts('Connectors whose tools of the same name answer while this one is down.'),
      trustAnnotations: { type: 'boolean', default: false, description: 'Believe the annotations an upstream gives its own tools.' },
    },
    ['connector', 'kind', 'summary'],
  )
}
