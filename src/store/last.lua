-- The end of a journal and the time, for whoever signs what comes next (journal.ts). Reads only.
-- KEYS: journal
-- Answers {last line or '', version, now (ms since 1970)}
local last = redis.call('LINDEX', KEYS[1], -1) or ''
local time = redis.call('TIME')
return { last, redis.call('LLEN', KEYS[1]), tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) }
