import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fetchImage, findEngine, listens, startReaper, type Engine } from './engine.ts'
import { imageOf } from './image.ts'
import type { ContainerComponent } from './switch.ts'

const startMs = 90_000

/** What is to be started. */
export interface ContainerPlan {
  readonly component: ContainerComponent
  /** Instead of the image's own. */
  readonly command?: readonly string[]
  readonly user?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Text for files, by their path in the container. */
  readonly files?: Readonly<Record<string, string>>
  /** Ports of loopback, fixed: one that the engine chooses is another one after a restart. */
  readonly ports: readonly { readonly container: number; readonly host: number }[]
  /** Whether it answers from outside; one that throws does not. */
  isReady(): Promise<boolean>
}

/** A container that answered, with its data until it is removed. */
export interface RunningContainer {
  /** Its address on the engine's own network, for other containers. */
  readonly address: string
  /** Runs a command inside; resolves with what it printed. */
  run(command: readonly string[]): Promise<string>
  /** SIGKILL. */
  kill(): Promise<void>
  /** The signal by which its image wants to be stopped. */
  end(): Promise<void>
  /** Resolves when it has ended by itself. */
  ended(): Promise<void>
  /** Starts it again on the same ports and data; resolves when it answers. */
  start(): Promise<void>
  /** Stops every process in it from doing anything, connections open; done when this returns. */
  freeze(): void
  thaw(): void
  /** Ends it and leaves no volume behind. */
  remove(): Promise<void>
}

/** Starts the image of a component and waits until it answers. */
export async function startContainer(plan: ContainerPlan): Promise<RunningContainer> {
  const engine = await findEngine()
  await startReaper(engine)
  await fetchImage(plan.component)
  const id = await create(engine, plan)
  const container = engine.client.container.getById(id)
  const isRunning = async (): Promise<boolean> => (await container.inspect()).State.Running
  const order = (word: 'pause' | 'unpause'): void => give({ ...listens(engine.client), path: `/containers/${id}/${word}` })
  return {
    address: Object.values((await container.inspect()).NetworkSettings.Networks)[0]?.IPAddress ?? '',
    run: async (command) => {
      const { exitCode, output } = await engine.client.container.exec(container, [...command])
      if (exitCode !== 0) throw new Error(`${command[0]} in the container of ${plan.component} failed: ${output}`)
      return output
    },
    kill: async () => {
      if (await isRunning()) await container.kill()
    },
    end: async () => {
      if (await isRunning()) await container.stop()
    },
    ended: async () => void (await container.wait()),
    start: async () => {
      await container.start()
      await untilReady(engine, id, plan)
    },
    freeze: () => order('pause'),
    thaw: () => order('unpause'),
    remove: () => container.remove({ force: true, v: true }),
  }
}

/** Resolves with the id of a container that answers; one that does not is removed. */
async function create(engine: Engine, plan: ContainerPlan): Promise<string> {
  const image = imageOf(plan.component)
  let id: string | undefined
  class OnLoopback extends engine.library.GenericContainer {
    protected override beforeContainerCreated(): Promise<void> {
      this.hostConfig.PortBindings = Object.fromEntries(
        plan.ports.map((port) => [`${port.container}/tcp`, [{ HostIp: '127.0.0.1', HostPort: String(port.host) }]]),
      )
      return Promise.resolve()
    }
    protected override containerCreated(made: string): Promise<void> {
      id = made
      return Promise.resolve()
    }
  }
  const container = new OnLoopback(image)
    .withExposedPorts(...plan.ports)
    .withEnvironment(plan.environment ?? {})
    .withCopyContentToContainer(Object.entries(plan.files ?? {}).map(([target, content]) => ({ target, content, mode: 0o644 })))
    .withWaitStrategy({
      waitUntilReady: ({ id }) => untilReady(engine, id, plan),
      withStartupTimeout() {
        return this
      },
      isStartupTimeoutSet: () => true,
      getStartupTimeout: () => startMs,
    })
  if (plan.command !== undefined) container.withCommand([...plan.command])
  if (plan.user !== undefined) container.withUser(plan.user)
  try {
    return (await container.start()).getId()
  } catch (error) {
    const removed = id === undefined ? undefined : engine.client.container.getById(id).remove({ force: true, v: true })
    await removed?.catch(() => {})
    throw new Error(`${plan.component} did not start from the image ${image}: ${(error as Error).message}`, { cause: error })
  }
}

async function untilReady({ client }: Engine, id: string, plan: ContainerPlan): Promise<void> {
  const container = client.container.getById(id)
  const until = performance.now() + startMs
  while (!(await plan.isReady().catch(() => false))) {
    const isRunning = (await container.inspect()).State.Running
    if (isRunning && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      continue
    }
    const said = (await container.logs({ stdout: true, stderr: true, tail: 20 })).toString()
    // The engine sends lines with a frame of bytes around each.
    throw new Error(`${plan.component} ${isRunning ? 'does not answer' : 'ended'}: ${said.replaceAll(/[^\x20-\x7e\n]/g, '').slice(-1_000)}`)
  }
}

/** Waits for the engine without letting this process go on: a test that froze a server relies on it in the same turn. */
function give(order: object): void {
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'order.ts')], { input: JSON.stringify(order), encoding: 'utf8' })
  if (status !== 0) throw new Error(`the Docker engine did not take an order: ${stderr}`)
}
