import { freePort } from '../port.ts'
import type { RunningRedis } from '../redis.ts'
import { used } from '../used.ts'
import { startContainer } from './container.ts'

/** What the Redis of a container shares with that of a package. */
export interface RedisPlan {
  readonly password: string
  /** Its command line, for a port, the address to listen at, and the folder of its data. */
  flags(port: number, address: string, folder: string): readonly string[]
  /** Sends inline commands; resolves with what came back. */
  send(port: number, commands: string): Promise<string>
}

/** The addresses of those that run, by port. */
const addresses = new Map<number, string>()

/** Starts Redis from its image. It listens at one port inside and outside, which a cluster's node tells its clients. */
export async function startRedisContainer({ password, flags, send }: RedisPlan): Promise<RunningRedis> {
  const port = await freePort()
  const ask = (commands: string): Promise<string> => send(port, `AUTH ${password}\r\n${commands}\r\n`)
  const container = await startContainer({
    component: 'redis',
    command: ['redis-server', ...reachable(flags(port, '0.0.0.0', '/data'))],
    ports: [{ container: port, host: port }],
    isReady: async () => (await ask('PING')).includes('PONG'),
  })
  addresses.set(port, container.address)
  used('Redis (container)')
  return {
    url: `redis://:${password}@127.0.0.1:${port}/0`,
    port,
    password,
    pause: async () => {
      await Promise.all([container.ended(), ask('SHUTDOWN SAVE')])
    },
    crash: container.kill,
    resume: container.start,
    freeze: container.freeze,
    thaw: container.thaw,
    stop: async () => {
      addresses.delete(port)
      await container.remove()
    },
  }
}

/** A replica's flags with the address of the other container: its own loopback is not this machine's. */
function reachable(flags: readonly string[]): readonly string[] {
  const at = flags.indexOf('--replicaof') + 1
  const address = addresses.get(Number(flags[at + 1]))
  return at === 0 || address === undefined ? flags : flags.with(at, address)
}
