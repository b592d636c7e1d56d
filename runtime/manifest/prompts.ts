import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import type { PromptSpec } from '../contract/tool.ts'
import type { Manifest } from './manifest.ts'
import { localNameFault } from './names.ts'
import type { Path } from './source.ts'
import { suggest } from './suggest.ts'

/** Every sound prompt of a manifest. */
export function buildPrompts(manifest: Manifest): readonly PromptSpec[] {
  const declared = isObject(manifest.value['prompts']) ? manifest.value['prompts'] : {}
  return Object.entries(declared).flatMap(([name, entry]) => {
    const prompt = buildPrompt(manifest, name, entry)
    return prompt ? [prompt] : []
  })
}

function buildPrompt(manifest: Manifest, name: string, entry: Json): PromptSpec | undefined {
  const path = ['prompts', name]
  const fault = localNameFault(manifest.name, name, 'a prompt', path)
  if (fault) manifest.tell(fault)
  if (fault || !isObject(entry) || manifest.isUnsound(path)) return undefined
  const declared = isObject(entry['arguments']) ? entry['arguments'] : {}
  const messages = (entry['messages'] as readonly JsonObject[]).map(({ user, assistant }) =>
    user === undefined ? { role: 'assistant' as const, text: String(assistant) } : { role: 'user' as const, text: String(user) },
  )
  if (tellHoles(manifest, messages, Object.keys(declared), path)) return undefined
  return {
    name: `${manifest.name}_${name}`,
    local: name,
    connector: manifest.name,
    ...(typeof entry['title'] === 'string' && { title: entry['title'] }),
    summary: String(entry['summary']),
    arguments: Object.entries(declared).map(([argument, rule]) => promptArgument(argument, rule)),
    messages,
    place: manifest.source.place(path),
  }
}

function promptArgument(name: string, rule: Json): PromptSpec['arguments'][number] {
  const { required, description } = rule as { required?: boolean; description?: string }
  return { name, ...(description !== undefined && { description }), required: required === true }
}

/** True when a message has a {hole} that no argument fills. An argument that fills none is doubtful only. */
function tellHoles(manifest: Manifest, messages: PromptSpec['messages'], names: readonly string[], path: Path): boolean {
  const used = new Set<string>()
  let isFaulty = false
  for (const [index, { role, text }] of messages.entries()) {
    for (const match of text.matchAll(/\{([a-zA-Z_][a-zA-Z0-9_-]*)\}/g)) {
      const [whole, hole = ''] = match
      used.add(hole)
      if (names.includes(hole)) continue
      isFaulty = true
      const hint = suggest(hole, names) ?? `add ${hole} to its arguments`
      manifest.tell({
        code: 'HUB_CONFIG_PLACEHOLDER',
        message: `{${hole}} is not an argument of this prompt`,
        hint,
        path: [...path, 'messages', index, role],
        within: { offset: match.index, length: whole.length },
      })
    }
  }
  for (const name of names.filter((one) => !used.has(one))) {
    manifest.tell({
      code: 'HUB_CONFIG_PLACEHOLDER',
      severity: 'warning',
      message: `no message uses the argument "${name}"`,
      hint: `write {${name}} where it belongs, or remove it`,
      path: [...path, 'arguments', name],
      part: 'key',
    })
  }
  return isFaulty
}
