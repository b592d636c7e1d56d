import { expect, test } from 'vitest'
import type { Session } from '../../../../runtime/kinds/mcp/session.ts'
import { Subscriptions } from '../../../../runtime/kinds/mcp/subscriptions.ts'

/** A session with a modern upstream that refuses one address. */
function modern(refused: string): { readonly session: Session; readonly open: (readonly string[])[] } {
  const open: (readonly string[])[] = []
  const listen = async ({ resourceSubscriptions: uris }: { resourceSubscriptions: readonly string[] }) => {
    if (uris.includes(refused)) throw new Error('no such note')
    open.push(uris)
    return { closed: new Promise(() => undefined), close: async () => void open.splice(open.indexOf(uris), 1) }
  }
  return { session: { modern: true, capabilities: {}, client: { listen } } as unknown as Session, open }
}

test('what an upstream refuses leaves what it took before, on one stream', async () => {
  const { session, open } = modern('note://none')
  const subscriptions = new Subscriptions(() => undefined)
  await subscriptions.add('note://one', session)
  await expect(subscriptions.add('note://none', session)).rejects.toThrow('no such note')
  expect(open).toEqual([['note://one']])
  await subscriptions.add('note://two', session)
  expect(open).toEqual([['note://one', 'note://two']])
})

test('a new session is asked for everything, whatever it refuses', async () => {
  const asked: string[] = []
  const troubles: unknown[] = []
  let isLost = false
  const request = (_method: string, { uri }: { uri: string }): Promise<object> => {
    asked.push(uri)
    return isLost && uri === 'note://7' ? Promise.reject(new Error('gone')) : Promise.resolve({})
  }
  const session = { modern: false, capabilities: {}, request } as unknown as Session
  const subscriptions = new Subscriptions((error) => troubles.push(error))
  const uris = Array.from({ length: 100 }, (_, index) => `note://${index}`)
  for (const uri of uris) await subscriptions.add(uri, session)
  isLost = true
  asked.length = 0
  await subscriptions.start(session)
  expect(asked).toEqual(uris)
  expect(troubles).toMatchObject([{ message: 'gone' }])
})
