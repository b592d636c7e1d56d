import type { StandardTool } from '../../contract/tool.ts'
import { exchange, input, limit, patient, since, symbol, symbols } from './inputs.ts'
import { outputs } from './outputs.ts'

// An account’s numbers are not for everyone who may ask for a price, and never of yesterday.
const accountTool = (tool: Omit<StandardTool, 'effect' | 'optIn' | 'role' | 'policy'>): StandardTool => ({
  ...tool,
  effect: 'read',
  role: 'operator',
  optIn: 'account',
  policy: { ...patient, cache: false },
})

const balances = accountTool({
  name: 'balances',
  summary: 'What the account at one exchange holds, by currency; those it has nothing of are left out.',
  input: input({ exchange }),
  output: outputs.balances,
  operation: { method: 'fetchBalance' },
})

const positions = accountTool({
  name: 'positions',
  summary: 'The open positions of the account at one exchange.',
  input: input({ exchange, symbols: symbols('Only of these markets.') }),
  output: outputs.positions,
  operation: { method: 'fetchPositions' },
})

const openOrders = accountTool({
  name: 'open_orders',
  summary: 'The orders of the account at one exchange that wait to be filled.',
  input: input({
    exchange,
    symbol: { ...symbol, description: 'Only of this market; some exchanges ask for one.' },
    since: since('Only those placed after.'),
    limit: limit(1_000, 100, 'How many at most.'),
  }),
  output: outputs.orders,
  operation: { method: 'fetchOpenOrders' },
})

const myTrades = accountTool({
  name: 'my_trades',
  summary: 'The trades of the account at one exchange.',
  input: input({
    exchange,
    symbol: { ...symbol, description: 'Only of this market; some exchanges ask for one.' },
    since: since('The first trade that is wanted.'),
    limit: limit(1_000, 100, 'How many at most.'),
  }),
  output: outputs.myTrades,
  operation: { method: 'fetchMyTrades' },
})

/** Tools that read an account, by opt-in. Nothing trades. */
export const accountTools: readonly StandardTool[] = [balances, positions, openOrders, myTrades]
