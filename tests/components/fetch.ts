import { installEngine } from './clickhouse/install.ts'
import { fetchKafka, kafkaMissing } from './kafka.ts'

// Brings the components that are too large for devDependencies into .hub/cache before tests run, so that no test waits for a download.
// What cannot be had is said; its tests are then skipped, and counted.
async function clickHouse(): Promise<string | undefined> {
  const found = await installEngine()
  return 'reason' in found ? found.reason : undefined
}

async function kafka(): Promise<string | undefined> {
  const missing = await kafkaMissing()
  if (missing === undefined) await fetchKafka()
  return missing
}

for (const [component, get] of Object.entries({ ClickHouse: clickHouse, Kafka: kafka })) {
  const began = performance.now()
  const reason = await get().catch((error: unknown) => (error as Error).message.split('\n', 1)[0])
  console.log(reason ?? `${component} is here, after ${((performance.now() - began) / 1_000).toFixed(1)} s`)
}
