import { dirname, join } from 'node:path'
import type { Language } from '../../codegen/emitter.ts'
import { createGenerate, type Generate } from '../../codegen/generate.ts'
import { templateFiles, userTemplates } from '../../codegen/templates.ts'
import { checkMade, writeMade } from '../../codegen/write.ts'
import type { Problem } from '../contract/place.ts'
import { kinds } from '../kinds/index.ts'
import type { Compiled } from '../manifest/compile.ts'
import { formatProblems } from '../manifest/problems.ts'
import { watchManifests } from '../manifest/watch.ts'
import { describeError } from './exits.ts'
import { version } from './package.ts'
import { untilStopped } from './stopping.ts'
import { bad, count, failed, good, quiet } from './style.ts'

/** What to generate from, and where to; `folder` is how people here name `out`. */
export interface Work {
  readonly configFile: string
  readonly out: string
  readonly folder: string
  readonly languages?: readonly Language[]
}

const mostShown = 20
/** Editors write a file in a few steps at most; a hub that serves waits longer, as its reload costs more. */
const settleMs = 25

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const warn = (line: string): void => void process.stderr.write(`${line}\n`)
const allWell = (files: number): string => `${count(files, 'generated file')} ${files === 1 ? 'is' : 'are'} as they should be`
function generator({ configFile, out }: Work): Generate {
  return createGenerate({ configFile, out, kinds, version })
}

/** Writes what differs; false when the manifests have errors. */
export async function write(work: Work): Promise<boolean> {
  const { compiled, made } = await generator(work)({ languages: work.languages })
  tellProblems(compiled.problems)
  if (made === undefined) return false
  const { written, removed, files } = writeMade(work.out, made)
  tellFiles([...written.map((path) => `wrote ${work.folder}/${path}`), ...removed.map((path) => `removed ${work.folder}/${path}`)])
  const changed = written.length + removed.length
  say(good(changed === 0 ? allWell(files) : `${count(files, 'generated file')}; ${written.length} written, ${removed.length} removed`))
  return true
}

/** Says which files are not what the manifests give; false when any is not. Nothing on disk is trusted: all is generated anew, in memory. */
export async function check(work: Work): Promise<boolean> {
  const { compiled, made } = await generator(work)({ languages: work.languages, fresh: true })
  tellProblems(compiled.problems)
  if (made === undefined) return false
  const problems = checkMade(work.out, work.folder, made)
  if (problems.length === 0) {
    say(good(allWell(made.outputs.length)))
    return true
  }
  say(formatProblems(problems.slice(0, mostShown)))
  if (problems.length > mostShown) say(`… and ${count(problems.length - mostShown, 'more file')}`)
  say(bad(`${count(problems.length, 'file')} not what the manifests give; run hub generate and commit what it writes`))
  return false
}

/** Writes now and after every edit, until told to stop. */
export async function watch(work: Work): Promise<boolean> {
  const stopped = untilStopped()
  const generate = generator(work)
  const templates = join(dirname(work.configFile), userTemplates)
  let compiled: Compiled = { problems: [], files: [work.configFile], directories: [dirname(work.configFile)] }
  let ofTemplates = await templateFiles(templates)
  let running: Promise<void> | undefined
  let again = false

  let warm = true

  async function once(): Promise<void> {
    const begin = performance.now()
    const { compiled: now, made } = await generate({ languages: work.languages, warm })
    warm = false
    compiled = now
    tellProblems(now.problems)
    if (made === undefined) return warn(bad('nothing was written; what was generated before stays'))
    const { written, removed } = writeMade(work.out, made)
    const of = made.connectors.length === 0 ? 'up to date' : made.connectors.slice(0, 5).join(', ')
    say(`${good(of)}: ${written.length} written, ${removed.length} removed in ${Math.round(performance.now() - begin)} ms`)
  }

  // One at a time; edits that come meanwhile make one more, not one each.
  async function run(): Promise<void> {
    do {
      again = false
      await once().catch((error: unknown) => warn(failed(describeError(error).text)))
      ofTemplates = await templateFiles(templates)
    } while (again)
    running = undefined
  }

  await run()
  const watcher = watchManifests({
    files: () => [...compiled.files, ...ofTemplates],
    directories: () => compiled.directories,
    settleMs,
    onChange: () => {
      if (running) again = true
      else running = run()
    },
  })
  say(quiet(`watching ${count(compiled.files.length, 'file')}; Ctrl-C stops`))
  // The watcher keeps no process alive by itself.
  const alive = setInterval(() => undefined, 60_000)
  await stopped
  clearInterval(alive)
  watcher.close()
  again = false
  await running
  return true
}

function tellProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) warn(formatProblems(problems))
}

function tellFiles(lines: readonly string[]): void {
  for (const line of lines.slice(0, mostShown)) say(line)
  if (lines.length > mostShown) say(`… and ${count(lines.length - mostShown, 'more file')}`)
}
