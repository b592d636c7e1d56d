import type * as Testcontainers from 'testcontainers'
import { imageOf } from './image.ts'
import type { ContainerComponent } from './switch.ts'

/** How a Docker engine is spoken to. */
export interface Engine {
  readonly library: typeof Testcontainers
  readonly client: Testcontainers.ContainerRuntimeClient
}

/** Where an engine listens: the options of Node's `http.request`. */
export interface Listens {
  readonly protocol: string
  readonly socketPath?: string
  readonly host?: string
  readonly port?: number | string
  readonly ca?: unknown
  readonly cert?: unknown
  readonly key?: unknown
}

/** The Docker engine that answers here. The library is loaded by this call only: it takes half a second, and most runs need none of it. */
export async function findEngine(): Promise<Engine> {
  const library = await import('testcontainers')
  const client = await library.getContainerRuntimeClient().catch(() => undefined)
  const named = process.env['DOCKER_HOST'] ?? ''
  // Where DOCKER_HOST does not answer the library goes on to the usual socket, which is not the engine that was named.
  if (client !== undefined && (named === '' || isAt(named, listens(client)))) return { library, client }
  const where = named === '' ? '' : ` at DOCKER_HOST=${named}`
  throw new Error(
    `HUB_TEST_CONTAINERS is ${process.env['HUB_TEST_CONTAINERS']}, and no Docker engine answers${where}: start one, name it by DOCKER_HOST, or run without HUB_TEST_CONTAINERS, where components come from packages`,
  )
}

/** Where the engine of a client listens. */
export function listens(client: Testcontainers.ContainerRuntimeClient): Listens {
  const { protocol, socketPath, host, port, ca, cert, key } = client.container.dockerode.modem as unknown as Listens
  return { protocol, socketPath, host, port, ca, cert, key }
}

/** Has the image of a component on this machine, fetched where it is not there yet. */
export async function fetchImage(component: ContainerComponent): Promise<void> {
  const { library, client } = await findEngine()
  const image = imageOf(component)
  await client.image.pull(library.ImageName.fromString(image)).catch((error: unknown) => {
    throw new Error(`the image ${image} of docker-compose.yml cannot be had: ${(error as Error).message}`, { cause: error })
  })
}

/** Has what removes, when this process is gone, whatever it did not remove itself. */
export async function startReaper({ library, client }: Engine): Promise<void> {
  await library.getReaper(client).catch((error: unknown) => {
    throw new Error(`the reaper of testcontainers does not start: ${(error as Error).message}; TESTCONTAINERS_RYUK_DISABLED=true goes without it`, {
      cause: error,
    })
  })
}

function isAt(named: string, { socketPath, host, port }: Listens): boolean {
  return named.includes(socketPath ?? `${host}:${port}`)
}
