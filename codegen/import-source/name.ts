import { HubError } from '../../runtime/contract/errors.ts'

/** Rejects HUB_CONFIG_NAME for what cannot name an imported connector: it prefixes every tool, so it is kept short. */
export function checkName(name: string): void {
  if (!/^[a-z][a-z0-9_]{0,29}$/.test(name)) {
    throw new HubError('HUB_CONFIG_NAME', `"${name}" cannot name a connector: use a small letter, then at most 29 small letters, digits and _`)
  }
}

/** A name for a connector from a title, an address or a table: small letters, digits and _. */
export function nameFrom(text: string): string {
  const cleaned = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, 30)
    .replace(/_+$/, '')
  return cleaned === '' ? 'imported' : cleaned
}

/** The name of a secret or variable of a connector: `petstore`, `api_key` give PETSTORE_API_KEY. */
export function variableName(...parts: readonly string[]): string {
  const name = parts
    .join('_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
  return /^[A-Z]/.test(name) ? name : `HUB_${name}`
}
