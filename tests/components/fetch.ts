import { installEngine } from './clickhouse/install.ts'
import { fetchImage, findEngine } from './containers/engine.ts'
import { containerComponents, inContainer, type ContainerComponent } from './containers/switch.ts'
import { fetchKafka, kafkaMissing } from './kafka.ts'

// Brings the components that are too large for devDependencies into .hub/cache before tests run, or the images of those that come from containers, so that no test waits for a download.
// What cannot be had is said; its tests are then skipped, and counted. A HUB_TEST_CONTAINERS that cannot be followed ends the run here.
async function clickHouse(): Promise<string | undefined> {
  const found = await installEngine()
  return 'reason' in found ? found.reason : undefined
}

async function kafka(): Promise<string | undefined> {
  const missing = await kafkaMissing()
  if (missing === undefined) await fetchKafka()
  return missing
}

const image = (component: ContainerComponent) => async (): Promise<undefined> => void (await fetchImage(component))
const inContainers = containerComponents.filter((component) => inContainer(component))
if (inContainers.length > 0) await findEngine()

const components = {
  ...(!inContainer('clickhouse') && { ClickHouse: clickHouse }),
  ...(!inContainer('redpanda') && { Kafka: kafka }),
  ...Object.fromEntries(inContainers.map((component) => [`the image of ${component}`, image(component)])),
}
for (const [component, get] of Object.entries(components)) {
  const began = performance.now()
  const reason = await get().catch((error: unknown) => (error as Error).message.split('\n', 1)[0])
  console.log(reason ?? `${component} is here, after ${((performance.now() - began) / 1_000).toFixed(1)} s`)
}
