-- Prolongs a lease and tells its holder how long the journal is by now.
-- KEYS: lease, looks, journal    ARGV: rollout, token, milliseconds
-- Answers the version | -1 (lease lost)
local lease, looks, journal = KEYS[1], KEYS[2], KEYS[3]
local rollout, token, ms = ARGV[1], ARGV[2], tonumber(ARGV[3])

if redis.call('GET', lease) ~= token then return -1 end

redis.call('PEXPIRE', lease, ms)
local time = redis.call('TIME')
redis.call('ZADD', looks, 'XX', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + ms, rollout)
return redis.call('LLEN', journal)
