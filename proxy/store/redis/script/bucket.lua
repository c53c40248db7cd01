-- A token bucket as one moment, the one at which it is whole again (GCRA's theoretical arrival time), in
-- microseconds and 1/2048 of them: what one request takes to be refilled is seldom a whole microsecond.
--   'B' | time I8 | fraction I2
local bucket = {}

function bucket.load(key)
  local text = call('GET', key)
  if not text then return {missing = 0} end
  local time, fraction = unpack('>I8I2', text, 2)
  return {missing = max(0, (time - now) * 2048 + fraction)}
end

-- Clamped to the burst: nobody waits longer than the limit as it stands explains. Also a refusal writes the
-- clamped time back.
function bucket.read(record, terms)
  if record.missing > terms.depth then record.missing, record.dirty = terms.depth, true end
  return record.missing
end

function bucket.admits(terms, missing)
  return terms.requests > 0 and missing + terms.interval <= terms.depth
end

function bucket.take(record, terms)
  record.missing, record.dirty = record.missing + terms.interval, true
end

function bucket.state(record, terms)
  if terms.requests == 0 then return 0, terms.per, terms.per end
  local left = terms.depth - record.missing
  local reset = math.ceil(record.missing / 2048)
  if left < terms.interval then return 0, reset, math.ceil((terms.interval - left) / 2048) end
  return floor(left / terms.interval), reset, 0
end

function bucket.store(key, record)
  if not record.dirty then return end
  local whole = floor(record.missing / 2048)
  local text = pack('>BI8I2', 66, now + whole, record.missing - whole * 2048)
  call('SET', key, text, 'PX', lifetime(whole))
end
