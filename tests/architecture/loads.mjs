// Preloaded into a process that is watched: notes the URL of every module it loads, one a line, as it loads it.
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOADS_FILE, `${url}\n`)
    return next(url, context)
  },
})
