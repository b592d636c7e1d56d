import { runLoad } from './load.ts'
import { KeptStreams } from './stream.ts'
import type { Load } from './target.ts'

const streams = new KeptStreams()

// The driver's own process: it takes one load at a time and tells the sample back. A broken load may leave lanes running, so the process ends with it.
process.on('message', (load: Load) => {
  runLoad(load, streams).then(
    (sample) => process.send?.({ sample }),
    (error: Error) => process.send?.({ error: error.message }, () => process.exit(1)),
  )
})
process.on('disconnect', () => process.exit())
