// Gives the Docker engine one order and ends when it is carried out: a process of its own, for tests whose next line must find it done.
// Standard input tells where the engine listens, and the path to post to.
import { once } from 'node:events'
import { request as plain, type IncomingMessage } from 'node:http'
import { request as secure } from 'node:https'
import { text } from 'node:stream/consumers'

const { protocol, ...order } = JSON.parse(await text(process.stdin)) as { readonly protocol: string }
const sent = (protocol === 'https' ? secure : plain)({ ...order, method: 'POST' }).end()
const [answer] = (await once(sent, 'response')) as [IncomingMessage]
const said = await text(answer)
if (answer.statusCode !== 204) throw new Error(`the Docker engine answered ${answer.statusCode}: ${said}`)
