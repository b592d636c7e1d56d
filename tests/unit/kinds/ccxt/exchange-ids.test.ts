import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { importExchange } from '../../../../runtime/kinds/ccxt/driver.ts'
import { askedExchanges, ccxtVersion, exchangeIds, streamedExchanges } from '../../../../runtime/kinds/ccxt/exchange-ids.ts'
import { changesSomething, methods } from '../../../../runtime/kinds/ccxt/methods.ts'

const root = join(dirname(createRequire(import.meta.url).resolve('ccxt')), '..')
const entry = readFileSync(join(root, 'js', 'ccxt.js'), 'utf8')
const block = (name: string): string[] =>
  [...(new RegExp(`const ${name} = \\{([\\s\\S]*?)\\n\\};`).exec(entry)?.[1] ?? '').matchAll(/'([a-z0-9]+)':/g)].map(([, id]) => id as string)

test('the lists are those of the installed package', () => {
  const streamed = new Set(block('pro'))
  expect(ccxtVersion).toBe((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version)
  expect([...streamedExchanges].sort()).toEqual(
    block('exchanges')
      .filter((id) => streamed.has(id))
      .sort(),
  )
  expect([...askedExchanges].sort()).toEqual(
    block('exchanges')
      .filter((id) => !streamed.has(id))
      .sort(),
  )
  expect(exchangeIds.size).toBeGreaterThan(100)
})

test('every method is one of ccxt with these arguments, and none changes anything', async () => {
  const exchanges = await Promise.all(['binance', 'kraken', 'bybit', 'okx', 'bitget', 'deribit', 'htx', 'kucoin', 'bigone'].map(importExchange))
  const prototypes = exchanges.flatMap(({ prototype }) => {
    const chain: Record<string, unknown>[] = []
    for (let one = prototype as object; one !== Object.prototype; one = Object.getPrototypeOf(one) as object) chain.push(one as Record<string, unknown>)
    return chain
  })
  for (const [name, { takes }] of Object.entries(methods)) {
    const found = prototypes
      .filter((one) => Object.hasOwn(one, name))
      .map((one) =>
        /\(([^)]*)\)/
          .exec(String(one[name]))?.[1]
          ?.split(',')
          .map((part) => part.split('=')[0]?.trim()),
      )
    expect({ name, isThere: found.length > 0 }).toEqual({ name, isThere: true })
    expect(found.map((args) => args?.join(' '))).toContain(takes.join(' '))
    expect(changesSomething(name)).toBe(false)
  }
})
