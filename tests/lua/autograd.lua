-- The tape from the language: the neuron of notebook 03 with its golden numbers, the
-- gradient check, the numeric derivative, the low road.
function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end

function near(a, b, tolerance)
    assert(math.abs(a - b) <= (tolerance or 1e-6), a .. " no está cerca de " .. b)
end

-- numbers stay numbers
near(sigmoid(0.6), 0.645656)
assert(relu(-3) == 0 and math.type(relu(-3)) == "float")
near(mse({1, 0}, {0.8, 0.3}), 0.065)
near(cross_entropy({{0, 0}}, {1}), math.log(2))
near(maximum(2, 5), 5)

-- one neuron: w = 0.8, b = 0.2, a = 0.5, y = 1
w, b = var{0.8, name = "w"}, var{0.2, name = "b"}
C = (1 - sigmoid(w * 0.5 + b)) ^ 2
near(C:item(), 0.125559)
C:backward()
near(w.grad, -0.081068)
near(b.grad, -0.162137)
assert(w.name == "w" and w.requires_grad and w.value == 0.8)
fails("backward", function() C:backward() end)
w:zero_grad()
assert(w.grad == nil)
near(grad((1 - sigmoid(w * 0.5 + b)) ^ 2, w), -0.081068)
assert(w.grad == nil)
both = grad((1 - sigmoid(w * 0.5 + b)) ^ 2, {w, b})
near(both[2], -0.162137)
near(numeric_grad(function(x) return (1 - sigmoid(x * 0.5 + 0.2)) ^ 2 end, 0.8), -0.081068)

-- gradient descent by hand: 200 steps bring C from 0.1256 to 0.0011
v = var(0.8)
bias = var(0.2)
for _ = 1, 200 do
    local loss = (1 - sigmoid(v * 0.5 + bias)) ^ 2
    loss:backward()
    v.value = v.value - v.grad
    bias.value = bias.value - bias.grad
    v:zero_grad()
    bias:zero_grad()
end
near(((1 - sigmoid(v * 0.5 + bias)) ^ 2):item(), 0.0011, 1e-4)

-- tensors: gradients through selection, reduction, product
x = var{{1, 2}, {3, 4}}
x[1]:sum():backward()
assert(x.grad == tensor{{1, 1}, {0, 0}})
x:zero_grad()
x[{{}, 2}]:sum():backward()
assert(x.grad == tensor{{0, 1}, {0, 1}})
x:zero_grad()
x:matmul(x:T()):sum():backward()
assert(x.grad == tensor{{8, 12}, {8, 12}})
x:zero_grad()
x:reshape(4):max():backward()
assert(x.grad == tensor{{0, 0}, {0, 1}})

-- the check finds right gradients right
W = var{tensor.randn{3, 2, seed = 1}, name = "W"}
r = gradcheck(function() return square(tanh(W)):mean() end, {W})
assert(r.ok and r.error < 1e-7 and r[1].name == "W" and r[1].checked == 6)
r = gradcheck(function() return softmax(W)[1][1] end, W)
assert(r.ok)

-- the low road: an optimizer over variables
p = var(5)
opt = optim.SGD{{p}, learning_rate = 0.1}
for _ = 1, 100 do
    opt:zero_grad()
    local loss = (p - 2) ^ 2
    loss:backward()
    opt:step()
end
near(p.value, 2, 1e-6)
assert(opt.steps == 100 and opt.learning_rate == 0.1)
opt.learning_rate = 0.5
assert(opt.learning_rate == 0.5)

free = no_grad(function() return p * 2 end)
assert(not free.requires_grad)
assert(not (p * 2):detach().requires_grad)
lab.passes{reset = true}
mse(p, 1):backward()
assert(lab.passes().backward == 1)

-- refusals
fails(":sum()", function() var{1, 2}:backward() end)
fails("value", function() (p * 2).value = 3 end)
fails("forma", function() x.value = {1, 2} end)
fails("resultado", function() (x * 2)[1] = 0 end)
fails("se esperaba función", function() gradcheck(3, p) end)
fails("var", function() gradcheck(function() return p * 1 end, {1}) end)
fails("de un solo número", function() gradcheck(function() return 3 end, {p}) end)
fails("mi error", function() gradcheck(function() error("mi error") end, {p}) end)
fails("no depende", function() return grad(p * 1, w) end)
fails("¿Querías decir «learning_rate»?", function() optim.SGD{learning_rat = 1} end)
fails("variables", function() optim.SGD{{1}, learning_rate = 1} end)
