import { script } from './scripts.ts'

// An analysis is a record in a hash, one member by time and one by symbol and time in an index ordered by bytes, and its end in a set of ends.
const analyses = `
local function members(id, at, ends, symbol, timeframe, kind)
  local tail = at .. id .. '\\0' .. ends .. '\\0' .. timeframe .. '\\0' .. kind
  return 'a\\0' .. tail, 's\\0' .. symbol .. '\\0' .. tail
end
local function drop(id)
  local record = redis.call('HGET', KEYS[2], id)
  redis.call('ZREM', KEYS[4], id)
  if not record then return end
  redis.call('HDEL', KEYS[2], id)
  local at, _, ends, symbol, timeframe, kind, _, bytes = string.match(record, '^(%d+)%z(%d+)%z(%d+)%z(%Z*)%z(%Z*)%z(%Z*)%z(%Z*)%z(%d+)%z')
  local all, one = members(id, at, ends, symbol, timeframe, kind)
  redis.call('ZREM', KEYS[3], all, one)
  redis.call('HINCRBY', KEYS[1], 'hn', -1)
  redis.call('HINCRBY', KEYS[1], 'hb', '-' .. bytes)
end
local function wide(n) return string.format('%016.0f', n) end
`

/** How far times are moved so that those before 1970 sort as digits too. */
export const epochShift = 1e15

/** KEYS: meta, records, index, ends. ARGV: now, deadline, at, symbol, timeframe, kind, by, json, bytes, retention, maxAnalyses, maxBytes. */
export const appendAnalysis = script(`${analyses}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', int(now))) do drop(id) end
local bytes, dropped = tonumber(ARGV[9]), 0
local n, b = num(KEYS[1], 'hn'), num(KEYS[1], 'hb')
while n > 0 and (n + 1 > tonumber(ARGV[11]) or b + bytes > tonumber(ARGV[12])) do
  local oldest = redis.call('ZRANGE', KEYS[4], 0, 0)[1]
  if not oldest then break end
  drop(oldest)
  dropped = dropped + 1
  n, b = num(KEYS[1], 'hn'), num(KEYS[1], 'hb')
end
local id = redis.call('HINCRBY', KEYS[1], 'h', 1)
local shifted = (ARGV[3] == '' and now or tonumber(ARGV[3])) + ${epochShift}
local ends = now + tonumber(ARGV[10])
local name, at, till = wide(id), wide(shifted), int(ends)
redis.call('HSET', KEYS[2], name, at .. '\\0' .. int(now) .. '\\0' .. till .. '\\0' .. ARGV[4] .. '\\0' .. ARGV[5] .. '\\0' .. ARGV[6] .. '\\0' .. ARGV[7] .. '\\0' .. ARGV[9] .. '\\0' .. ARGV[8])
local all, one = members(name, at, till, ARGV[4], ARGV[5], ARGV[6])
redis.call('ZADD', KEYS[3], 0, all, 0, one)
redis.call('ZADD', KEYS[4], till, name)
redis.call('HINCRBY', KEYS[1], 'hn', 1)
redis.call('HINCRBY', KEYS[1], 'hb', ARGV[9])
if own then
  local last = redis.call('ZRANGE', KEYS[4], -1, -1, 'WITHSCORES')[2]
  for i = 2, 4 do redis.call('PEXPIREAT', KEYS[i], int(tonumber(last))) end
end
return {'done', id, int(shifted - ${epochShift}), now, ends, dropped}
`)

/** KEYS: meta, records, index, ends. ARGV: now, deadline, symbol, timeframe, kind, from, to, after, limit, bytes; from, to and after are index places of 16 or 32 digits, or empty. */
export const queryAnalyses = script(
  `
local head = ARGV[3] == '' and 'a\\0' or 's\\0' .. ARGV[3] .. '\\0'
local low = '[' .. head .. ARGV[6]
local high = '(' .. head .. string.char(255)
if ARGV[7] ~= '' then high = '(' .. head .. ARGV[7] end
if ARGV[8] ~= '' and (ARGV[7] == '' or ARGV[8] < ARGV[7]) then high = '(' .. head .. ARGV[8] end
local limit, most = tonumber(ARGV[9]), tonumber(ARGV[10])
local found, bytes, more = {}, 0, 0
while more == 0 do
  local page = redis.call('ZREVRANGEBYLEX', KEYS[3], high, low, 'LIMIT', 0, 500)
  for _, member in ipairs(page) do
    local id, ends, timeframe, kind = string.match(string.sub(member, #head + 17), '^(%d+)%z(%d+)%z(%Z*)%z(%Z*)$')
    if tonumber(ends) > now and (ARGV[4] == '' or ARGV[4] == timeframe) and (ARGV[5] == '' or ARGV[5] == kind) then
      local record = redis.call('HGET', KEYS[2], id)
      if record then
        bytes = bytes + tonumber((string.match(record, '^%d+%z%d+%z%d+%z%Z*%z%Z*%z%Z*%z%Z*%z(%d+)%z')))
        if #found == limit or (#found > 0 and bytes > most) then
          more = 1
          break
        end
        found[#found + 1] = {id, record}
      end
    end
  end
  if #page < 500 then break end
  high = '(' .. page[#page]
end
return {'done', more, found}
`,
  true,
)
