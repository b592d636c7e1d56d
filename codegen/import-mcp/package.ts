/** A published MCP server, as `config.package` of a manifest names it. */
export interface PackageReference {
  readonly registry: 'npm' | 'pypi'
  readonly name: string
  readonly version: string
}

/** A command line with the package it runs taken out of it. */
export interface PackageCommand {
  readonly package: PackageReference
  readonly args: readonly string[]
}

const launchers: Readonly<
  Record<string, { readonly registry: PackageReference['registry']; readonly switches: ReadonlySet<string>; readonly reference: RegExp }>
> = {
  npx: { registry: 'npm', switches: new Set(['-y', '--yes', '-q', '--quiet']), reference: /^(@[^/@\s]+\/[^@\s]+|[^@/\s.][^@/\s]*)@(\d[^\s]*)$/ },
  uvx: { registry: 'pypi', switches: new Set(['-q', '--quiet']), reference: /^([A-Za-z0-9][A-Za-z0-9._-]*)(?:==|@)(\d[^\s]*)$/ },
}

/** Recognises `npx -y @scope/server@1.2.3 args` and `uvx server==1.2.3 args`; undefined for anything else, a package without an exact version included. */
export function recognisePackage(command: string, args: readonly string[]): PackageCommand | undefined {
  const launcher = launchers[command]
  if (launcher === undefined) return undefined
  const at = args.findIndex((arg) => !launcher.switches.has(arg))
  const [, name, version] = launcher.reference.exec(args[at] ?? '') ?? []
  if (name === undefined || version === undefined) return undefined
  return { package: { registry: launcher.registry, name, version }, args: args.slice(at + 1) }
}
