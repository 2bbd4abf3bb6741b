-- Marks a prefix with the version of its keys, unless a newer program did.
-- KEYS: schema    ARGV: our version
-- Answers the version that holds now, as text
local found = redis.call('GET', KEYS[1])
if found and not (string.match(found, '^%d+$') and tonumber(found) < tonumber(ARGV[1])) then return found end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]
