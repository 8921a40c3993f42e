-- The functions of the op table from the language: values, shapes, gradients, refusals.
function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end

function near(a, b, tolerance)
    assert(math.abs(a - b) <= (tolerance or 1e-6), a .. " no está cerca de " .. b)
end

-- activations: numbers in, a number out; the values are PyTorch's and Keras'
near(gelu(1), 0.8413447)
near(gelu(-0.5), -0.1542688)
near(elu(-1), -0.6321206)
near(elu(-1, 2), -1.2642411)
near(elu{-1, alpha = 2}, -1.2642411)
near(selu(-1), -1.1113307)
near(selu(2), 2.1014020)
near(silu(1), 0.7310586)
near(softsign(-3), -0.75)
near(softplus(0), math.log(2))
near(leaky_relu(-2), -0.02)
assert(clip({-2, 0.5, 3}, 0, 1) == tensor{0, 0.5, 1})
assert(clip(7, -1, 1) == 1)

-- comparisons give 1 and 0; where chooses
x = tensor{-1, 0, 2}
assert(greater(x, 0) == tensor{0, 0, 1})
assert(greater_equal(x, 0) == tensor{0, 1, 1})
assert(less(x, 0) == tensor{1, 0, 0})
assert(less_equal(x, 0) == tensor{1, 1, 0})
assert(equal(x, {-1, 5, 2}) == tensor{1, 0, 1})
assert(not_equal(x, {-1, 5, 2}) == tensor{0, 1, 0})
assert(where(greater(x, 0), x, 0) == relu(x))
assert(where(1, 2, 3) == 2 and where(0, 2, 3) == 3)
w = var{-1, 0, 2}
where(greater(w, 0), w * w, w):sum():backward()
assert(w.grad == tensor{1, 1, 4})
assert(not greater(w, 0).requires_grad)
assert(pow({1, 2, 3}, 2) == tensor{1, 4, 9} and pow(2, 3) == 8)
assert(where(tensor{{1}, {0}}, {1, 2}, 0) == tensor{{1, 2}, {0, 0}})

-- reductions over one axis, several, all
m = tensor{{1, 2, 3}, {4, 5, 9}}
assert(m:min() == 1 or m:min():item() == 1)
assert(m:min{axis = 1} == tensor{1, 2, 3} and m:max{axis = 2} == tensor{3, 9})
assert(m:sum{axis = {1, 2}}:item() == 24)
near(m:var():item(), 20 / 3)
near(m:std():item(), math.sqrt(20 / 3))
assert(m:var{axis = 1} == tensor{2.25, 2.25, 9})
assert(tensor{3, 4}:norm():item() == 5)
assert(m:norm{axis = 1, keepdims = true}.shape[1] == 1)
v = var{3, 4}
v:norm():backward()
near(v.grad[1], 0.6)
v:zero_grad()
v:min():backward()
assert(v.grad == tensor{1, 0})

-- shapes: products of a batch, axes in another order, borders, stacks
a, b = tensor.ones(2, 3, 4), tensor.ones(4, 5)
assert(tostring(a:matmul(b).shape[3]) == "5" and a:matmul(b)[2][3][5] == 4)
p = var(tensor.ones(2, 3, 4))
q = var(tensor.ones(2, 4, 1))
p:matmul(q):sum():backward()
assert(p.grad.shape[3] == 4 and q.grad == tensor.ones(2, 4, 1) * 3)
t = tensor.arange(24):reshape(2, 3, 4):transpose(3, 1, 2)
assert(t.shape[1] == 4 and t.shape[2] == 2 and t.shape[3] == 3 and t[2][1][3] == 10)
assert(m:transpose() == m:T())
assert(stack{tensor{1, 2}, tensor{3, 4}} == tensor{{1, 2}, {3, 4}})
assert(stack{tensor{1, 2}, tensor{3, 4}, axis = -1} == tensor{{1, 3}, {2, 4}})
assert(pad(tensor{1, 2}, 1) == tensor{0, 1, 2, 0})
assert(pad(tensor{{1, 2}}, {{1, 0}, {0, 1}}, 7) == tensor{{7, 7, 7}, {1, 2, 7}})

