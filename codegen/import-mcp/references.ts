import type { JsonObject } from '../../runtime/contract/json.ts'

const secretName = /key|token|secret|passw|pwd|credential|auth|cookie|dsn/i
const secretValue = /:\/\/[^/\s]*:[^/\s]*@|^[A-Za-z0-9+/_=-]{24,}$/

/** Environment for a child as a manifest holds it: what looks secret becomes a reference, the rest a default that the hub's environment overrides. */
export function environmentReferences(env: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, secretName.test(name) || secretValue.test(value) ? { secret: name } : reference(name, value)]),
  )
}

/** Headers as a manifest holds them: every one a reference, because credentials travel in headers of any name. */
export function headerReferences(connector: string, headers: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.keys(headers).map((header) => [header, { secret: headerSecret(connector, header) }]))
}

/** The name of the secret that holds one header of a connector. */
export function headerSecret(connector: string, header: string): string {
  return `${connector}_${header}`.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
}

/** The secrets a config refers to. */
export function secretsIn(references: JsonObject): readonly string[] {
  return Object.values(references).flatMap((value) => (value !== null && typeof value === 'object' && 'secret' in value ? [value.secret as string] : []))
}

function reference(name: string, value: string): string {
  return value === '' || /[{}$]/.test(value) ? `\${${name}}` : `\${${name}:-${value}}`
}
