-- Becomes the driver of one rollout, or learns that another process is (design.md 4.6). Its journal's end is told in the same breath:
-- whoever drives must have read up to there, and may have read it from another server.
-- KEYS: lease, looks, journal    ARGV: rollout, token, milliseconds, replicas that must be there, their longest silence (s)
-- Answers {'taken', the store's time in milliseconds, version, link of its last entry or ''} | {'held'} | {'alone', replicas}
local lease, looks, journal = KEYS[1], KEYS[2], KEYS[3]
local rollout, token, ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
local replicas, silence = tonumber(ARGV[4]), tonumber(ARGV[5])

local time = redis.call('TIME')
local at = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

-- Nobody drives what could not be written down. It is looked at again when a lease would have ended.
local there = replicas > 0 and online(silence)
if there and there < replicas then
  redis.call('ZADD', looks, 'XX', at + ms, rollout)
  return { 'alone', there }
end

local taken = redis.call('SET', lease, token, 'NX', 'PX', ms)

-- XX: only append makes a Look and only append ends it, so a finished rollout does not get one here.
-- Held elsewhere: the holder sees every append when it renews or lets go, so nothing is lost by waiting for its lease to end.
redis.call('ZADD', looks, 'XX', at + redis.call('PTTL', lease), rollout)
if not taken then return { 'held' } end

local last = redis.call('LINDEX', journal, -1)
return { 'taken', at, redis.call('LLEN', journal), last and redis.sha1hex(last) or '' }
