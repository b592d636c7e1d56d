import { distance } from 'fastest-levenshtein'

/** The name that was meant, among those there are; undefined when none is near. */
export function closest(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase()
  let best: { readonly name: string; readonly steps: number } | undefined
  for (const one of known) {
    const steps = distance(wanted, one.toLowerCase())
    if (best === undefined || steps < best.steps) best = { name: one, steps }
  }
  return best !== undefined && best.steps <= Math.max(1, Math.floor(name.length / 3)) ? best.name : undefined
}

/** The hint that names it; else another way on. */
export const didYouMean = (name: string, known: Iterable<string>, otherwise: string): string => {
  const meant = closest(name, known)
  return meant === undefined ? otherwise : `did you mean "${meant}"?`
}
