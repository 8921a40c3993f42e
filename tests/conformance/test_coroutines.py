"""Coroutines that nobody resumes again, left in every state that one can be left in: what they
hold comes back, nothing of theirs runs twice or late, and the next cell is a plain cell.

Each row is a function that makes one abandoned coroutine and returns it (or the function of
coroutine.wrap). Made by the hundred, each with two megabytes of its own.
"""

import pytest

import proc
from test_debug import Debugger

COUNT = 300
MEGABYTE = 1e6

SETUP = """function mega() return tensor.zeros(512, 512) end  -- 2 MB
closed, ran = 0, 0
function guard() return setmetatable({}, {__close = function() closed = closed + 1 end}) end
lab.seed(1)
d = data.gauss{n = 20}
m = nn.Sequential{nn.Dense(2)}
m:compile{loss = "sparse_categorical_crossentropy"}
alive = setmetatable({}, {__mode = "k"})
function abandon(make, n)
  closed, ran = 0, 0
  for i = 1, n do alive[make(i)] = true end
end
function survivors()
  collectgarbage() collectgarbage()
  local n = 0
  for _ in pairs(alive) do n = n + 1 end
  return n
end"""

# name: (how one is made, how often a coroutine's variables are closed, how often it runs)
STATES = {
    "never started": ("""function make()
  local t = mega()
  return coroutine.create(function() ran = ran + 1 return t end)
end""", 0, 0),
    "suspended": ("""function make()
  local co = coroutine.create(function() local t = mega() ran = ran + 1 coroutine.yield(t) ran = ran + 1 end)
  coroutine.resume(co)
  return co
end""", 0, 1),
    "with variables to be closed": ("""function make()
  local co = coroutine.wrap(function()
    local t = mega() local a <close> = guard() local b <close> = guard()
    ran = ran + 1
    coroutine.yield(1)
  end)
  co()
  return co
end""", 0, 1),
    "closed by coroutine.close": ("""function make()
  local co = coroutine.create(function()
    local t = mega() local a <close> = guard() local b <close> = guard()
    ran = ran + 1
    coroutine.yield(1)
  end)
  coroutine.resume(co)
  coroutine.close(co)
  return co
end""", 2, 1),
    "in the middle of closing": ("""function make()
  local co = coroutine.create(function()
    local t = mega()
    local a <close> = guard()
    local b <close> = setmetatable({}, {__close = function() ran = ran + 1 coroutine.yield(t) end})
  end)
  coroutine.resume(co)
  return co
end""", 0, 1),
    "inside of pcall": ("""function make()
  local co = coroutine.wrap(function()
    pcall(function() local t = mega() ran = ran + 1 coroutine.yield(t) end)
    ran = ran + 1
  end)
  co()
  return co
end""", 0, 1),
    "inside of xpcall with a handler": ("""function make()
  local t = mega()
  local co = coroutine.wrap(function()
    xpcall(function() ran = ran + 1 coroutine.yield(1) end, function() ran = ran + 1 return t end)
  end)
  co()
  return co
end""", 0, 1),
    "ended by an error": ("""function make()
  local co = coroutine.create(function()
    local t = mega() local a <close> = guard()
    ran = ran + 1
    error({t})
  end)
  coroutine.resume(co)
  return co
end""", 0, 1),
    "ended by an error, wrapped": ("""function make()
  local co = coroutine.wrap(function()
    local t = mega() local a <close> = guard()
    ran = ran + 1
    error({t})
  end)
  pcall(co)
  return co
end""", 1, 1),
    "with a tape and its graph": ("""function make()
  local co = coroutine.wrap(function()
    local w = var(mega())
    local y = (sigmoid(w * w) + w):sum()
    ran = ran + 1
    coroutine.yield(y)
    y:backward()
  end)
  co()
  return co
end""", 0, 1),
    "between backward and step": ("""function make()
  local w = var(mega())
  local o = optim.Adam{{w}}
  local co = coroutine.wrap(function()
    local y = (w * w):sum()
    y:backward()
    ran = ran + 1
    coroutine.yield()
    o:step()
  end)
  co()
  return co
end""", 0, 1),
    "around a training": ("""function make()
  local co = coroutine.wrap(function()
    local t = mega()
    m:fit{d, epochs = 1, verbose = 0}
    ran = ran + 1
    coroutine.yield(t)
    m:fit{d, epochs = 1, verbose = 0}
  end)
  co()
  return co
end""", 0, 1),
    "made inside of a callback of fit": ("""function make()
  local co
  m:fit{d, epochs = 1, verbose = 0, callbacks = function()
    co = coroutine.wrap(function() local t = mega() ran = ran + 1 coroutine.yield(t) end)
    co()
  end}
  return co
end""", 0, 1),
    "yielding out of a callback of fit": ("""function make()
  local co = coroutine.create(function()
    local t = mega() local a <close> = guard()
    m:fit{d, epochs = 2, verbose = 0, callbacks = function() ran = ran + 1 coroutine.yield(t) end}
  end)
  local ok, why = coroutine.resume(co)
  assert(not ok and #why > 0)
  return co
end""", 0, 1),
    "one inside of the other": ("""function make()
  local outer
  outer = coroutine.wrap(function()
    local t = mega()
    local inner = coroutine.wrap(function() ran = ran + 1 coroutine.yield(outer, t) end)
    inner()
    coroutine.yield(inner)
  end)
  outer()
  return outer
end""", 0, 1),
    "holding itself": ("""function make()
  local co
  co = coroutine.create(function()
    local t, me = mega(), coroutine.running()
    ran = ran + 1
    coroutine.yield(co, me, t)
  end)
  coroutine.resume(co)
  return co
end""", 0, 1),
    "a generator in a for loop that breaks": ("""function make()
  local gen = coroutine.wrap(function()
    for i = 1, 10 do local t = mega() coroutine.yield(i, t) end
  end)
  for i in gen do ran = ran + 1 break end
  return gen
end""", 0, 1),
    "at the end of a deep stack": ("""function make()
  local function dive(n) if n == 0 then ran = ran + 1 coroutine.yield() else return 1 + dive(n - 1) end end
  local co = coroutine.wrap(function() local t = mega() dive(2000) end)
  co()
  return co
end""", 0, 1),
}


