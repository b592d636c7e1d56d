/** What a duration in a stream's config looks like: `250ms`, `10s`, `5m`. Whole and not nothing: a stream that waits for no time would spin. */
export const durationPattern = '^[1-9]\\d{0,8}(ms|s|m|h)$'
