-- Becomes the driver of one rollout, or learns that another process is (design.md 4.6).
-- KEYS: lease, looks    ARGV: rollout, token, milliseconds
-- Answers the store's time in milliseconds (taken) | 0 (held elsewhere)
local lease, looks = KEYS[1], KEYS[2]
local rollout, token, ms = ARGV[1], ARGV[2], tonumber(ARGV[3])

local taken = redis.call('SET', lease, token, 'NX', 'PX', ms)
local time = redis.call('TIME')
local at = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

-- XX: only append makes a Look and only append ends it, so a finished rollout does not get one here.
-- Held elsewhere: the holder sees every append when it renews or lets go, so nothing is lost by waiting for its lease to end.
redis.call('ZADD', looks, 'XX', at + redis.call('PTTL', lease), rollout)
return taken and at or 0
