const json = 'application/json'

/** True when a Content-Type names application/json, whatever its parameters. As the SDK judges it, without loading the SDK. */
export function isJsonContentType(header: string | undefined): boolean {
  if (header === json) return true
  if (header?.split(';', 1)[0]?.trim().toLowerCase() !== json) return false
  // Two types in one header are none, unless the comma is inside a quoted parameter.
  return !header.replace(/"(?:[^"\\]|\\.)*"/g, '').includes(',')
}
