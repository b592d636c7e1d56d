import { closest, distance } from 'fastest-levenshtein'

const most = 2_000

/** `did you mean "summary"?` where one of the known names is close to the one given; undefined otherwise. */
export function suggest(given: string, known: Iterable<string>): string | undefined {
  const name = nearest(given, known)
  return name === undefined ? undefined : `did you mean "${name}"?`
}

function nearest(given: string, known: Iterable<string>): string | undefined {
  const candidates = [...known].slice(0, most)
  if (candidates.length === 0 || given.length > 200) return undefined
  const best = closest(
    given.toLowerCase(),
    candidates.map((name) => name.toLowerCase()),
  )
  const found = candidates.find((name) => name.toLowerCase() === best) as string
  const steps = distance(given.toLowerCase(), best)
  // Two letters that changed places are two steps; in a short name two others would make it another.
  const allowed = given.length < 4 && !isSwap(given.toLowerCase(), best) ? 1 : Math.max(2, Math.floor(Math.max(given.length, best.length) / 3))
  return steps <= allowed ? found : undefined
}

const isSwap = (a: string, b: string): boolean => a.split('').toSorted().join('') === b.split('').toSorted().join('')

/** The known names as a short list: `"a", "b" or "c"`. */
export function listed(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).map((name) => `"${name}"`)
  if (names.length > most) return `${shown.join(', ')} and ${names.length - most} more`
  if (shown.length < 2) return shown.join('')
  return `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`
}
