-- Decides a batch of requests of one consumer, item by item, each over all its limits and its credits: all or
-- nothing.
--   KEYS     the records of the limits, each once; then, if there are credits, the window's
--   ARGV[1]  version B | flags B (1: credits, 2: corrects only) | not after I8 | seq I8 | base I8 |
--            generation I8 | end of the window I8 | writer, 8 bytes
--   ARGV[2]  for each limit: 'B' or 'W' | place in KEYS B | requests I8 | per I8 | interval I8 | depth I8
--   ARGV[3]  for each item: cost I8 | credits I8 | overage allowed B | number of limits B | their places in
--            ARGV[2], B each
-- Answers: outcome B (0 decided, 1 void, 2 the window is over) | now I8 | generation I8, and for each item:
--   verdict B (0 admitted, 1 a limit, 2 the credits) | refused by B | retry I8 | used I8 | for each limit:
--   remaining I8 | reset I8 | retry I8
local function read_batch()
  local version, flags, not_after, seq, base, generation, window_end, at = unpack('>BBI8I8I8I8I8', ARGV[1])
  return {
    not_after = not_after, seq = seq, base = base, generation = generation, window_end = window_end,
    writer = string.sub(ARGV[1], at, at + 7), counts = flags % 2 == 1, corrects = flags >= 2
  }
end

local records = {}

local function read_limits()
  local limits, at, text = {}, 1, ARGV[2]
  while at <= #text do
    local letter, place, requests, per, interval, depth
    letter, place, requests, per, interval, depth, at = unpack('>BBI8I8I8I8', text, at)
    local kind, key = letter == 66 and bucket or window, KEYS[place]
    records[key] = records[key] or {kind = kind, state = kind.load(key)}
    limits[#limits + 1] = {
      kind = kind, record = records[key].state, requests = requests, per = per, interval = interval,
      depth = depth
    }
  end
  return limits
end

local function read_item(limits, at)
  local cost, most, overage, count
  cost, most, overage, count, at = unpack('>I8I8BB', ARGV[3], at)
  local item = {cost = cost, credits = most, overage = overage == 1, limits = {}, readings = {}}
  for i = 1, count do item.limits[i] = limits[string.byte(ARGV[3], at + i - 1)] end
  return item, at + count
end

-- Of several that refuse, the one that holds longest is told: until then no try can succeed.
local function judge(item, account, batch)
  local verdict, refused_by, longest = 0, 0, 0
  for i, limit in ipairs(item.limits) do
    local reading = limit.kind.read(limit.record, limit)
    item.readings[i] = reading
    if not limit.kind.admits(limit, reading) then
      local _, _, retry = limit.kind.state(limit.record, limit, reading)
      if verdict == 0 or retry > longest then verdict, refused_by, longest = 1, i - 1, retry end
    end
  end
  if account and not credits.admits(account, item) then
    local retry = batch.window_end - now
    if verdict == 0 or retry > longest then verdict, refused_by, longest = 2, 0, retry end
  end
  return verdict, refused_by, longest
end

local function decide(item, account, batch, answers)
  local verdict, refused_by, retry = judge(item, account, batch)
  local states = {}
  for i, limit in ipairs(item.limits) do
    local reading = item.readings[i]
    if verdict == 0 then
      limit.kind.take(limit.record, limit)
      reading = limit.kind.read(limit.record, limit)
    end
    states[i] = pack('>I8I8I8', limit.kind.state(limit.record, limit, reading))
  end
  if account and verdict == 0 then credits.charge(account, item.cost) end
  answers[#answers + 1] = pack('>BBI8I8', verdict, refused_by, retry, account and account.used or 0)
  answers[#answers + 1] = table.concat(states)
end

local batch = read_batch()
if now > batch.not_after then return pack('>BI8I8', 1, now, 0) end
if batch.counts and not batch.corrects and now >= batch.window_end then return pack('>BI8I8', 2, now, 0) end
local account = batch.counts and credits.open(KEYS[#KEYS], batch)
if account == false and batch.counts then return pack('>BI8I8', 1, now, 0) end

local limits, answers, at = read_limits(), {}, 1
while at <= #ARGV[3] do
  local item
  item, at = read_item(limits, at)
  decide(item, account, batch, answers)
end
for key, record in pairs(records) do record.kind.store(key, record.state) end
if account then credits.store(account, batch) end
return pack('>BI8I8', 0, now, batch.generation) .. table.concat(answers)
