import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { hub, makeFolder } from './hub.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })
const root = resolve(import.meta.dirname, '..', '..')
const parent = makeFolder({})
const repository = join(parent.path, 'hub')
afterAll(() => parent.remove())

interface Ran {
  readonly exit: number
  readonly said: string
}

/** Runs a script as a CI runner does: bash, stopping at the first failure, with nothing of this process's environment. */
function run(script: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const { HOME = '' } = process.env
  // npm and git of the machine; the Node that runs this test; and nothing from any registry.
  const base = {
    HOME,
    PATH: `${join(parent.path, 'bin')}:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    NO_COLOR: '1',
    npm_config_offline: 'true',
    CI: 'true',
  }
  return new Promise((done) => {
    execFile('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], { cwd: repository, env: { ...base, ...env } }, (error, out, problems) =>
      done({ exit: error === null ? 0 : Number(error.code ?? 1), said: out + problems }),
    )
  })
}

async function expectRun(script: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { exit, said } = await run(script, env)
  expect(exit, `${script}\n${said}`).toBe(0)
  return said
}

const git = 'git -c user.name=test -c user.email=test@example.com -c init.defaultBranch=main -c commit.gpgsign=false'
let base = ''

beforeAll(async () => {
  expect(await hub(['init', 'hub', '--yes'], { cwd: parent.path })).toMatchObject({ exit: 0 })
  await expectRun('npm install --no-audit --no-fund && npx hub generate')
  await expectRun(`${git} init --quiet && ${git} add --all && ${git} commit --quiet --message 'a hub'`)
  base = (await expectRun(`${git} rev-parse HEAD`)).trim()
  const manifest = join('hub', 'connectors', 'market.yaml')
  parent.write(manifest, readFileSync(join(parent.path, manifest), 'utf8').replace('maximum: 1000, default: 100,', 'maximum: 500, default: 100,'))
  await expectRun('npx hub generate')
  await expectRun(`${git} checkout --quiet -b change && ${git} commit --quiet --all --message 'fewer candles'`)
})

test('a hub of hub init keeps out of git what is not for it', async () => {
  expect(await expectRun(`${git} ls-files`)).not.toMatch(/^(node_modules|\.hub)\//m)
})

describe('docs/ci/github-actions.yml', () => {
  interface Step {
    readonly name?: string
    readonly uses?: string
    readonly run?: string
    readonly if?: string
    readonly env?: Readonly<Record<string, string>>
  }
  const workflow = parse(readFileSync(join(root, 'docs/ci/github-actions.yml'), 'utf8')) as {
    readonly on: object
    readonly permissions: object
    readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>
  }
  const steps = workflow.jobs['hub']?.steps ?? []

  test('runs on pushes and pull requests, and may do no more than comment', () => {
    expect(Object.keys(workflow.on)).toEqual(['push', 'pull_request'])
    expect(workflow.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' })
    expect(Object.keys(workflow.jobs)).toEqual(['hub'])
    for (const step of steps) expect(step.run ?? step.uses).toMatch(/\S/)
  })

  test('its steps pass on a new hub, and tell what the change does', async () => {
    // What the runner brings: the comment itself goes to GitHub, so here gh keeps what it is asked.
    parent.write('bin/gh', `#!/bin/sh\necho "$GH_TOKEN $@" > ${join(parent.path, 'gh.txt')}\n`)
    chmodSync(join(parent.path, 'bin', 'gh'), 0o755)
    const values: Readonly<Record<string, string>> = {
      'github.event.pull_request.base.sha': base,
      'github.event.pull_request.number': '7',
      'github.token': 'the-token',
    }
    const summary = join(parent.path, 'summary.md')
    const ran: string[] = []
    for (const { run: script, env = {} } of steps) {
      if (script === undefined) continue
      const filled = Object.fromEntries(
        Object.entries(env).map(([name, text]) => [name, text.replace(/\$\{\{\s*([\w.]+)\s*\}\}/g, (_, key: string) => values[key] as string)]),
      )
      await expectRun(script, { ...filled, GITHUB_STEP_SUMMARY: summary })
      ran.push(script)
    }
    expect(ran).toHaveLength(6)
    expect(readFileSync(summary, 'utf8')).toContain('market_latest_candles')
    expect(readFileSync(join(parent.path, 'gh.txt'), 'utf8')).toBe('the-token pr comment 7 --edit-last --create-if-none --body-file hub-plan.md\n')
    expect(readFileSync(join(repository, 'hub-tests.xml'), 'utf8')).toContain('<testsuite')
  })

  test('a mistake in a manifest, and generated files that are not fresh, stop it', async () => {
    const manifest = join('hub', 'connectors', 'hub.yaml')
    const before = readFileSync(join(parent.path, manifest), 'utf8')
    const script = (part: string): string => steps.find((step) => step.run?.includes(part))?.run ?? ''
    parent.write(manifest, before.replace('summary: What', 'summary: Whatever'))
    expect(await run(script('hub generate'))).toMatchObject({ exit: 1, said: expect.stringContaining('HUB_CONFIG_DRIFT') as string })
    parent.write(manifest, before.replace('summary:', 'sumary:'))
    expect(await run(script('hub check'))).toMatchObject({ exit: 1, said: expect.stringContaining('did you mean "summary"?') as string })
    parent.write(manifest, before)
    await expectRun(script('hub check'))
  })
})

describe('docs/ci/gitlab-ci.yml', () => {
  interface Job {
    readonly stage: string
    readonly script: readonly string[]
    readonly variables?: Readonly<Record<string, string | number>>
  }
  const {
    stages,
    default: shared,
    hub: checks,
    plan,
  } = parse(readFileSync(join(root, 'docs/ci/gitlab-ci.yml'), 'utf8')) as {
    readonly stages: readonly string[]
    readonly default: { readonly before_script: readonly string[] }
    readonly hub: Job
    readonly plan: Job
  }
  const whole = (job: Job): string => [...shared.before_script, ...job.script].join('\n')

  test('its jobs are of its stages', () => expect([checks.stage, plan.stage].every((stage) => stages.includes(stage))).toBe(true))

  test('its checks pass on a new hub', async () => {
    await expectRun(whole(checks))
    expect(readFileSync(join(repository, 'hub-tests.xml'), 'utf8')).toContain('<testsuite')
  })

  test('the plan is kept, and written into the merge request where a token is given', async () => {
    const notes: { url?: string; token?: string; body: string }[] = []
    const gitlab = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += chunk))
      request.on('end', () => {
        notes.push({ url: request.url, token: String(request.headers['private-token']), body: new URLSearchParams(body).get('body') ?? '' })
        response.writeHead(201).end('{}')
      })
    }).listen(0, '127.0.0.1')
    await once(gitlab, 'listening')
    try {
      const env = {
        CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
        CI_API_V4_URL: `http://127.0.0.1:${(gitlab.address() as AddressInfo).port}/api/v4`,
        CI_PROJECT_ID: '3',
        CI_MERGE_REQUEST_IID: '7',
      }
      await expectRun(whole(plan), { ...env, HUB_PLAN_TOKEN: '' })
      expect(existsSync(join(repository, 'hub-plan.md'))).toBe(true)
      expect(notes).toEqual([])
      await expectRun(whole(plan), { ...env, HUB_PLAN_TOKEN: 'the-token' })
      expect(notes).toEqual([
        { url: '/api/v4/projects/3/merge_requests/7/notes', token: 'the-token', body: readFileSync(join(repository, 'hub-plan.md'), 'utf8') },
      ])
      expect(notes[0]?.body).toContain('market_latest_candles')
    } finally {
      gitlab.close()
    }
  })
})
