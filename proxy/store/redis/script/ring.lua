-- A trailing window of up to 128 requests: the times of the last admissions, in a ring. A request is admitted
-- when the admission `requests` ago is older than `per`. The ring has room for the most `requests` that it
-- was asked with, so that an edit of the limit, or two proxies that know different editions, lose nothing.
--   'R' | per I8 | expires I8 | room I2 | count I2 | next I2 | room times of I8
local ring = {head = 23}

function ring.new()
  return {form = ring, per = 0, expires = 0, room = 0, count = 0, next = 0, text = '', added = 0}
end

function ring.parse(text)
  local per, expires, room, count, next = unpack('>I8I8I2I2I2', text, 2)
  local record = {
    form = ring, per = per, expires = expires, room = room, count = count, next = next, text = text, added = 0
  }
  if count > 0 and ring.ago(record, 1) > now then ring.rewrite_ahead(record) end
  if count == 0 or now > ring.ago(record, 1) + per then return ring.new() end
  return record
end

-- The time of the n-th last admission, those of this batch among them.
function ring.ago(record, n)
  if n <= record.added then return now end
  return (unpack('>I8', record.text, ring.head + 1 + (record.next - n + record.added) % record.room * 8))
end

-- The times from the oldest on, as they stand in a ring that begins at its first place.
function ring.straight(record)
  local first = (record.next - record.count) % max(1, record.room)
  local at = ring.head + 1 + first * 8
  local behind = string.sub(record.text, at, ring.head + min(first + record.count, record.room) * 8)
  return behind .. string.sub(record.text, ring.head + 1, ring.head + record.count * 8 - #behind)
end

function ring.lay(record, times)
  record.text = string.rep('\0', ring.head) .. times
  record.count = #times / 8
  record.next = record.room == 0 and 0 or record.count % record.room
  record.whole = true
end

-- The clock has gone back: what lies ahead counts as of now.
function ring.rewrite_ahead(record)
  local times = {}
  for n = record.count, 1, -1 do times[#times + 1] = pack('>I8', min(now, ring.ago(record, n))) end
  ring.lay(record, table.concat(times))
end

-- Admissions within the trailing `per`, of the last `requests`. Older, not as old, is out: times are cut to
-- microseconds, so two that seem `per` apart may be less.
function ring.read(record, terms)
  if terms.requests > record.room then
    local times = ring.straight(record)
    record.room = terms.requests
    ring.lay(record, times)
  end
  if terms.per > record.per then record.per, record.dirty = terms.per, true end
  local low, high = 0, min(record.count + record.added, terms.requests)
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if now - ring.ago(record, middle) <= terms.per then low = middle else high = middle - 1 end
  end
  return low
end

function ring.take(record) record.added, record.dirty = record.added + 1, true end

function ring.state(record, terms, count)
  if terms.requests == 0 then return 0, terms.per, terms.per end
  if count == 0 then return terms.requests, 0, 0 end
  local reset = ring.ago(record, 1) + terms.per + 1 - now
  if count < terms.requests then return terms.requests - count, reset, 0 end
  return 0, reset, ring.ago(record, count) + terms.per + 1 - now
end

function ring.header(record)
  return pack('>BI8I8I2I2I2', 82, record.per, record.expires, record.room, record.count, record.next)
end

function ring.store(key, record)
  if record.count + record.added == 0 or not (record.dirty or record.whole) then return end
  local keep = record.per + 1
  if record.whole then
    -- All of it anew, with what this batch added.
    local times = ring.straight(record) .. string.rep(pack('>I8', now), record.added)
    ring.lay(record, string.sub(times, -8 * record.room))
    record.expires = now + keep + min(keep, 60000000)
    local text = ring.header(record) .. string.sub(record.text, ring.head + 1)
    call('SET', key, text, 'PX', lifetime(record.expires - now))
    return
  end
  for _ = 1, min(record.added, record.room) do
    call('SETRANGE', key, ring.head + record.next * 8, pack('>I8', now))
    record.next = (record.next + 1) % record.room
    record.count = min(record.count + 1, record.room)
  end
  if expiry_due(record, keep) then move_expiry(key, record, keep) end
  call('SETRANGE', key, 0, ring.header(record))
end
