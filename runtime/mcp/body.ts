import type { IncomingMessage } from 'node:http'
import { HubError } from '../contract/errors.ts'

/** Reads a request's body as UTF-8 text and hands it on, or HUB_BODY_TOO_LARGE as soon as more than the bound is declared or arrives; says nothing when the caller goes away first. */
export function readBody(request: IncomingMessage, mostBytes: number, done: (error: HubError | undefined, text: string) => void): void {
  if (Number(request.headers['content-length']) > mostBytes) return done(tooLarge(mostBytes), '')
  let first: Buffer | undefined
  let more: Buffer[] | undefined
  let received = 0
  let over = false

  request.on('data', (chunk: Buffer) => {
    if (over) return
    received += chunk.length
    if (received > mostBytes) {
      over = true
      first = more = undefined
      return done(tooLarge(mostBytes), '')
    }
    if (first === undefined) first = chunk
    else (more ??= [first]).push(chunk)
  })
  request.on('end', () => {
    if (over) return
    if (more) return done(undefined, Buffer.concat(more).toString('utf8'))
    done(undefined, first === undefined ? '' : first.toString('utf8'))
  })
}

const tooLarge = (mostBytes: number): HubError =>
  new HubError('HUB_BODY_TOO_LARGE', `the request body is over ${mostBytes} bytes, the most this hub takes`, { limit: mostBytes })
