import { createHash } from 'node:crypto'

/** A Lua script: one step of the store, whole or not at all. */
export interface Script {
  readonly lua: string
  readonly sha: string
  /** It changes nothing, so that it may run again. */
  readonly isRead: boolean
}

// ARGV[1] is a clock of the caller's (tests), else Redis' own counts, which all hubs share. ARGV[2] is the caller's deadline in that time: what comes later is not done.
// A native expiry is set only with Redis' own clock; every record holds its end as well.
const prelude = `
local own = ARGV[1] == ''
local now
if own then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
else
  now = tonumber(ARGV[1])
end
if ARGV[2] ~= '' and now > tonumber(ARGV[2]) then return {'late'} end
local function int(n) return string.format('%.0f', n) end
local function num(key, field) return tonumber(redis.call('HGET', key, field) or '0') end
`

/** A script behind the words all of them begin with. */
export function script(lua: string, isRead = false): Script {
  const text = prelude + lua
  return { lua: text, sha: createHash('sha1').update(text).digest('hex'), isRead }
}
