-- Appends facts to one journal, all or none, and moves the claim and the Look in the same breath (design.md 4.6, 4.7).
-- KEYS: journal, claim, lease, looks, recent, open
-- ARGV: rollout, expected version, lease token or '', 'take' | 'give' | '', 'ended' | 'goes-on', most members of recent, then one tail per fact
-- Answers {'appended', version, at} | {'moved', version} | {'claimed', holder} | {'lease-lost'}
local journal, claim, lease, looks, recent, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local rollout, expect, token, claiming, course, most = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])

if token ~= '' and redis.call('GET', lease) ~= token then return { 'lease-lost' } end

local version = redis.call('LLEN', journal)
if version ~= expect then return { 'moved', version } end

if claiming == 'take' then
  local holder = redis.call('GET', claim)
  if holder and holder ~= rollout then return { 'claimed', holder } end
end

local time = redis.call('TIME')
local at = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local before = version > 0 and redis.call('LINDEX', journal, -1) or rollout
local lines = {}
for i = 7, #ARGV do
  local line = string.format('{"n":%d,"at":%.0f,"prev":"%s",', version + i - 6, at, redis.sha1hex(before)) .. ARGV[i]
  lines[#lines + 1] = line
  before = line
end

-- First of all writes: a Redis that is out of memory or read-only refuses the first one, and then nothing has happened.
redis.call('RPUSH', journal, unpack(lines))

if claiming == 'take' then
  redis.call('SET', claim, rollout)
elseif claiming == 'give' and redis.call('GET', claim) == rollout then
  redis.call('DEL', claim)
end

if course == 'ended' then
  redis.call('ZREM', looks, rollout)
else
  -- The holder of the lease looks by itself; should it die, the end of its lease is the earliest moment for anybody else.
  local wait = token ~= '' and redis.call('PTTL', lease) or 0
  redis.call('ZADD', looks, at + wait, rollout)
end

if version == 0 then
  redis.call('ZADD', recent, string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2])), rollout)
  redis.call('ZREMRANGEBYRANK', recent, 0, -(most + 1))
end
redis.call('ZADD', open, at, rollout)
return { 'appended', version + #lines, at }
