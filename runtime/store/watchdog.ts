import { spawn } from 'node:child_process'

// POSIX sh: waits for its input to end (the process that started the server is gone or done), then for the last lease, then stops the server.
// It checks the note before it signals, so that a process id used again is left alone.
const script = `
read -r _
note="$1/postmaster.pid"
read -r pid < "$note" || exit 0
while kill -0 "$pid" 2>/dev/null; do
  used=
  for lease in "$2"/*; do
    holder=\${lease##*/}
    kill -0 "\${holder%%-*}" 2>/dev/null && used=yes && break
  done
  if [ -z "$used" ]; then
    read -r now < "$note" && [ "$now" = "$pid" ] && kill -INT "$pid"
    exit 0
  fi
  sleep 1
done`

/** Stops the server when every process that uses it is gone, even by `kill -9`. `release` lets go of it and, with `gone`, waits for its end. A machine without sh has none; the next start then attaches or recovers. */
export interface Watchdog {
  release(gone: boolean): Promise<void>
}

/** Starts the watchdog of a data folder: a shell of about 1 MB that sleeps on its input. */
export function startWatchdog(data: string, leases: string): Watchdog {
  const child = spawn('sh', ['-c', script, 'hub-postgres-watchdog', data, leases], {
    cwd: '/',
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  })
  child.stdin.on('error', () => undefined)
  child.unref()
  // The pipe alone must not keep the hub's process alive.
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  return {
    release(gone) {
      child.stdin.end()
      if (gone) child.ref()
      return gone ? ended : Promise.resolve()
    },
  }
}
