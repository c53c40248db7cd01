-- The clock of all decisions is this server's, in whole microseconds: below 2^53, so that a number of Lua
-- holds it exactly. Never through `..` or tostring, which write 14 digits.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

-- How long a record outlives its use, in milliseconds: against a clock that is set back.
local margin_ms = 1000
