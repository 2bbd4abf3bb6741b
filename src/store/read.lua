-- Reads a page of a journal together with how long it ever was, so that a missing end is noticed. Reads only.
-- KEYS: journal, heads    ARGV: rollout, first index, last index
-- Answers {'version:link' or '', line, line, ...}
local page = redis.call('LRANGE', KEYS[1], ARGV[2], ARGV[3])
table.insert(page, 1, redis.call('HGET', KEYS[2], ARGV[1]) or '')
return page
