import { parentPort, workerData } from 'node:worker_threads'
import { HubError } from '../../contract/errors.ts'
import { remember, unnumbered, type FromWorker, type ToWorker } from './messages.ts'
import type { Request } from './requests.ts'
import type { Space } from './spaces.ts'
import { Token } from './token.ts'
import { Vault, type VaultConfig } from './vault.ts'

// The far end of desk.ts: the thread that waits for the disk.
const port = parentPort as NonNullable<typeof parentPort>
let outgoing: FromWorker[] = []

// What is answered in one turn goes out together.
function say(message: FromWorker): void {
  outgoing.push(message)
  if (outgoing.length > 1) return
  process.nextTick(() => {
    const messages = outgoing
    outgoing = []
    port.postMessage(messages, [])
  })
}

const vault = new Vault(workerData as VaultConfig, (changed) => say({ changed }))
const underWay = new Map<number, Token>()
const spaces = new Map<number, Space>()

// So many requests are worked on before their answers go out: they do not pile up here.
const mostAtOnce = 16
const incoming: ToWorker[] = []

port.on('message', (messages: readonly ToWorker[]) => {
  const isWorking = incoming.length > 0
  incoming.push(...messages)
  if (!isWorking) work()
})

function work(): void {
  for (const message of incoming.splice(0, mostAtOnce)) hear(message)
  if (incoming.length > 0) setImmediate(work)
}

function hear(message: ToWorker): void {
  if ('asked' in message) void serve(message.id, unnumbered(message.asked, spaces))
  else if ('space' in message) remember(spaces, message.number, message.space)
  else if ('cancel' in message) underWay.get(message.cancel)?.cancel()
  else {
    vault.close()
    port.close()
  }
}

async function serve(id: number, asked: Request): Promise<void> {
  const token = new Token()
  underWay.set(id, token)
  try {
    say({ id, reply: await vault.perform(asked, token) })
  } catch (error) {
    if (error instanceof HubError) say({ id, error: { code: error.code, message: error.message, details: error.details } })
    else say({ id, fault: error as Error })
  } finally {
    underWay.delete(id)
  }
}
