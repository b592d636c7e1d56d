/** The longest lifetime anything has, in milliseconds: 100 years. */
export const longestMs = 36_525 * 86_400_000
