-- Gives a lease back and says when to look next, unless the journal is not what the driver has seen (design.md 4.6).
-- KEYS: lease, looks, journal    ARGV: rollout, token, seen version, next look (ms since 1970), link of the last entry seen or ''
-- Answers 'let-go' | 'moved' | 'lease-lost'
local lease, looks, journal = KEYS[1], KEYS[2], KEYS[3]
local rollout, token, seen, next_look, link = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]

if redis.call('GET', lease) ~= token then return 'lease-lost' end
if redis.call('LLEN', journal) ~= seen then return 'moved' end
-- A store that lost facts may have grown to the same length again.
if link ~= '' and seen > 0 and redis.sha1hex(redis.call('LINDEX', journal, -1)) ~= link then return 'moved' end

redis.call('DEL', lease)
-- XX: a rollout that ended meanwhile has no Look, and gets none.
redis.call('ZADD', looks, 'XX', next_look, rollout)
return 'let-go'
