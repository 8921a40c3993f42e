-- Layers: nested ones, looking inside, freezing, calling one by hand, and what is refused.
function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end
function close(a, b) assert(math.abs(a - b) < 1e-5, a .. " y " .. b) end

lab.seed(3)
first = nn.Dense{4, activation = "tanh"}
m = nn.Sequential{first,
                  nn.Residual{nn.Dense{8, activation = "tanh"}, nn.Dense(4), activation = "tanh"},
                  nn.Concatenate{nn.Sequential{nn.Dense(3), nn.Dense(2)}, nn.Dense(5), name = "ramas"},
                  nn.Residual{nn.Dense(2), shortcut = nn.Dense{2, use_bias = false}}}
assert(not first.built and first.output_shape == nil)
fails("aún no tiene pesos", function() return first.kernel end)
m:build(3)
assert(m.n_params == 16 + (40 + 36) + (15 + 8 + 25) + (16 + 14))

-- layers by number, by name, by the way to them; the student's own handle is the same
assert(#m.layers == 4 and m.layers[1] == first and m.layers[2] ~= first)
assert(m:layer("dense") == first and m:layer(1) == first)
assert(m:layer("residual").layers[2] == m:layer("residual/dense_1"))
assert(m:layer("ramas/sequential/dense_1").output_shape[1] == 2)
assert(m:layer("residual_1/shortcut").use_bias == false)
assert(m:layer("ramas").n_params == 48 and m:layer("ramas").output_shape[1] == 7)
assert(first.kernel.shape[1] == 3 and first.bias.shape[1] == 4 and first.units == 4)
fails("hay dense, residual, ramas, residual_1", function() m:layer("dens") end)
fails("tiene 4 capas", function() m:layer(5) end)
fails("kernel", function() return nn.Flatten().kernel end)

-- a table with the inner layers indented
text = tostring(m:summary())
assert(string.find(text, "residual (Residual)", 1, true))
assert(string.find(text, "\u{a0}\u{a0}dense (Dense)", 1, true), text)
assert(string.find(text, "\u{a0}\u{a0}\u{a0}\u{a0}dense_1 (Dense)", 1, true))
assert(m:summary().total == m.n_params and m:summary().trainable == m.n_params)

-- weights in and out
first:set_weights{tensor.zeros(3, 4), {1, 2, 3, 4}}
close(first.bias[3]:item(), 3)
assert(#m:layer("ramas"):weights() == 6)
fails("dense/kernel» tiene forma (3, 4) y llegó (4, 3)", function()
    first:set_weights{tensor.zeros(4, 3), {0, 0, 0, 0}}
end)
close(first.bias[3]:item(), 3)
fails("tiene 2 parámetros y llegaron 1", function() first:set_weights{tensor.zeros(3, 4)} end)

-- composed by hand: the same numbers
x = tensor.randn{5, 3, seed = 1}
h = first(x)
r = m:layer("residual")
h = tanh(h + r.layers[2](r.layers[1](h)))
b = m:layer("ramas").layers
h = concat{b[1](h), b[2](h), axis = 2}
r = m:layer("residual_1")
h = r.layers[1](h) + r.layers[2](h)
close(abs(h - m(x)):max():item(), 0)
loss = (h * h):mean()
loss:backward()
assert(first.kernel.grad.shape[1] == 3)

-- a layer alone makes its parameters at the first call
alone = nn.Dense(2)
assert(alone({{1, 2, 3}}).shape[2] == 2 and alone.built and alone.kernel.shape[1] == 3)
fails("(3,)", function() alone({{1, 2}}) end)
drop = nn.Dropout(0.5)
ones = tensor.ones(4, 100)
assert(drop(ones):sum():item() == 400)
a, b = drop(ones, {training = true}), drop(ones, {training = true})
assert(a:sum():item() ~= 400 and abs(a - b):sum():item() > 0)

-- frozen layers: no update, counted apart
d = data.gauss{n = 60, seed = 1}
function net()
    lab.seed(4)
    local m = nn.Sequential{nn.Dense{6, activation = "tanh", name = "base"},
                            nn.Residual{nn.Dense(6)}, nn.Dense(2)}
    m:compile{optimizer = optim.Adam(0.01), loss = "sparse_categorical_crossentropy"}
    return m
end
m = net()
m:fit{d, epochs = 1, verbose = 0}
m:layer("base").trainable = false
assert(m.n_params - m:summary().trainable == 18)
assert(string.find(tostring(m:summary()), "base (Dense, congelada)", 1, true))
before, other = m:layer("base").kernel[1][1], m:layer("dense").kernel[1][1]
m:compile{optimizer = optim.Adam(0.01), loss = "sparse_categorical_crossentropy"}
m:fit{d, epochs = 2, verbose = 0}
assert(m:layer("base").kernel[1][1] == before)
assert(m:layer("dense").kernel[1][1] ~= other)
assert(nn.Dense{3, trainable = false}.trainable == false)
assert(nn.Residual{nn.Dense(3), trainable = false}.layers[1].trainable == false)

-- a trained model as the base of another one
m.trainable = false
assert(not m.trainable)
top = nn.Sequential{m, nn.Dense{2, name = "cabeza"}}
top:build(2)
assert(top.layers[1].type == "Sequential" and top.layers[1].layers[1].kernel[1][1] == before)
assert(top:summary().trainable == 6)
top:compile{optimizer = "sgd", loss = "sparse_categorical_crossentropy"}
top:fit{d, epochs = 1, verbose = 0}
assert(top:layer("sequential/base").kernel[1][1] == before)
fails("ya se cerró", function() m:summary() end)

-- saved and read again, frozen ones included
path = os.tmpname()
top:save(path)
copy = nn.load(path)
assert(copy:classify(d.x_train) == top:classify(d.x_train))
assert(copy:summary().trainable == 6 and copy:layer("cabeza").units == 2)
os.remove(path)

-- adding and taking off before the weights are made; refusals lose nothing
s = nn.Sequential{nn.Dense(3)}
s:add(nn.Sequential{nn.Dense(2), name = "bloque"})
assert(s:layer("bloque").layers[1].units == 2)
last = s:pop()
assert(last.name == "bloque" and s.n_layers == 1)
s:add(last)
fails("ya es parte de un modelo", function() s:add(last) end)
fails("sí mismo", function() s:add(s) end)
l = nn.Dense(3)
fails("se esperaba una capa", function() nn.Residual{l, 5} end)
fails("dos capas con el nombre «a»", function()
    nn.Residual{l, nn.Dense{2, name = "a"}, nn.Dense{2, name = "a"}}
end)
nn.Residual{l} -- still free
fails("shortcut = nn.Dense(7)", function() nn.Sequential{nn.Residual{nn.Dense(7)}}:build(3) end)
fails("al menos una capa", function() nn.Sequential{nn.Residual{}}:build(3) end)
fails("la rama 2 con (2, 5)", function()
    nn.Sequential{nn.Concatenate{nn.Flatten(), nn.Dense(5)}}:build{2, 3}
end)
fails("set_weights", function() l.kernel = 3 end)
fails("se elige al crear", function() l.units = 3 end)
fails("true o false", function() l.trainable = 3 end)
fails("solo se asigna trainable", function() s.layers = {} end)
fails("sin «/»", function() nn.Dense{3, name = "a/b"} end)
assert(tostring(nn.Residual{nn.Dense(2), shortcut = nn.Dense(3), activation = "relu"}) ==
       "nn.Residual{nn.Dense{units = 2}, shortcut = nn.Dense{units = 3}, activation = \"relu\"}")

-- initializers and regularizers: objects as in Keras, kept as texts
assert(initializers.HeNormal() == "he_normal")
assert(initializers.RandomNormal{stddev = 0.1} == "random_normal(0,0.1)")
l = nn.Dense{300, kernel_initializer = initializers.RandomUniform{minval = 2, maxval = 3},
             bias_initializer = initializers.Constant(0.5)}
l:build(100)
assert(l.kernel:min():item() >= 2 and l.kernel:max():item() <= 3)
assert(math.abs(l.kernel:mean():item() - 2.5) < 0.01)
close(l.bias[7]:item(), 0.5)
assert(l.kernel_initializer == "random_uniform(2,3)")
q = nn.Dense{4, kernel_initializer = "orthogonal"}
q:build(9)
close(abs(q.kernel:T():matmul(q.kernel) - {{1,0,0,0},{0,1,0,0},{0,0,1,0},{0,0,0,1}}):max():item(), 0)
fails("¿querías decir «he_normal»?", function() nn.Dense{3, kernel_initializer = "he_norma"} end)
fails("al menos 0", function() initializers.RandomNormal{stddev = -1} end)
fails("al revés", function() initializers.RandomUniform{minval = 2, maxval = 1} end)

assert(regularizers.L2(0.5) == "l2(0.5)" and regularizers.L1L2{l1 = 0.1, l2 = 0.2} == "l1_l2(0.1,0.2)")
fails("no es un regularizador", function() nn.Dense{3, kernel_regularizer = "l7"} end)
m = nn.Sequential{nn.Dense{2, kernel_regularizer = regularizers.L2(0.5), bias_regularizer = "l1"}}
m:compile{optimizer = "sgd", loss = "mse"}
m:build(2)
m.layers[1]:set_weights{{{1, 2}, {0, -1}}, {3, -4}}
close(m:penalty():item(), 0.5 * 6 + 0.01 * 7)
zero = tensor.zeros(4, 2)
close(m:evaluate(zero, zero).loss, 0.5 * 6 + 0.01 * 7 + 12.5)
m:penalty():backward()
close(m.layers[1].kernel.grad[2][2], -1)
close(m.layers[1].bias.grad[1], 0.01)
close(nn.Sequential{nn.Dense(2)}:penalty():item(), 0)

-- a residual block of images; frozen, its normalisation works as when predicting
lab.seed(2)
d = data.digits{n_train = 120, n_test = 40}
function block(filters, strides)
    return nn.Residual{nn.Conv2D{filters, 3, strides = strides, padding = "same", use_bias = false},
                       nn.BatchNormalization(), nn.Activation("relu"),
                       nn.Conv2D{filters, 3, padding = "same", use_bias = false, name = "segunda"},
                       nn.BatchNormalization(), activation = "relu",
                       shortcut = strides and nn.Conv2D{filters, 1, strides = strides}}
end
m = nn.Sequential{nn.Conv2D{4, 3, strides = 4, activation = "relu"}, block(4), block(8, 2),
                  nn.Concatenate{nn.GlobalAveragePooling2D(), nn.GlobalMaxPooling2D()}, nn.Dense(10)}
m:compile{optimizer = optim.Adam(0.01), loss = "sparse_categorical_crossentropy"}
h = m:fit{d, epochs = 4, batch_size = 30, verbose = 0}
assert(h.history.loss[4] < 0.8 * h.history.loss[1])
assert(m:layer("concatenate").output_shape[1] == 16)
norm = m:layer("residual_1/batch_normalization_1")
assert(norm.gamma.shape[1] == 8 and #norm:weights() == 4)
assert(m.n_params - m:summary().trainable == 2 * 2 * 4 + 2 * 2 * 8)
m:layer("residual_1").trainable = false
assert(m.n_params - m:summary().trainable == 16 + m:layer("residual_1").n_params)
mean, gamma = norm.moving_mean:clone(), norm.gamma:clone()
free = m:layer("residual/batch_normalization").moving_mean:clone()
x = d.x_train[{1, 8}] / 255
inner = m.layers[2](m.layers[1](x))
close(abs(m:layer("residual_1")(inner, {training = true}) - m:layer("residual_1")(inner)):max():item(), 0)
m:fit{d, epochs = 1, batch_size = 30, verbose = 0}
assert(norm.moving_mean == mean and norm.gamma == gamma)
assert(m:layer("residual/batch_normalization").moving_mean ~= free)
path = os.tmpname()
m:save(path)
assert(nn.load(path):classify(d.x_test) == m:classify(d.x_test))
os.remove(path)
fails("shortcut = nn.Conv2D{8, 1, strides = 2}", function()
    nn.Sequential{nn.Residual{nn.Conv2D{8, 3, strides = 2, padding = "same"}}}:build{28, 28, 3}
end)

-- one step of training is the step of the gradients of the model called by hand
function twin()
    lab.seed(9)
    local m = nn.Sequential{nn.Conv2D{4, 3, strides = 4, activation = "relu"}, block(4), block(8, 2),
                            nn.Concatenate{nn.GlobalAveragePooling2D(), nn.Flatten()},
                            nn.Residual{nn.Dense{6, activation = "relu"}, nn.Dense(6),
                                        shortcut = nn.Dense(6), activation = "relu"},
                            nn.Dense{10, kernel_regularizer = regularizers.L2(0.1)}}
    m:build{28, 28, 1}
    return m
end
a, b = twin(), twin()
x, y = d.x_train[{1, 24}]:to("float32") / 255, d.y_train[{1, 24}]
a:compile{optimizer = optim.SGD(0.1), loss = "sparse_categorical_crossentropy"}
h = a:fit{x, y, epochs = 1, batch_size = 24, shuffle = false, verbose = 0}
loss = cross_entropy(b(x, {training = true}), y) + b:penalty()
close(loss:item(), h.history.loss[1])
loss:backward()
moved = 0
for i, w in ipairs(b:parameters()) do
    local step = w:detach() - 0.1 * w.grad
    assert(abs(step - a:parameters()[i]:detach()):max():item() < 2e-5, i)
    moved = math.max(moved, abs(w.grad):max():item())
end
assert(moved > 0.1)

-- features: inputs, squares, products, sines, in this order; the gradient passes through
f = nn.Features{squares = true, products = true, sines = true}
x = var{{2, 3, 5}, {-1, 0.5, 0}}
y = f(x)
want = {{2, 3, 5, 4, 9, 25, 6, 10, 15, math.sin(2), math.sin(3), math.sin(5)},
        {-1, 0.5, 0, 1, 0.25, 0, -0.5, 0, 0, math.sin(-1), math.sin(0.5), 0}}
assert(f.output_shape[1] == 12 and abs(y - tensor(want)):max():item() < 1e-6)
g = grad((y * tensor.arange(24):reshape(2, 12)):sum(), x)
n = numeric_grad(function(v) return (f(v) * tensor.arange(24):reshape(2, 12)):sum() end, x)
assert(abs(g - n):max():item() < 1e-4)
assert(nn.Features()(x) == x:detach() and nn.Features{products = true}(tensor.ones(2, 1)) == tensor.ones(2, 1))
m = nn.Sequential{nn.Features{squares = true}, nn.Dense{3, activation = "tanh"}, nn.Dense(2)}
c = data.circle{n = 120, noise = 0.05, seed = 3}
m:compile{optimizer = optim.Adam{learning_rate = 0.05}, loss = "sparse_categorical_crossentropy"}
m:fit{c, epochs = 30, verbose = 0}
assert(m.n_params == 15 + 8 and m:evaluate(c).accuracy > 0.9)
file = os.tmpname()
m:save(file)
assert(nn.load(file):predict(c.x_test) == m:predict(c.x_test))
os.remove(file)
fails("como una lista de números y tiene forma (5, 4)", function() nn.Sequential{nn.Features{squares = true}}:build{5, 4} end)
fails("hasta 32 entradas y llegaron 33", function() nn.Sequential{nn.Features{products = true}}:build(33) end)
