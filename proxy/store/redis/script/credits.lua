-- The credits of one consumer in one window: a hash of `used`, `generation`, and for each writer (one core of
-- one incarnation of a proxy, in one epoch) what it has charged in total. A batch says what its writer knows
-- as its total (`base`): where that differs from what stands here, a reply was lost or the store lost data,
-- and the difference is made good. A reset sets `used` to 0 and raises `generation`, which is 1 at first.
--   'w' .. writer: seq I8 | total I8 | last used I8
local credits = {}

-- Writers who have been silent for a minute have begun new epochs, or are no more; what they charged stays
-- in `used`. Looked for when one is added, which is when their number grows, at most once a minute. Who was
-- silent since the last look but one goes: that is a minute even if the clock has leapt in between.
--   'looks': the last but one I8 | the last I8
function credits.drop_idle(key)
  local looks, before, last = call('HGET', key, 'looks'), now, now
  if looks then before, last = unpack('>I8I8', looks) end
  if last > now then looks, before, last = false, now, now end
  if looks and now - last < 60000000 then return end
  if looks then
    local fields = call('HGETALL', key)
    for i = 1, #fields, 2 do
      if #fields[i] == 9 and string.byte(fields[i]) == 119 and unpack('>I8', fields[i + 1], 17) < before then
        call('HDEL', key, fields[i])
      end
    end
  end
  call('HSET', key, 'looks', pack('>I8I8', last, now))
end

-- False: the batch was overtaken by a later one of its writer.
function credits.open(key, batch)
  local field = 'w' .. batch.writer
  local stands = call('HMGET', key, 'used', 'generation', field)
  local used, generation, base, total = tonumber(stands[1] or 0), tonumber(stands[2] or 1), batch.base, 0
  if stands[3] then
    local seq
    seq, total = unpack('>I8I8', stands[3])
    if batch.seq <= seq then return false end
  end
  -- Of a generation before a reset nothing counts any more; a later one than ours was lost with the data. A
  -- writer that was never answered knows none, which is 0.
  if batch.generation > 0 and generation > batch.generation then base, total = 0, 0 end
  batch.generation = max(generation, batch.generation)
  return {key = key, field = field, added = not stands[3], used = max(0, used + base - total), total = base}
end

function credits.admits(record, item)
  return item.cost == 0 or item.overage or record.used + item.cost <= item.credits
end

function credits.charge(record, cost)
  record.used, record.total = record.used + cost, record.total + cost
end

function credits.store(record, batch)
  if record.added then credits.drop_idle(record.key) end
  call('HSET', record.key, 'used', digits(record.used), 'generation', digits(batch.generation), record.field,
    pack('>I8I8I8', batch.seq, record.total, now))
  call('PEXPIRE', record.key, lifetime(max(0, batch.window_end - now) + 172800000000))
end
