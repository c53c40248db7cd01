-- A limit without burst: in no trailing `per` more than `requests`. Times in a ring up to 128 requests, counts
-- in slots above that; a record that has become slots stays so until it has aged out.
local window = {}

local slots
local function need_slots()
  slots = slots or make_slots()
  return slots
end

function window.load(key)
  local text = call('GET', key)
  if not text then return {holds = ring.new()} end
  if string.byte(text) == 83 then return {holds = need_slots().parse(text)} end
  return {holds = ring.parse(text)}
end

function window.read(record, terms)
  local holds = record.holds
  if terms.requests > 128 and holds.form == ring then
    record.holds = need_slots().from_ring(holds, max(holds.per, terms.per))
  elseif terms.requests <= 128 and holds.form == slots and slots.over(holds) then
    record.holds = ring.new()
  end
  return record.holds.form.read(record.holds, terms)
end

function window.admits(terms, count) return count < terms.requests end
function window.take(record) record.holds.form.take(record.holds) end
function window.state(record, terms, count) return record.holds.form.state(record.holds, terms, count) end
function window.store(key, record) record.holds.form.store(key, record.holds) end
