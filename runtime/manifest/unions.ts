import type { ErrorObject } from 'ajv/dist/2020.js'
import { isObject } from '../contract/json.ts'

/**
 * A union that fails reports the faults of all its branches. Where one branch alone could have been meant, its faults stay and the others go; otherwise one fault of the
 * union itself stays. Needs Ajv's `verbose` errors.
 */
export function narrow(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let kept: readonly ErrorObject[] = []
  for (const error of errors) kept = error.keyword === 'anyOf' || error.keyword === 'oneOf' ? settle(kept, error) : [...kept, error]
  return kept
}

function settle(before: readonly ErrorObject[], union: ErrorObject): readonly ErrorObject[] {
  const isReferring = (union.schema as unknown[]).some((branch) => isObject(branch) && '$ref' in branch)
  if (isReferring) return fromReferences(before, union)
  const branches = (union.schema as unknown[]).map((branch) => partsOf(branch))
  const branchOf = (error: ErrorObject): number => branches.findIndex((parts) => parts.has(error.parentSchema))
  const others = before.filter((error) => branchOf(error) < 0)
  const inside = before.filter((error) => branchOf(error) >= 0)
  if (inside.length === 0) return [...others, union]
  const meant = branches
    .map((_parts, index) => inside.filter((error) => branchOf(error) === index))
    .filter((faults) => faults.length > 0 && !faults.some((fault) => isMismatch(fault, union)))
  return meant.length === 1 ? [...others, ...(meant[0] as readonly ErrorObject[])] : [...others, union]
}

/** Branches behind a `$ref` cannot be told apart; the faults they left at the union's place speak for it, an enumeration before all. */
function fromReferences(others: readonly ErrorObject[], union: ErrorObject): readonly ErrorObject[] {
  const isThere = (error: ErrorObject): boolean => error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`)
  const enumerated = others.findLast((error) => isThere(error) && error.keyword === 'enum' && error.instancePath === union.instancePath)
  if (enumerated) return [...others.filter((error) => error.instancePath !== union.instancePath), enumerated]
  return others.some(isThere) ? others : [...others, union]
}

/** True when the value is not even of the branch's sort. */
function isMismatch(fault: ErrorObject, union: ErrorObject): boolean {
  if (fault.instancePath === union.instancePath) return fault.keyword === 'type' || fault.keyword === 'const' || fault.keyword === 'enum'
  return fault.keyword === 'const' && fault.instancePath.lastIndexOf('/') === union.instancePath.length
}

function partsOf(schema: unknown, parts = new Set<unknown>()): ReadonlySet<unknown> {
  if (schema === null || typeof schema !== 'object' || parts.has(schema)) return parts
  parts.add(schema)
  for (const inner of Object.values(schema)) partsOf(inner, parts)
  return parts
}
