import { readFile, writeFile } from 'node:fs/promises'
import { judgeCodegen } from './codegen/goals.ts'
import { measureCodegen } from './codegen/measure.ts'
import { startDatabase } from './database.ts'
import { startDriver } from './drive/driver.ts'
import { judge } from './goals.ts'
import { cache } from './groups/cache.ts'
import { federation } from './groups/federation.ts'
import type { Ground, Group, GroupName } from './groups/group.ts'
import { measureKinds } from './groups/kinds.ts'
import { list } from './groups/list.ts'
import { query } from './groups/query.ts'
import { judgeKinds } from './kinds/goals.ts'
import { measureGroup, type GroupResult } from './measure/run.ts'
import { readOptions, usage, type Options } from './options.ts'
import { installPeers } from './peers.ts'
import { buildHub } from './program.ts'
import { machineWith } from './report/machine.ts'
import { render, withMeasured, type Run } from './report/report.ts'

const groups: Readonly<Record<GroupName, (ground: Ground) => Group>> = { query, federation, list, cache }
const readme = new URL('README.md', import.meta.url)
const say = (line: string): void => void process.stderr.write(`${line}\n`)

async function measure(options: Options): Promise<Run> {
  if (options.parts.some((part) => part !== 'kinds')) buildHub(say)
  const codegen = options.parts.includes('codegen') ? await measureCodegen(options.effort.repetitions, (line) => say(`codegen: ${line}`)) : []
  const kinds = options.parts.includes('kinds') ? await measureKinds(options.kinds, options.pace, (line) => say(`kinds: ${line}`)) : []
  const others = { effort: options.effort, pace: options.pace, kinds, codegen }
  const verdictsOfOthers = [...judgeKinds(kinds), ...judgeCodegen(codegen)]
  const names = options.parts.filter((part) => part !== 'codegen' && part !== 'kinds')
  if (names.length === 0) return { machine: machineWith(), results: [], ...others, verdicts: verdictsOfOthers }
  await installPeers(say)
  const database = await startDatabase(say)
  const driver = startDriver()
  try {
    const machine = machineWith(database.version)
    const ground: Ground = { database, candles: await database.candles() }
    const results: GroupResult[] = []
    for (const name of names) results.push(await measureGroup(groups[name](ground), options.effort, driver, (line) => say(`${name}: ${line}`)))
    return { machine, results, ...others, verdicts: [...judge(results), ...verdictsOfOthers] }
  } finally {
    driver.close()
    await database.stop()
  }
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined) {
    console.log(usage)
    return 0
  }
  const run = await measure(options)
  const measured = render(run)
  console.log(`${measured}${options.quick ? '\n\nA quick run: it shows that everything runs and answers, not how fast.' : ''}`)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ at: new Date().toISOString(), ...run }, null, 2)}\n`)
  if (options.write) await writeFile(readme, withMeasured(await readFile(readme, 'utf8'), measured))
  const isShort = run.verdicts.some(({ state }) => state === 'missed' || state === 'not measured')
  return options.strict && isShort ? 1 : 0
}

// Each running server has one listener for the end of this process.
process.setMaxListeners(40)
try {
  process.exitCode = await main()
} catch (error) {
  say((error as Error).message)
  process.exitCode = 2
}
