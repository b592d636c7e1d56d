import { existsSync, globSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { cruise, type ICruiseResult, type IConfiguration } from 'dependency-cruiser'

/** What one reading of a tree against floors.cjs found. */
export interface Reading {
  readonly modules: number
  readonly dependencies: number
  /** `rule: from → to`, one line each; circles and start-up paths name every file on the way. */
  readonly violations: readonly string[]
}

const folders = ['runtime', 'codegen', 'generated']
const floors = createRequire(import.meta.url)('../../floors.cjs') as IConfiguration

/** Reads every TypeScript file of runtime, codegen and generated below `root` and holds it to floors.cjs. Throws when a file was not read. */
export async function readFloors(root: string): Promise<Reading> {
  const present = folders.filter((folder) => existsSync(join(root, folder)))
  const { enhancedResolveOptions, ...options } = floors.options ?? {}
  const ruleSet = { forbidden: floors.forbidden ?? [] }
  const { output } = await cruise(present, { ...options, ruleSet, validate: true, baseDir: root }, enhancedResolveOptions)
  const result = output as ICruiseResult
  const read = new Set(result.modules.map((module) => module.source))
  const unread = globSync(
    present.map((folder) => `${folder}/**/*.ts`),
    { cwd: root },
  ).filter((file) => !read.has(file))
  if (unread.length > 0) throw new Error(`dependency-cruiser did not read ${unread.length} files, ${unread[0]} for one: is @swc/core installed?`)
  return {
    modules: result.modules.filter((module) => folders.some((folder) => module.source.startsWith(`${folder}/`))).length,
    dependencies: result.summary.totalDependenciesCruised ?? 0,
    violations: [...result.summary.violations.map(sentence), ...driversAtStart(result)],
  }
}

function sentence(violation: ICruiseResult['summary']['violations'][number]): string {
  const way = violation.cycle?.map((step) => step.name) ?? [violation.to]
  return `${violation.rule.name}: ${violation.from} → ${way.join(' → ')}`
}

/** The shortest chain of static imports from the list of kinds to each driver package: empty while drivers are imported on first open. */
function driversAtStart(result: ICruiseResult): string[] {
  const rule = floors.forbidden?.find(({ name }) => name === 'drivers-are-opened-not-declared')
  if (rule === undefined || !('to' in rule)) throw new Error('floors.cjs names no driver packages')
  const driver = new RegExp(String(rule.to.path))
  const bySource = new Map(result.modules.map((module) => [module.source, module]))
  const wayTo = new Map([['runtime/kinds/index.ts', 'runtime/kinds/index.ts']])
  for (const [source, way] of wayTo) {
    if (driver.test(source)) continue
    for (const { resolved, dependencyTypes } of bySource.get(source)?.dependencies ?? []) {
      if (dependencyTypes.includes('type-only') || dependencyTypes.includes('dynamic-import') || wayTo.has(resolved)) continue
      wayTo.set(resolved, `${way} → ${resolved}`)
    }
  }
  return [...wayTo].filter(([source]) => driver.test(source)).map(([, way]) => `no-driver-at-start: ${way}`)
}
