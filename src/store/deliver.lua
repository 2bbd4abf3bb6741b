-- Keeps which rollout a Slack delivery is about when it comes first, and how long its journal is then; both stand however often it comes.
-- KEYS: delivery, journal    ARGV: rollout ('' for none), milliseconds to live
-- Answers {rollout, version, answer} as they are kept; answer is nil while there is none
if redis.call('HSETNX', KEYS[1], 'rollout', ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], 'version', redis.call('LLEN', KEYS[2]))
  redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[2]))
end
return redis.call('HMGET', KEYS[1], 'rollout', 'version', 'answer')
