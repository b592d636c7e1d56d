// Ends npm and what it started. Plain JavaScript for the machine's own Node 20, as all of the set-up.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Ends a process and all below it at once. */
export function endTree(pid) {
  if (process.platform === 'win32') return void spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'])
  // All are named before the first is ended: those below it would lose the parent they are found by.
  for (const each of [pid, ...below(pid, parents())]) end(each)
}

function end(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

const below = (pid, pairs) => pairs.filter(([, parent]) => parent === pid).flatMap(([child]) => [child, ...below(child, pairs)])

/** Every process and its parent. */
function parents() {
  // Small images of Linux have no ps.
  if (existsSync('/proc/self/stat')) return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? readStat(Number(name)) : []))
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  return (stdout ?? '').split('\n').map((line) => line.trim().split(/\s+/).map(Number))
}

function readStat(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in brackets may hold spaces; fields are counted from behind it.
    return [[pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]]
  } catch {
    return []
  }
}
