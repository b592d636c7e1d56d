import { createServer } from 'node:http'
import { answerTo, echoTool, type Message } from './echo.ts'

// The fastest upstream that still reads what it is asked: both eras, no sessions, bare node:http.
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.once('end', () => {
    if (request.method !== 'POST') return response.writeHead(405, { allow: 'POST' }).end()
    const answer = answerTo(JSON.parse(Buffer.concat(parts).toString()) as Message, [echoTool])
    if (answer === undefined) return response.writeHead(202).end()
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) }).end(answer)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}`)
})
process.once('SIGTERM', () => process.exit())
