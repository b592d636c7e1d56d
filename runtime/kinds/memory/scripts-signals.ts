import { script } from './scripts.ts'

// KEYS of all signal scripts: meta, channels, signals, counts, ends, marks.
const sweepSignals = `
local function forget(channel)
  redis.call('DEL', ARGV[4] .. channel, ARGV[5] .. channel, ARGV[6] .. channel)
end
local function drop(id)
  local entry = redis.call('XRANGE', KEYS[3], id .. '-0', id .. '-0')[1]
  redis.call('XDEL', KEYS[3], id .. '-0')
  redis.call('ZREM', KEYS[5], id)
  redis.call('HINCRBY', KEYS[4], 'n', -1)
  if entry then redis.call('HINCRBY', KEYS[4], 'b', '-' .. entry[2][10]) end
end
`

/** ARGV: now, deadline, channel, key prefixes of signals, counts and ends, json, by, bytes, ttl, maxSignals, maxBytes, maxChannels, topic. */
export const publishSignal = script(`${sweepSignals}
local channel, bytes = ARGV[3], tonumber(ARGV[9])
local known = redis.call('ZSCORE', KEYS[2], channel)
if not known or tonumber(known) <= now then
  for _, ended in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', int(now))) do
    forget(ended)
    redis.call('ZREM', KEYS[2], ended)
  end
  known = false
  local count = redis.call('ZCARD', KEYS[2])
  if count >= tonumber(ARGV[13]) then return {'full', 'channels', count, 0} end
else
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', int(now))) do drop(id) end
end
local n, b = num(KEYS[4], 'n'), num(KEYS[4], 'b')
while n > 0 and (n + 1 > tonumber(ARGV[11]) or b + bytes > tonumber(ARGV[12])) do
  local oldest = redis.call('XRANGE', KEYS[3], '-', '+', 'COUNT', 1)[1]
  if not oldest then break end
  local id = string.match(oldest[1], '^(%d+)')
  drop(id)
  redis.call('HSET', KEYS[4], 'd', id)
  n, b = num(KEYS[4], 'n'), num(KEYS[4], 'b')
end
local id = redis.call('HINCRBY', KEYS[1], 'q', 1)
local ends = now + tonumber(ARGV[10])
redis.call('XADD', KEYS[3], int(id) .. '-0', 'j', ARGV[7], 'w', ARGV[8], 't', int(now), 'e', int(ends), 'z', ARGV[9])
redis.call('ZADD', KEYS[5], int(ends), int(id))
redis.call('HINCRBY', KEYS[4], 'n', 1)
redis.call('HINCRBY', KEYS[4], 'b', ARGV[9])
redis.call('HSET', KEYS[4], 'l', int(id))
local last = math.max(known and tonumber(known) or 0, ends)
redis.call('ZADD', KEYS[2], int(last), channel)
if own then
  for i = 3, 5 do redis.call('PEXPIREAT', KEYS[i], int(last)) end
end
redis.call('PUBLISH', ARGV[14], 'x')
return {'done', id, now, ends}
`)

/** ARGV: now, deadline, channel, mode (after, unread, newest), cursor, reader, limit, bytes. */
export const readSignals = script(
  `
local known = redis.call('ZSCORE', KEYS[2], ARGV[3])
local alive = known and tonumber(known) > now
local cursor = ARGV[5]
if ARGV[4] == 'unread' then
  local mark = redis.call('HGET', KEYS[6], ARGV[6])
  cursor = '0'
  if mark then
    local id, ends = string.match(mark, '^(%d+) (%d+)$')
    if tonumber(ends) > now then cursor = id end
  end
end
local limit, most = tonumber(ARGV[7]), tonumber(ARGV[8])
local found, bytes, more, missed = {}, 0, 0, 0
if not alive then return {'done', cursor, more, missed, found} end
local backwards = ARGV[4] == 'newest'
if not backwards and tonumber(cursor) > 0 and tonumber(cursor) < num(KEYS[4], 'd') then missed = 1 end
local command, from, to = 'XRANGE', '(' .. cursor .. '-0', '+'
if backwards then command, from, to = 'XREVRANGE', '+', '-' end
while more == 0 do
  local page = redis.call(command, KEYS[3], from, to, 'COUNT', 200)
  for _, entry in ipairs(page) do
    local fields = entry[2]
    if tonumber(fields[8]) > now then
      bytes = bytes + #fields[2]
      if #found == limit or (#found > 0 and bytes > most) then
        more = 1
        break
      end
      found[#found + 1] = {string.match(entry[1], '^(%d+)'), fields[2], fields[4], fields[6], fields[8]}
    end
  end
  if #page < 200 then break end
  from = '(' .. page[#page][1]
end
local last = redis.call('HGET', KEYS[4], 'l') or '0'
if tonumber(last) < tonumber(cursor) then last = cursor end
return {'done', last, more, missed, found}
`,
  true,
)

/** ARGV: now, deadline, reader, cursor, how long a mark is kept. */
export const markSignals = script(`
local cursor, old = tonumber(ARGV[4]), 0
local mark = redis.call('HGET', KEYS[6], ARGV[3])
if mark then
  local id, ends = string.match(mark, '^(%d+) (%d+)$')
  if tonumber(ends) > now then old = tonumber(id) end
end
cursor = math.max(old, math.min(cursor, num(KEYS[1], 'q')))
redis.call('HSET', KEYS[6], ARGV[3], int(cursor) .. ' ' .. int(now + tonumber(ARGV[5])))
if own then redis.call('PEXPIREAT', KEYS[6], int(now + tonumber(ARGV[5]))) end
return {'done', cursor}
`)

/** Channels with the longest-lived signals first. ARGV: now, deadline, limit, counts key prefix, ends key prefix. */
export const listChannels = script(
  `
local rows = {}
for _, channel in ipairs(redis.call('ZREVRANGEBYSCORE', KEYS[2], '+inf', '(' .. int(now), 'LIMIT', 0, ARGV[3])) do
  local signals = redis.call('ZCOUNT', ARGV[5] .. channel, '(' .. int(now), '+inf')
  rows[#rows + 1] = {channel, signals, num(ARGV[4] .. channel, 'l'), int(tonumber(redis.call('ZSCORE', KEYS[2], channel)))}
end
return {'done', rows}
`,
  true,
)
