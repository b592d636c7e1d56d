#!/usr/bin/env node
// The bin `hub`. In the published package it starts dist/; in a checkout it starts the sources, on the Node of package.json when the machine's own is too old.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const oldest = [22, 19]
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = join(root, 'runtime', 'main.ts')
const built = join(root, 'dist', 'runtime', 'main.js')
const ownNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

// Objects of calls under way live in V8's space for the young, which begins at 1 MB and returns to it in every quiet moment. With many callers that is too little:
// what they hold is copied, taken for old and collected late, for twice the work of the call itself. Its least size can only be said when a process begins.
const leastYoung = '--min-semi-space-size=8'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const isCurrent = major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
const inCheckout = existsSync(source)

if (isCurrent) await start()
else if (inCheckout && existsSync(ownNode)) await startOn(ownNode)
else {
  process.stderr.write(
    inCheckout
      ? 'the hub is not set up yet: run `npm start` once, it installs what is missing\n'
      : `the hub needs Node ${oldest.join('.')} or newer; this is ${process.versions.node}\n`,
  )
  process.exitCode = 1
}

function start() {
  const { execArgv, execPath } = process
  // The same process begins anew, 40 ms later; where that cannot be (Windows) the hub runs as it is.
  if (process.argv[2] === 'serve' && process.execve && !execArgv.some((flag) => flag.startsWith('--min-semi-space-size')))
    process.execve(execPath, [execPath, ...execArgv, leastYoung, ...process.argv.slice(1)], process.env)
  // Before the first TypeScript file is met: one that is kept compiled needs no compiler, which takes 60 ms to load.
  if (inCheckout) module.enableCompileCache(join(root, '.hub', 'compiled'))
  return import(pathToFileURL(inCheckout ? source : built).href)
}

function startOn(node) {
  return new Promise((resolve) => {
    const child = spawn(node, [leastYoung, source, ...process.argv.slice(2)], { stdio: 'inherit' })
    // A terminal's Ctrl-C reaches the child by itself; this process only has to stay until the child has closed everything.
    process.on('SIGINT', () => {})
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    child.on('close', (code, signal) => {
      process.exitCode = code ?? (signal ? 1 : 0)
      resolve()
    })
  })
}
