import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/**/*.test.ts'],
    pool: 'forks',
    // Tests start databases and servers: more workers than the smallest machine has cores make them slower, not faster.
    maxWorkers: 2,
    // What hangs is ended; how fast anything is belongs into the bench, and a busy machine is no fault.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    teardownTimeout: 10_000,
    setupFiles: ['tests/report/loopback-only.ts'],
    reporters: ['default', './tests/report/reporter.ts'],
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      include: ['runtime/**/*.ts'],
      // Entry files: they run in processes of their own, where the command line tests see them.
      exclude: ['runtime/main.ts', 'runtime/commands/**', 'runtime/setup/**'],
      reporter: ['text-summary', 'json-summary', 'html'],
      reportsDirectory: 'coverage',
      thresholds: {
        // CI has every system the kinds speak to. A machine without Java, Redis or Python leaves out what needs them, and its tests are counted as skipped.
        lines: process.env['CI'] === undefined ? 80 : 90,
        'runtime/auth/**': { lines: 100 },
        'runtime/guards/**': { lines: 100 },
        'runtime/pipeline/validate.ts': { lines: 100 },
      },
    },
  },
})
