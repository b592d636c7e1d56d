/** What a search for the rows to blame may spend. */
export interface Bounds {
  readonly faults: number
  readonly attempts: number
}

/**
 * Finds which of rows 0 to `count` cannot be written: tries all, then halves of what failed. `attempt` writes a range whole or resolves with why not; it rejects for what no row is to blame for.
 * Resolves with the faults found and whether the search ended before its bounds did.
 */
export async function findFaults<Why>(
  count: number,
  attempt: (from: number, to: number) => Promise<Why | undefined>,
  bounds: Bounds,
): Promise<{ readonly faults: readonly { readonly index: number; readonly why: Why }[]; readonly isWhole: boolean }> {
  const faults: { index: number; why: Why }[] = []
  // In order, so that of two rows that exclude each other the first is written.
  const open: (readonly [from: number, to: number])[] = [[0, count]]
  for (let attempts = 0; open.length > 0; attempts += 1) {
    if (faults.length >= bounds.faults || attempts >= bounds.attempts) return { faults, isWhole: false }
    const [from, to] = open.pop() as readonly [number, number]
    const why = await attempt(from, to)
    if (why === undefined) continue
    const middle = (from + to) >> 1
    if (to - from === 1) faults.push({ index: from, why })
    else open.push([middle, to], [from, middle])
  }
  return { faults, isWhole: true }
}
