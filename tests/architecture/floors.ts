import { readFloors } from './cruise.ts'

/** `npm run floors`. A tree that shrank below this was not read whole. */
const least = 200

const { modules, dependencies, violations } = await readFloors(process.cwd())
for (const violation of violations) console.error(violation)
console.log(`${modules} modules, ${dependencies} dependencies, ${violations.length} violations`)
if (modules < least) console.error(`fewer than ${least} modules were read; the floors were not checked`)
process.exitCode = violations.length > 0 || modules < least ? 1 : 0
