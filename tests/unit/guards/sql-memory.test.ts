import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const program = `
  const { readStatement } = await import(${JSON.stringify(new URL('../../../runtime/guards/sql.ts', import.meta.url).href)})
  const before = process.resourceUsage().maxRSS
  for (let index = 0; index < 3000; index++) await readStatement('SELECT a, b FROM t WHERE x = :x AND y IN (SELECT z FROM q WHERE w > ' + index + ') ORDER BY 1', { effect: 'read' })
  console.log(process.resourceUsage().maxRSS - before)
`

test('reading many statements never takes the memory that optimizing the grammar would', () => {
  const grownKilobytes = Number(execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }))
  expect(grownKilobytes).toBeGreaterThan(0)
  expect(grownKilobytes).toBeLessThan(200_000)
})
