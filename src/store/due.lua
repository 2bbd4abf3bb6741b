-- Rollouts of one cluster whose Look has come, by this server's clock. Reads only.
-- KEYS: looks    ARGV: limit
-- Answers {rollout, score, rollout, score, ...}, longest overdue first
local time = redis.call('TIME')
local at = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', at), 'WITHSCORES', 'LIMIT', 0, tonumber(ARGV[1]))