-- losses: Keras' order, Keras' numbers
near(huber({0, 0}, {0.5, 3}), (0.125 + 2.5) / 2)
near(huber({0, 0}, {0.5, 3}, 0.25), (0.25 * 0.375 + 0.25 * 2.875) / 2)
near(hinge({1, -1}, {0.3, -2}), 0.35)
near(hinge({1, 0}, {0.3, -2}), 0.35) -- 0 stands for -1
near(cross_entropy{{{2, 1, 0}}, {0}, label_smoothing = 0.3}, 0.7076060, 1e-6)
near(cross_entropy{{{2, 1, 0}}, {{1, 0, 0}}, label_smoothing = 0.3}, 0.7076060, 1e-6)
near(sigmoid_cross_entropy{{1.4}, {1}, label_smoothing = 0.2},
     math.log(1 + math.exp(1.4)) - 0.9 * 1.4)
near(binary_cross_entropy{{0.8}, {1}, label_smoothing = 0.2},
     -0.9 * math.log(0.8) - 0.1 * math.log(0.2))
z = var{0.3, -2}
hinge({1, -1}, z):backward()
assert(z.grad == tensor{-0.5, 0})

-- refusals
fails("supera", function() clip(1, 2, 0) end)
fails("delta", function() huber({0}, {1}, 0) end)
fails("label_smoothing", function() cross_entropy{{{2, 1}}, {0}, label_smoothing = 1} end)
fails("antes, después", function() pad(tensor{1, 2}, {1}) end)
fails("son 2 ejes y el tensor tiene 1", function() pad(tensor{1, 2}, {{1, 1}, {1, 1}}) end)
fails("entero desde 0", function() pad(tensor{1, 2}, {{-1, 1}}) end)
fails("misma forma", function() stack{tensor{1, 2}, tensor{1}} end)
fails("no son compatibles", function() where({1, 0}, {1, 2, 3}, 0) end)
fails("permutación", function() m:transpose(1, 1) end)

-- losses as objects, activations by Keras' name, both through a training and a file
near((losses.Huber{delta = 0.5}).delta, 0.5)
assert(losses.Huber().name == "huber" and tostring(losses.Huber(2)) == "losses.Huber{delta = 2}")
assert(tostring(losses.Hinge()) == "losses.Hinge()")
assert(losses.CategoricalCrossentropy{label_smoothing = 0.1}.label_smoothing == 0.1)
fails("label_smoothing", function() losses.CategoricalCrossentropy{label_smoothin = 0.1} end)
fails("a lo más", function() losses.BinaryCrossentropy{label_smoothing = 2} end)
lab.seed(1)
px, py = tensor.randn{16, 3, seed = 3}, tensor.randn{16, 1, seed = 4}
for _, act in ipairs{"elu", "selu", "gelu", "silu", "swish", "softplus", "softsign", "leaky_relu",
                     "exponential", "log_softmax"} do
    local net = nn.Sequential{nn.Dense{8, activation = act}, nn.Activation(act), nn.Dense(1)}
    net:compile{optimizer = optim.SGD{learning_rate = 0.001}, loss = losses.Huber{delta = 0.3}}
    net:fit{px, py, epochs = 2, batch_size = 8, verbose = 0}
    near(net:evaluate(px, py).loss, huber(py, net:predict(px), 0.3):item(), 1e-5)
end
net = nn.Sequential{nn.Dense(4)}
smooth = losses.SparseCategoricalCrossentropy{label_smoothing = 0.2}
net:compile{optimizer = "sgd", loss = smooth}
labels = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3}
net:fit{px, labels, epochs = 1, verbose = 0}
kept = net:evaluate(px, labels).loss
near(kept, cross_entropy{net:predict(px), labels, label_smoothing = 0.2}:item(), 1e-5)
path = os.tmpname()
net:save(path)
near(nn.load(path):evaluate(px, labels).loss, kept, 1e-7)
os.remove(path)
signs = nn.Sequential{nn.Dense(1)}
signs:compile{optimizer = "sgd", loss = "hinge"}
signs:fit{px, where(greater(py, 0), 1, -1), epochs = 1, verbose = 0}
near(signs:evaluate(px, where(greater(py, 0), 1, 0)).loss,
     signs:evaluate(px, where(greater(py, 0), 1, -1)).loss, 1e-6)
