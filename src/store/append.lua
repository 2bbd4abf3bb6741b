-- Appends facts to one journal, all or none, and moves the claim and the Look in the same breath (design.md 4.6, 4.7).
-- KEYS: journal, claim, lease, looks, recent, open, heads
-- ARGV: rollout, expected version, link of its last entry or '', lease token or '', 'take' | 'give' | '', 'ended' | 'goes-on',
--       most members of recent, replicas that must be there, their longest silence (s), 'tails' | 'lines', then one of these per fact
-- Answers {'appended', version, at} | {'moved', version} | {'forked'} | {'claimed', holder} | {'lease-lost'} | {'alone', replicas}
local journal, claim, lease, looks, recent, open, heads = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local rollout, expect, link, token, claiming, course, most = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7])
local replicas, silence, form, first = tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10], 11

if token ~= '' and redis.call('GET', lease) ~= token then return { 'lease-lost' } end

local version = redis.call('LLEN', journal)
if link ~= '' and version < expect then return { 'forked' } end
if version ~= expect then return { 'moved', version } end

local before = version > 0 and redis.call('LINDEX', journal, -1) or rollout
if link ~= '' and version > 0 and redis.sha1hex(before) ~= link then return { 'forked' } end

if claiming == 'take' then
  local holder = redis.call('GET', claim)
  if holder and holder ~= rollout then return { 'claimed', holder } end
end

-- Nothing is written that nobody could take over.
if replicas > 0 then
  local there = online(silence)
  if there and there < replicas then return { 'alone', there } end
end

local time = redis.call('TIME')
local at = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local lines = {}
for i = first, #ARGV do
  local line = ARGV[i]
  -- A line that its author signed is whole; to a tail the envelope is added here.
  if form == 'tails' then
    line = string.format('{"n":%d,"at":%.0f,"prev":"%s",', version + i - first + 1, at, redis.sha1hex(before)) .. line
  end
  lines[#lines + 1] = line
  before = line
end

-- First of all writes: a Redis that is out of memory or read-only refuses the first one, and then nothing has happened.
redis.call('RPUSH', journal, unpack(lines))
redis.call('HSET', heads, rollout, (version + #lines) .. ':' .. redis.sha1hex(before))

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
