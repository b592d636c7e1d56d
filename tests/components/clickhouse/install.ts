import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'

/** The engine and what calls it, pinned. 546 MB on disk, which is why they are no devDependencies. */
export const versions = { chdb: '3.4.0', 'ffi-rs': '1.3.7' }

const platforms = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']
const folder = resolve(import.meta.dirname, '..', '..', '..', '.hub', 'cache', `chdb-${versions.chdb}`)
const lock = `${folder}.lock`
const run = promisify(execFile)

/** Where the engine lies, installed at the first time; or why this machine cannot have it. Test files that start together wait for one installation. */
export async function installEngine(): Promise<{ readonly folder: string } | { readonly reason: string }> {
  const platform = `${process.platform}-${process.arch}`
  if (!platforms.includes(platform)) return { reason: `ClickHouse: no engine for ${platform}` }
  while (!existsSync(folder)) {
    const isMine = await takeLock()
    if (!isMine) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      continue
    }
    try {
      if (!existsSync(folder)) await install()
    } catch (error) {
      return { reason: `ClickHouse: npm could not install chdb ${versions.chdb} (${String((error as { code?: unknown }).code ?? 'failed')})` }
    } finally {
      await rm(lock, { force: true })
    }
  }
  return { folder }
}

async function install(): Promise<void> {
  const half = `${folder}.${process.pid}`
  await mkdir(half, { recursive: true })
  try {
    await writeFile(`${half}/package.json`, JSON.stringify({ private: true, dependencies: versions }))
    // No scripts: the packages need none, and nothing of theirs is to run but the engine.
    await run('npm', ['install', '--prefix', half, '--no-audit', '--no-fund', '--ignore-scripts'])
    await rename(half, folder)
  } finally {
    await rm(half, { recursive: true, force: true })
  }
}

/** False while another process that is alive installs. */
async function takeLock(): Promise<boolean> {
  await mkdir(dirname(lock), { recursive: true })
  try {
    const file = await open(lock, 'wx')
    await file.writeFile(String(process.pid))
    await file.close()
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error
  }
  const owner = Number(await readFile(lock, 'utf8').catch(() => ''))
  if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true })
  return false
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
