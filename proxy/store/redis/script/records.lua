-- Reading and writing of records: strings of big-endian fields behind a letter that says what they are.
local call, pack, unpack, floor = redis.call, struct.pack, struct.unpack, math.floor
local min, max = math.min, math.max

local function digits(number) return string.format('%.0f', number) end

-- Milliseconds for which a record is kept whose use is over in `us`.
local function lifetime(us) return digits(math.ceil(us / 1000) + margin_ms) end

-- Of records that are written piecemeal, the expiry is moved only now and then: they carry the time at which
-- they expire, and get up to a minute more than they need.
local function expiry_due(record, us) return record.expires < now + us end
local function move_expiry(key, record, us)
  record.expires = now + us + min(us, 60000000)
  call('PEXPIRE', key, lifetime(record.expires - now))
end
