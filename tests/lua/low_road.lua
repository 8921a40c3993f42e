-- The low road: a network trained by hand, gradients from backward or from differences, and
-- the passes that each of them costs (the three questions of the activity).
function near(a, b, tolerance)
    assert(math.abs(a - b) <= (tolerance or 1e-6), a .. " no está cerca de " .. b)
end

function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end

X, Y = tensor{{0, 0}, {0, 1}, {1, 0}, {1, 1}}, tensor{{0}, {1}, {1}, {0}}

-- a model's parameters and an optimizer, step by step
lab.seed(5)
m = nn.Sequential{nn.Dense{8, activation = "tanh"}, nn.Dense{1, activation = "sigmoid"}}
m:build(2)
opt = optim.Adam{m:parameters(), learning_rate = 0.05}
for step = 1, 300 do
    opt:zero_grad()
    L = mse(Y, m(X))
    if step == 1 then first = L:item() end
    L:backward()
    opt:step()
end
assert(L:item() < 0.01 and first > 0.2 and opt.steps == 300)
assert(m:classify(X) == tensor{0, 1, 1, 0})

-- the network 2-3-1 in float64
function network()
    local p = {var{tensor.randn{2, 3, seed = 1}, name = "W1"}, var(tensor.zeros(1, 3)),
               var{tensor.randn{3, 1, seed = 2}, name = "W2"}, var(tensor.zeros(1, 1))}
    local function loss()
        local a = sigmoid(X:matmul(p[1]) + p[2])
        return mse(Y, sigmoid(a:matmul(p[3]) + p[4]))
    end
    return p, loss
end

-- question 1: 2P passes for one numeric gradient, one forward and one backward for the other
p, loss = network()
lab.passes{reset = true}
g = numeric_gradient(loss, p)
assert(lab.passes().forward == 2 * 13 and lab.passes().backward == 0)
lab.passes{reset = true}
loss():backward()
assert(lab.passes().forward == 1 and lab.passes().backward == 1)
for i = 1, 4 do
    local off = (g[i] - p[i].grad):norm()
    near(off:item(), 0, 1e-9)
end

-- question 2: descent takes any gradient; the two curves lie on each other
function train(gradient, steps)
    local p, loss = network()
    local opt = optim.SGD{p, learning_rate = 2}
    local curve = {}
    for i = 1, steps do
        opt:zero_grad()
        curve[i] = loss():item()
        gradient(p, loss)
        opt:step()
    end
    return curve
end
a = train(function(p, loss) loss():backward() end, 100)
b = train(function(p, loss)
    for i, g in ipairs(numeric_gradient(loss, p)) do p[i].grad = g end
end, 100)
for i = 1, 100 do near(a[i], b[i], 1e-6) end
assert(a[100] < a[1])

-- question 3: without a step nothing learns, without a gradient a step does nothing
p, loss = network()
before = loss():item()
for _ = 1, 10 do loss():backward() end
assert(loss():item() == before)
opt = optim.SGD{p, learning_rate = 1}
opt:zero_grad()
assert(p[1].grad == nil)
opt:step()
assert(loss():item() == before)

-- gradients add up until they are cleared
w = var(3);
(w * w):backward();
(w * w):backward()
assert(w.grad == 12)
w.grad = nil
assert(w.grad == nil)
w.grad = 0.5
assert(w.grad == 0.5)
optim.SGD{{w}, learning_rate = 1}:step()
assert(w.value == 2.5)

-- no_grad remembers nothing, nests, and is over after an error
assert(no_grad(function() return no_grad(function() return w * 2 end) * 3 end).requires_grad == false)
pcall(no_grad, function() error("x") end)
assert((w * 2).requires_grad)
one, two = no_grad(function() return 1, w * 2 end)
assert(one == 1 and two:item() == 5)
near(numeric_gradient(function(x) return x ^ 3 end, 2), 12, 1e-6)
near(numeric_gradient(function() return w * w end, w), 5, 1e-6)

fails("variable (var)", function() (w * 2).grad = 1 end)
fails("forma", function() w.grad = {1, 2} end)
fails("variables", function() numeric_gradient(loss, {1, 2}) end)
