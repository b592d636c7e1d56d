import { compare } from '../toolsets.ts'

const words = (text: string): readonly string[] => text.match(/[A-Za-z0-9]+/g) ?? []
const upperFirst = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`
const asIdentifier = (name: string, otherwise: string): string => (name === '' ? otherwise : /^[0-9]/.test(name) ? `_${name}` : name)

/** `latest_candles` as the name of a type: `LatestCandles`. Always an identifier. */
export const pascalCase = (text: string): string => asIdentifier(words(text).map(upperFirst).join(''), 'Unnamed')

/** `latest_candles` as the name of a method: `latestCandles`. Always an identifier, though it may be a reserved word. */
export function camelCase(text: string): string {
  const name = words(text).map(upperFirst).join('')
  return asIdentifier(`${name.charAt(0).toLowerCase()}${name.slice(1)}`, 'unnamed')
}

/** The name, or the first of name2, name3, … for which `isFree`. */
export function freeName(name: string, isFree: (candidate: string) => boolean): string {
  let candidate = name
  for (let number = 2; !isFree(candidate); number++) candidate = `${name}${number}`
  return candidate
}

/** Names for keys that may look alike after casing: each its own, numbered in the order of the sorted keys. */
export function namesFor(keys: Iterable<string>, cased: (key: string) => string, reserved: ReadonlySet<string> = new Set()): ReadonlyMap<string, string> {
  const taken = new Set(reserved)
  const names = new Map<string, string>()
  for (const key of [...keys].toSorted(compare)) {
    const name = freeName(cased(key), (candidate) => !taken.has(candidate))
    taken.add(name)
    names.set(key, name)
  }
  return names
}
