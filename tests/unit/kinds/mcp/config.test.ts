import { expect, test } from 'vitest'
import { settingMs, roadOf } from '../../../../runtime/kinds/mcp/config.ts'

test.each([
  ['250ms', 250],
  ['1.5s', 1500],
  ['10m', 600_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  [40, 40],
  ['10', undefined],
  ['soon', undefined],
  [undefined, undefined],
])('%s is %s milliseconds', (text, ms) => expect(settingMs(text)).toBe(ms))

test.each([
  [{ command: 'x' }, 'stdio'],
  [{ package: { registry: 'npm', name: 'x', version: '1' } }, 'stdio'],
  [{ url: 'https://example.com' }, 'http'],
  [{ url: 'https://example.com', transport: 'sse' }, 'sse'],
] as const)('%o goes by %s', (config, road) => expect(roadOf(config)).toBe(road))
