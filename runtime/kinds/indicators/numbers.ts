/**
 * A computed number as it is answered: 15 significant digits, which every double holds and no computation in doubles exceeds; null for what does not exist.
 */
export const rounded = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(15)) : null)
