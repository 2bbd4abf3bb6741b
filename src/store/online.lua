-- Put before the scripts that must not be answered without replicas (scripts.ts): how many follow and were heard of lately, or nil where
-- INFO is closed to scripts; there WAIT alone decides (writing.ts).
local function online(silence)
  local info, count = redis.pcall('INFO', 'replication'), 0
  if type(info) ~= 'string' then return nil end
  -- A lag is whole seconds by two clocks, and -1 at times.
  for lag in string.gmatch(info, 'slave%d+:[^\r\n]*state=online[^\r\n]*lag=(%-?%d+)') do
    if tonumber(lag) <= silence then count = count + 1 end
  end
  return count
end
