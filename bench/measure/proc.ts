import { readFileSync, readdirSync } from 'node:fs'

// Linux counts process time in hundredths of a second for every reader, whatever the kernel's own tick.
const msPerTick = 10

/** The processes of these trees, roots first. Processes that ended are left out; without /proc only the roots are known. */
export function treeOf(roots: readonly number[]): number[] {
  const children = new Map<number, number[]>()
  for (const pid of allPids()) {
    const parent = Number(statOf(pid)?.[1])
    if (parent) children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const found = [...roots]
  for (const pid of found) found.push(...(children.get(pid) ?? []))
  return found
}

/** User and system time these processes have taken so far, in milliseconds; undefined where /proc is not there. */
export function cpuMsOf(pids: readonly number[]): number | undefined {
  return sum(pids, (pid) => {
    const stat = statOf(pid)
    return stat && (Number(stat[11]) + Number(stat[12])) * msPerTick
  })
}

/** Resident memory of these processes, in bytes; pages they share are counted in each. */
export function residentBytesOf(pids: readonly number[]): number | undefined {
  return sum(pids, (pid) => {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  })
}

function sum(pids: readonly number[], valueOf: (pid: number) => number | undefined): number | undefined {
  const values = pids.map(valueOf).filter((value) => value !== undefined)
  return values.length === 0 ? undefined : values.reduce((total, value) => total + value, 0)
}

function allPids(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0)
  } catch {
    return []
  }
}

/** The fields of /proc/<pid>/stat after the command's name, which may hold spaces and brackets. */
function statOf(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/stat`)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
