import type { ConnectorSpec } from '../contract/manifest.ts'
import type { Environed } from './environment.ts'
import type { Tell } from './problems.ts'
import { referenceName, type Found } from './secrets.ts'
import { unansweredRemark } from './settle.ts'

/** What a connector waits for: settings of its environment and secrets. Neither stops the hub. */
export function tellNeeds(environed: Environed, unanswered: readonly Found[], name: string, tell: Tell): ConnectorSpec['off'] {
  const parts = ['config', 'tools', 'resources', 'prompts']
  for (const { path, names } of environed.missing) {
    const mayWait = parts.includes(String(path[0]))
    const consequence = mayWait ? `${name} is off until it has` : 'it has no default either'
    const message = `the variable ${names.join(', ')} has no value; ${consequence}`
    tell({
      code: 'HUB_CONFIG_ENVIRONMENT',
      severity: mayWait ? 'warning' : 'error',
      message,
      hint: `set ${names.join(', ')}, or write a default: \${${names[0] ?? ''}:-…}`,
      path,
    })
  }
  for (const one of unanswered) tell({ ...unansweredRemark(one, `${name} is off until it has`), severity: one.isStoreUnknown ? 'error' : 'warning' })
  return needing(environed, unanswered)
}

/** The same where there is no environment to wait for: only what generated code will lack is told. */
export function tellLeftOut(environed: Environed, unanswered: readonly Found[], name: string, tell: Tell): ConnectorSpec['off'] {
  for (const { path, names } of environed.missing) {
    const part = String(path[0])
    const isCode = ['tools', 'resources', 'prompts'].includes(part)
    if (!isCode && !['connector', 'kind', 'summary'].includes(part)) continue
    const missing = `the variable ${names.join(', ')} has no default`
    tell({
      code: 'HUB_CONFIG_ENVIRONMENT',
      severity: isCode ? 'warning' : 'error',
      message: isCode ? `${missing}; what needs it is left out of the code generated for ${name}` : `${missing}, and generated code is of no environment`,
      hint: `write a default: \${${names[0] ?? ''}:-…}`,
      path,
    })
  }
  return needing(environed, unanswered)
}

function needing(environed: Environed, unanswered: readonly Found[]): ConnectorSpec['off'] {
  const needs = [...new Set([...environed.missing.flatMap(({ names }) => names), ...unanswered.map(({ reference }) => referenceName(reference))])]
  return needs.length === 0 ? undefined : { reason: `${needs.join(', ')} ${needs.length === 1 ? 'is' : 'are'} not set`, needs }
}
