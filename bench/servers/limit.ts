import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

// The limit: one canned answer for each path on bare node:http. The request is read to its end and not looked at.
const answers = new Map(
  Object.entries(JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as Record<string, string>).map(([path, body]) => [path, Buffer.from(body)]),
)

const server = createServer((request, response) => {
  request.resume()
  request.once('end', () => {
    const body = answers.get(request.url!)
    if (body) response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
    else response.writeHead(404).end()
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}`)
})
process.once('SIGTERM', () => process.exit())
