-- Becomes or stays the one speaker of a workspace.
-- KEYS: speaker    ARGV: owner, milliseconds
-- Answers 1 (speaking) | 0 (another process is)
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', tonumber(ARGV[2]))
return 1
