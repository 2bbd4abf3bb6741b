-- Keeps how a Slack delivery was answered first, as long as the delivery is known.
-- KEYS: delivery    ARGV: answer as JSON text
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HSETNX', KEYS[1], 'answer', ARGV[1])
