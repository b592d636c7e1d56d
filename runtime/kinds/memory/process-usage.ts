/** What everybody together may keep in one process. */
export const processBytes = 268_435_456

/** Bytes in use over all spaces of one process. */
export interface Usage {
  bytes: number
}
