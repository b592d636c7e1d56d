import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes down that a test run used a real component, where HUB_COMPONENTS_FILE says, so that a run can print and count them. */
export function used(component: string): void {
  const file = process.env['HUB_COMPONENTS_FILE']
  if (file === undefined || file === '') return
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${component}\n`)
}
