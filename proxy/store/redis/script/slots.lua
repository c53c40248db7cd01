-- A trailing window of more than 128 requests: admissions counted in 128 whole slots of per/128 and the one
-- that runs. The oldest slot counts whole although the window covers it in part, so never more than
-- `requests` are admitted in any trailing `per`. The slots span the longest `per` that the record was asked
-- with, until nobody has asked with it for one span: an edit of the limit loses nothing.
--   'S' | span I8 | expires I8 | running slot I8 | newest slot I8 | spanned I8 | total I8 | running I4 |
--   128 counts of I4; a slot's place is its number modulo 128, the running one's is still its predecessor's
--
-- Made only where a limit needs it: what a script defines it defines anew in each run.
local function make_slots()
  local slots = {head = 53}

  local function slot_of(span, time) return floor(time * 128 / span) end
  -- The first microsecond of a slot.
  local function start_of(span, slot) return math.ceil(slot * span / 128) end

  function slots.new(span)
    local slot = slot_of(span, now)
    return {
      form = slots, span = span, expires = 0, slot = slot, newest = slot, spanned = now, total = 0,
      running = 0, text = string.rep('\0', slots.head + 512), changed = {}, changes = 0, dirty = true,
      whole = true
    }
  end

  function slots.parse(text)
    local span, expires, slot, newest, spanned, total, running = unpack('>I8I8I8I8I8I8I4', text, 2)
    local record = {
      form = slots, span = span, expires = expires, slot = slot, newest = newest, spanned = spanned,
      total = total, running = running, text = text, changed = {}, changes = 0
    }
    if record.slot < slot_of(span, now) then slots.advance(record) end
    if record.slot > slot_of(span, now) then slots.retreat(record) end
    return record
  end

  -- The count that a place holds, of a slot before the running one.
  local function get(record, slot)
    return record.changed[slot % 128] or (unpack('>I4', record.text, slots.head + 1 + slot % 128 * 4))
  end
  local function put(record, slot, count)
    if not record.changed[slot % 128] then record.changes = record.changes + 1 end
    record.changed[slot % 128] = count
  end

  local function at(record, slot)
    if slot == record.slot then return record.running end
    return get(record, slot)
  end

  -- Moves on to now.
  function slots.advance(record)
    local slot = slot_of(record.span, now)
    for _ = 1, min(slot - record.slot, 129) do
      if record.total == 0 then break end
      record.total = record.total - get(record, record.slot)
      put(record, record.slot, record.running)
      record.running, record.slot = 0, record.slot + 1
    end
    record.slot, record.dirty = slot, true
  end

  -- The clock has gone back: what lies ahead counts as of now.
  function slots.retreat(record)
    local slot = slot_of(record.span, now)
    for i = 1, min(record.slot - slot, 128) do
      record.running = record.running + get(record, record.slot - i)
      put(record, record.slot - i, 0)
    end
    record.slot, record.newest, record.dirty = slot, min(record.newest, slot), true
    record.spanned = min(record.spanned, now)
  end

  -- Adds admissions of a time that is past or present.
  local function count_at(record, time, count)
    local slot = slot_of(record.span, time)
    if count == 0 or slot < record.slot - 128 then return end
    if slot == record.slot then record.running = record.running + count
    else put(record, slot, get(record, slot) + count) end
    record.total, record.newest = record.total + count, slot
  end

  -- Takes over what a ring knows.
  function slots.from_ring(other, span)
    local record = slots.new(span)
    for n = other.count + other.added, 1, -1 do count_at(record, ring.ago(other, n), 1) end
    return record
  end

  -- Counts each slot as of the latest moment that it may hold: too strict for a slot's length, never too lax.
  function slots.respan(record, span)
    local other = slots.new(span)
    for slot = record.slot - 128, record.slot do
      count_at(other, min(now, start_of(record.span, slot + 1) - 1), at(record, slot))
    end
    other.expires = record.expires
    for name, value in pairs(other) do record[name] = value end
  end

  local function oldest_of(record, terms)
    return max(record.slot - 128, slot_of(record.span, now - terms.per))
  end

  function slots.read(record, terms)
    if terms.per == record.span then
      record.spanned = now
      return record.total
    end
    if terms.per > record.span or now - record.spanned > record.span or record.total == 0 then
      slots.respan(record, terms.per)
      return record.total
    end
    local count = 0
    for slot = oldest_of(record, terms), record.slot do count = count + at(record, slot) end
    return count
  end

  function slots.take(record)
    record.running, record.total = record.running + 1, record.total + 1
    record.newest, record.dirty = record.slot, true
  end

  -- When so many of the oldest have left that one more fits.
  local function retry_at(record, terms, count)
    local slot = oldest_of(record, terms)
    while slot < record.slot do
      count = count - at(record, slot)
      if count < terms.requests then break end
      slot = slot + 1
    end
    return start_of(record.span, slot + 1) + terms.per
  end

  function slots.state(record, terms, count)
    if terms.requests == 0 then return 0, terms.per, terms.per end
    if count == 0 then return terms.requests, 0, 0 end
    local reset = start_of(record.span, record.newest + 1) + terms.per - now
    if count < terms.requests then return terms.requests - count, reset, 0 end
    return 0, reset, retry_at(record, terms, count) - now
  end

  -- Aged out: as good as none.
  function slots.over(record)
    return record.total == 0 or start_of(record.span, record.newest + 129) <= now
  end

  local function header(record)
    return pack('>BI8I8I8I8I8I8I4', 83, record.span, record.expires, record.slot, record.newest,
      record.spanned, record.total, record.running)
  end

  -- Few counts are written each by itself, many with the whole.
  function slots.store(key, record)
    if not record.dirty or record.total == 0 then return end
    local keep = start_of(record.span, record.slot + 129) - now
    if record.whole or record.changes > 16 then
      local counts = {}
      for place = 0, 127 do counts[place + 1] = pack('>I4', get(record, place)) end
      record.expires = now + keep + min(keep, 60000000)
      call('SET', key, header(record) .. table.concat(counts), 'PX', lifetime(record.expires - now))
      return
    end
    if expiry_due(record, keep) then move_expiry(key, record, keep) end
    call('SETRANGE', key, 0, header(record))
    for place, count in pairs(record.changed) do
      call('SETRANGE', key, slots.head + place * 4, pack('>I4', count))
    end
  end
  return slots
end
