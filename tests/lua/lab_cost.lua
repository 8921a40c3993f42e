-- lab.cost: what a function takes.
function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end

-- lab.cost: only what f did counts, and what it returns comes along
w = var(2);
(w * w):backward()
c = lab.cost(function() return numeric_gradient(function() return w ^ 3 end, w) end)
assert(c.forward == 2 and c.backward == 0 and c.seconds >= 0 and c.seconds < 60)
assert(math.abs(c.value - 12) < 1e-6)
c = lab.cost(function() (w ^ 3):backward() end)
assert(c.forward == 1 and c.backward == 1 and c.value == nil)
lab.passes{reset = true}
lab.cost(function() (w ^ 3):backward() end)
assert(lab.passes().backward == 1)
calls = 0
c = lab.cost{function() calls = calls + 1; (w ^ 3):backward(); return calls end, runs = 5}
assert(calls == 5 and c.value == 1 and c.forward == 1 and c.backward == 1 and c.seconds < 60)
fails("runs", function() lab.cost{function() end, runs = 0} end)
fails("no sirvió", function() lab.cost(function() error("no sirvió") end) end)
fails("f", function() lab.cost(3) end)
