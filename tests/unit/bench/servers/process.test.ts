import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { echoCalls } from '../../../../bench/exchanges.ts'
import { startServer, type Command } from '../../../../bench/servers/process.ts'

const upstream = fileURLToPath(new URL('../../../../bench/servers/upstream-http.ts', import.meta.url))
const command = (program: readonly string[]): Command => ({
  name: `test ${process.pid}`,
  command: process.execPath,
  args: program,
  target: (printed) => ({ type: 'http', dialect: 'stateless', urls: [`${printed}/mcp`], headers: {}, exchanges: echoCalls('echo') }),
})

test('a server is ready at its first right answer, and gone when stopped', async () => {
  const running = await startServer(command([upstream]))
  expect(running.startMs).toBeGreaterThan(10)
  expect(running.target.type === 'http' && running.target.urls[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/)
  await running.stop()
  expect(() => process.kill(running.pid, 0)).toThrow()
})

test('a server that ends at once is told with its exit code and its log', async () => {
  await expect(startServer(command(['-e', 'process.exit(3)']))).rejects.toThrow(/did not start: it ended with code 3; see .*\.log/)
})