@pytest.fixture
def flat(lab):
    """What a test makes is gone at its end, from the process too."""
    lab.ok(SETUP)
    before = proc.memory(lab.pid)["rss"]
    yield
    assert lab.ok("survivors()").result == "0"
    grown = (proc.memory(lab.pid)["rss"] - before) / MEGABYTE
    assert grown < 70, f"{grown:.0f} MB more than before"


@pytest.mark.parametrize("state", STATES)
def test_what_it_holds_comes_back(lab, flat, state):
    make, closed, ran = STATES[state]
    lab.ok(f"{make} abandon(make, {COUNT})", patience=60)
    assert lab.ok("survivors()").result == "0"
    assert lab.ok("closed, ran").result == f"{COUNT * closed}\t{COUNT * ran}"


def test_generators_by_the_thousand(lab, flat):
    lab.ok("""function make()
  local gen = coroutine.wrap(function() for i = 1, 10 do coroutine.yield(("x"):rep(2000) .. i) end end)
  gen()
  return gen
end""")
    for _ in range(5):
        lab.ok("abandon(make, 20000)", patience=60)


STOPPED = """local co
co = coroutine.create(function()
  local t, u = tensor.zeros(2048, 2048), tensor.zeros(2048, 2048)
  local g <close> = guard()
  alive[co] = true
  print("ya")
  ran = ran + 1
  while true do end
end)
guardada = setmetatable({co}, {__mode = "v"})
coroutine.resume(co)
ran = ran + 100"""


@pytest.mark.parametrize("way", ["interrupt_by_message", "interrupt_by_signal"])
def test_interrupted_in_its_loop(lab, flat, way):
    for _ in range(10):
        cell = lab.begin(STOPPED)
        lab.until(lambda: cell.stdout, 20, "the print")
        getattr(lab, way)()
        assert lab.finish(cell).content["ename"] == "KeyboardInterrupt"
    assert lab.ok("ran").result == "10"
    dead = lab.ok("local co = guardada[1] print(not co or coroutine.status(co))").stdout
    assert dead.strip() in ("true", "dead")


def test_interrupted_at_a_breakpoint(lab, flat):
    debugger = Debugger(lab)
    debugger.start()
    debugger.breakpoints(STOPPED, 7)
    for _ in range(10):
        cell = lab.begin(STOPPED)
        debugger.stopped(cell)
        assert debugger.line == 7
        lab.interrupt_by_message()
        assert lab.finish(cell).content["ename"] == "KeyboardInterrupt"
    debugger.stop()
    assert lab.ok("ran").result == "0"
