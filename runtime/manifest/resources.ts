import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import type { Role } from '../contract/principal.ts'
import type { ResourceSpec, ToolDraft } from '../contract/tool.ts'
import { givenSchema, takesMap, writtenSchema, type Interface } from './interfaces.ts'
import { under, type Manifest } from './manifest.ts'
import { ownPolicyFaults, policyFaults } from './policy.ts'
import type { Path } from './source.ts'
import { buildTests } from './tool-tests.ts'
import { finish, tellLint } from './tools.ts'

/** Every sound resource of a manifest. */
export async function buildResources(manifest: Manifest): Promise<readonly ResourceSpec[]> {
  const declared = isObject(manifest.value['resources']) ? manifest.value['resources'] : {}
  const resources: ResourceSpec[] = []
  for (const [uri, entry] of Object.entries(declared)) {
    const resource = await buildResource(manifest, uri, entry)
    if (resource) resources.push(resource)
  }
  return resources
}

async function buildResource(manifest: Manifest, uri: string, entry: Json): Promise<ResourceSpec | undefined> {
  const path = ['resources', uri]
  const holes = holesOf(manifest, uri, path)
  if (holes === undefined || !isObject(entry) || manifest.isUnsound(path)) return undefined
  const written = (manifest.written['resources'] as JsonObject)[uri] as JsonObject
  const input =
    written['input'] === undefined ? givenSchema(manifest, fromHoles(holes), path) : await writtenSchema(manifest, written['input'], [...path, 'input'])
  const output = written['output'] === undefined ? null : await writtenSchema(manifest, written['output'], [...path, 'output'])
  if (input === undefined || output === undefined || !takesMap(manifest, input) || tellHoles(manifest, holes, input, path)) return undefined
  const policy = (entry['policy'] ?? {}) as JsonObject
  const faults = [...policyFaults(policy, manifest.lifetimes), ...ownPolicyFaults(policy, 'read', input.schema)]
  for (const fault of faults) manifest.tell(under([...path, 'policy'], fault))
  const draft: ToolDraft = {
    name: uri,
    ...(typeof entry['title'] === 'string' && { title: entry['title'] }),
    summary: entry['summary'] as string,
    effect: 'read',
    input: input.schema,
    ...(output !== null && { output: output.schema }),
    operation: entry['operation'] as Json,
    policy,
    ...(typeof entry['role'] === 'string' && { role: entry['role'] as Role }),
  }
  const tests = buildTests(manifest, entry, { input, hasOutput: output !== null }, path)
  if ((await tellLint(manifest, draft, input, path)) || faults.length > 0 || tests === undefined) return undefined
  // A resource is no tool: its address, which is unique, stands where a tool has its names.
  const tool = { ...finish(manifest, draft, { own: [policy], path, written, tests }), name: uri }
  return { uri, template: holes.length > 0, tool, mimeType: String(entry['mimeType']) }
}

/** The names in an address; undefined when it is none, or asks for more than plain {name}. */
function holesOf({ tell }: Manifest, uri: string, path: Path): readonly string[] | undefined {
  const holes = [...uri.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name as string)
  const bad = holes.find((name) => !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
  if (bad !== undefined) {
    tell({ code: 'HUB_CONFIG_VALUE', message: `{${bad}} is not a hole the hub can fill`, hint: 'a hole is a name in braces: {symbol}', path, part: 'key' })
    return undefined
  }
  const twice = holes.find((name, index) => holes.indexOf(name) !== index)
  const filled = uri.replace(/\{[^}]*\}/g, 'x')
  if (twice === undefined && /^[a-zA-Z][a-zA-Z0-9+.-]*:[^\s{}]+$/.test(filled)) return holes
  const message = twice === undefined ? `"${uri}" is not an address` : `{${twice}} stands twice in this address`
  tell({ code: 'HUB_CONFIG_VALUE', message, hint: 'an address is a scheme and a path: market://symbols', path, part: 'key' })
  return undefined
}

const fromHoles = (holes: readonly string[]): JsonObject => ({
  type: 'object',
  properties: Object.fromEntries(holes.map((name) => [name, { type: 'string' }])),
  ...(holes.length > 0 && { required: holes }),
  additionalProperties: false,
})

function tellHoles(manifest: Manifest, holes: readonly string[], input: Interface, path: Path): boolean {
  const properties = isObject(input.schema) && isObject(input.schema['properties']) ? Object.keys(input.schema['properties']) : []
  const required = isObject(input.schema) && Array.isArray(input.schema['required']) ? (input.schema['required'] as string[]) : []
  const unknown = holes.filter((name) => !properties.includes(name))
  const unfilled = required.filter((name) => !holes.includes(name))
  for (const name of unknown)
    manifest.tell({
      code: 'HUB_CONFIG_PLACEHOLDER',
      message: `{${name}} of the address is not in the input`,
      hint: `add ${name} to its properties`,
      path,
      part: 'key',
    })
  for (const name of unfilled) {
    manifest.tell({
      code: 'HUB_CONFIG_PLACEHOLDER',
      message: `the input needs "${name}", which the address has no hole for`,
      hint: `put {${name}} into the address`,
      path: [...path, 'input'],
      part: 'key',
    })
  }
  return unknown.length + unfilled.length > 0
}
