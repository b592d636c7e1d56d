import { script } from './scripts.ts'

// What is expired leaves the counts. KEYS of all state scripts: value, meta, index, ends, sizes; a value's key is the fifth ARGV with the state key behind it.
// A Redis that is out of memory lets a script go on writing once it has written anything, be it a deletion of nothing: so what deletes does that first, and what adds deletes only what is there.
const sweepState = `
local function sweep()
  local ended = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', int(now))
  if #ended == 0 then return end
  local bytes = 0
  for _, key in ipairs(ended) do
    redis.call('DEL', ARGV[5] .. key)
    bytes = bytes + num(KEYS[5], key)
    redis.call('ZREM', KEYS[3], key)
    redis.call('HDEL', KEYS[5], key)
  end
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', int(now))
  redis.call('HINCRBY', KEYS[2], 'n', -#ended)
  redis.call('HINCRBY', KEYS[2], 'b', int(-bytes))
end
`

/** ARGV: now, deadline, key, topic, value prefix, json, bytes, ttl, ifVersion, maxKeys, maxBytes. */
export const setState = script(`${sweepState}
sweep()
local key = ARGV[3]
local old = redis.call('GET', KEYS[1])
local version, created, ends = 0, now, 0
if old then
  local v, _, c, e = string.match(old, '^(%d+) (%d+) (%d+) (%d+) ')
  version, created, ends = tonumber(v), tonumber(c), tonumber(e)
end
if ARGV[9] ~= '' and tonumber(ARGV[9]) ~= version then return {'conflict', version} end
local before = redis.call('HGET', KEYS[5], key)
local n, b = num(KEYS[2], 'n'), num(KEYS[2], 'b')
local keys = before and n or n + 1
local bytes = b - tonumber(before or '0') + tonumber(ARGV[7])
if keys > n and keys > tonumber(ARGV[10]) then return {'full', 'keys', n, b} end
if bytes > b and bytes > tonumber(ARGV[11]) then return {'full', 'bytes', n, b} end
if ARGV[8] == '' then ends = 0 elseif ARGV[8] ~= 'keep' then ends = now + tonumber(ARGV[8]) end
version = redis.call('HINCRBY', KEYS[2], 'v', 1)
local record = int(version) .. ' ' .. int(now) .. ' ' .. int(created) .. ' ' .. int(ends) .. ' ' .. ARGV[6]
if ends > 0 then
  redis.call('ZADD', KEYS[4], int(ends), key)
  if own then redis.call('SET', KEYS[1], record, 'PXAT', int(ends - 1)) else redis.call('SET', KEYS[1], record) end
else
  redis.call('ZREM', KEYS[4], key)
  redis.call('SET', KEYS[1], record)
end
redis.call('ZADD', KEYS[3], 0, key)
redis.call('HSET', KEYS[5], key, ARGV[7])
redis.call('HSET', KEYS[2], 'n', int(keys), 'b', int(bytes))
redis.call('PUBLISH', ARGV[4], 'x')
return {'done', version, now, ends}
`)

/** ARGV: now, deadline, key, topic, value prefix, ifVersion. */
export const deleteState = script(`${sweepState}
sweep()
local key = ARGV[3]
local old = redis.call('GET', KEYS[1])
local version = 0
if old then version = tonumber(string.match(old, '^(%d+)')) end
if version == 0 or (ARGV[6] ~= '' and tonumber(ARGV[6]) ~= version) then return {'kept', version} end
redis.call('DEL', KEYS[1])
local bytes = num(KEYS[5], key)
redis.call('ZREM', KEYS[3], key)
redis.call('ZREM', KEYS[4], key)
redis.call('HDEL', KEYS[5], key)
redis.call('HINCRBY', KEYS[2], 'n', -1)
redis.call('HINCRBY', KEYS[2], 'b', int(-bytes))
redis.call('PUBLISH', ARGV[4], 'x')
return {'done', version}
`)

/** ARGV: now, deadline, prefix, after, value prefix, limit. UTF-8 has no byte 255. */
export const listState = script(
  `
local keys, bytes = num(KEYS[2], 'n'), num(KEYS[2], 'b')
for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', int(now))) do
  keys = keys - 1
  bytes = bytes - num(KEYS[5], key)
end
local limit = tonumber(ARGV[6])
local from = ARGV[4] == '' and '[' .. ARGV[3] or '(' .. ARGV[4]
local found, more = {}, 0
while more == 0 do
  local page = redis.call('ZRANGEBYLEX', KEYS[3], from, '(' .. ARGV[3] .. string.char(255), 'LIMIT', 0, 200)
  for _, key in ipairs(page) do
    local record = redis.call('GET', ARGV[5] .. key)
    local version, updated, created, ends
    if record then version, updated, created, ends = string.match(record, '^(%d+) (%d+) (%d+) (%d+) ') end
    if record and (ends == '0' or tonumber(ends) > now) then
      if #found == limit then
        more = 1
        break
      end
      found[#found + 1] = {key, version, updated, created, ends, redis.call('HGET', KEYS[5], key) or '0'}
    end
  end
  if #page < 200 then break end
  from = '(' .. page[#page]
end
return {'done', keys, bytes, more, found}
`,
  true,
)
