-- Gives a lease back and says when to look next, unless the journal moved past what the driver has seen (design.md 4.6).
-- KEYS: lease, looks, journal    ARGV: rollout, token, seen version, next look (ms since 1970)
-- Answers 'let-go' | 'moved' | 'lease-lost'
local lease, looks, journal = KEYS[1], KEYS[2], KEYS[3]
local rollout, token, seen, next_look = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]

if redis.call('GET', lease) ~= token then return 'lease-lost' end
if redis.call('LLEN', journal) ~= seen then return 'moved' end

redis.call('DEL', lease)
-- XX: a rollout that ended meanwhile has no Look, and gets none.
redis.call('ZADD', looks, 'XX', next_look, rollout)
return 'let-go'
