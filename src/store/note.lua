-- Keeps the latest sentence about one node, for display only: capped in nodes, and gone when nobody adds to it.
-- KEYS: notes    ARGV: node, sentence as JSON text, most nodes, milliseconds to live
local notes, node, sentence, most, ms = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
if redis.call('HLEN', notes) >= most and redis.call('HEXISTS', notes, node) == 0 then return 0 end

local time = redis.call('TIME')
local at = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('HSET', notes, node, string.format('{"sentence":%s,"at":%.0f}', sentence, at))
redis.call('PEXPIRE', notes, ms)
return 1
