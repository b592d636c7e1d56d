/** The target of the first link of a relation in a `Link` header (RFC 8288, section 3); undefined when there is none. */
export function linkIn(header: string, relation: string): string | undefined {
  let at = 0
  while (at < header.length) {
    const open = header.indexOf('<', at)
    const close = header.indexOf('>', open)
    if (open < 0 || close < 0) return undefined
    const { relations, end } = parametersAt(header, close + 1)
    if (relations.includes(relation)) return header.slice(open + 1, close)
    at = end
  }
  return undefined
}

/** Reads `; name=value; name="quoted value"` up to the comma that ends a link. */
function parametersAt(header: string, from: number): { readonly relations: readonly string[]; readonly end: number } {
  const parameter = /\s*(?:;\s*([^\s=;,]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?)|\s*(,)|[^,;]+/gy
  parameter.lastIndex = from
  let relations: readonly string[] | undefined
  for (let match = parameter.exec(header); match !== null; match = parameter.exec(header)) {
    const [, name, quoted, plain, comma] = match
    if (comma !== undefined) break
    // Of several rel parameters only the first counts.
    if (name?.toLowerCase() === 'rel') relations ??= (quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '').toLowerCase().split(/\s+/)
    if (parameter.lastIndex >= header.length) break
  }
  return { relations: relations ?? [], end: parameter.lastIndex === 0 ? header.length : parameter.lastIndex }
}
