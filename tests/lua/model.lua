-- Models: description, training, evaluation, saving, and what is refused.
function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end

sparse = "sparse_categorical_crossentropy"
d = data.digits{n_train = 400, n_test = 100}

function network(rate)
    lab.seed(7)
    local m = nn.Sequential{nn.Flatten(), nn.Dense{16, activation = "relu"},
                            nn.Dropout(0.1), nn.Dense(10)}
    m:compile{optimizer = optim.Adam{learning_rate = rate or 0.01}, loss = sparse}
    return m
end

-- description: one calling rule
assert(nn.Dense(3).units == 3 and nn.Dense{4, activation = "relu"}.activation == "relu")
assert(nn.Dense(4, {activation = "tanh"}).activation == "tanh")
assert(tostring(nn.Dense{units = 2, use_bias = false}) == "nn.Dense{units = 2, use_bias = false}")
m = network()
m:build{28, 28, 1}
assert(m.n_params == 784 * 16 + 16 + 170 and m.n_layers == 4 and m.built)
s = m:summary()
assert(s.total == m.n_params and string.find(tostring(s), "(None, 16)", 1, true))
assert(#m:parameters() == 4)
built = nn.Sequential{nn.Input{4}, nn.Dense(2)}
assert(built.n_params == 10)

-- training: same seed, same numbers; history as Lua lists
h = m:fit{d, epochs = 4, batch_size = 32, validation_split = 0.2, verbose = 0}
assert(h.epochs == 4 and not h.stopped and #h.history.loss == 4)
assert(#h.history.val_accuracy == 4 and h.history.loss[4] < h.history.loss[1])
assert(string.find(tostring(h), "4 épocas", 1, true))
again = network():fit{d, epochs = 4, batch_size = 32, validation_split = 0.2, verbose = 0}
for i = 1, 4 do assert(again.history.loss[i] == h.history.loss[i]) end

-- validation from the data set, from tensors
split = d:split{validation = 0.2}
h = network():fit{split, epochs = 1, verbose = 0}
assert(h.history.val_loss)
h = network():fit(d.x_train, d.y_train, {epochs = 1, verbose = 0,
                                         validation_data = {d.x_test, d.y_test}})
assert(h.history.val_loss and h.epochs == 1)

-- callbacks see every epoch and may end
seen = {}
h = network():fit{d, epochs = 9, verbose = 0, callbacks = function(log)
    seen[#seen + 1] = log.epoch
    return log.epoch < 3
end}
assert(#seen == 3 and h.epochs == 3)

-- using it
scores = m:evaluate(d)
assert(scores.accuracy > 0.5 and scores.loss > 0)
y = m:classify(d.x_test)
assert(metrics.accuracy_score(d.y_test, y) == scores.accuracy)
assert(m:classify(d.x_test / 255) == y)
assert(m:predict(d.x_test[{1, 3}]).shape[2] == 10)

-- trained on x / 255, a data set of bytes is scaled alike; bytes as a tensor stay bytes
m2 = network()
m2:fit{d.x_train / 255, d.y_train, epochs = 2, verbose = 0}
assert(m2:evaluate(d).loss == m2:evaluate(d.x_test / 255, d.y_test).loss)
m2 = network(1e-4)
m2:fit{d.x_train, d.y_train, epochs = 1, verbose = 0}
assert(m2:evaluate(d).loss == m2:evaluate(d.x_test:to("float32"), d.y_test).loss)

-- the low road gives the same outputs
out = m(d.x_test[{1, 3}])
same = m:predict(d.x_test[{1, 3}])
assert(math.abs((out - same):max():item()) < 1e-5)
loss = cross_entropy(m(d.x_train[{1, 8}]), d.y_train[{1, 8}])
loss:backward()
assert(m:parameters()[1].grad.shape[1] == 784)

-- saved and read again
path = os.tmpname()
m:save(path)
copy = nn.load(path)
assert(copy:classify(d.x_test) == y)
os.remove(path)

-- a regression, with its own loss
r = nn.Sequential{nn.Dense(1)}
r:compile{optimizer = "sgd", loss = "mse"}
x = tensor.randn{64, 3, seed = 1}
h = r:fit{x, x:sum{axis = 2}:reshape(64, 1), epochs = 30, verbose = 0}
assert(h.history.loss[30] < 0.1 * h.history.loss[1] and h.history.accuracy == nil)

-- refusals: one sentence each, and the session goes on
fails("¿Querías decir «epochs»?", function() m:fit{d, epoch = 3} end)
fails("al menos 1", function() m:fit{d, epochs = 0} end)
fails("compila", function() nn.Sequential{nn.Dense(2)}:fit{d} end)
fails("sparse_categorical_crossentropy", function() m:compile{loss = "sparse_categorical_crossentrop"} end)
fails("falta «loss»", function() m:compile{optimizer = "sgd"} end)
fails("sgdd", function() m:compile{optimizer = "sgdd", loss = sparse} end)
fails("faltan las etiquetas", function() m:fit{d.x_train} end)
fails("(3,)", function() m:fit{d.x_train, {1, 2, 3}} end)
fails("no van etiquetas aparte", function() m:fit{d, d.y_train} end)
fails("validación", function() m:fit{split, validation_split = 0.1} end)
fails("ya se está entrenando", function()
    m:fit{d, verbose = 0, callbacks = function() m:fit{d, verbose = 0} end}
end)
fails("mi error", function() m:fit{d, verbose = 0, callbacks = function() error("mi error") end} end)
bad = d.y_train:clone()
bad[5] = 12
fails("12", function() m:fit{d.x_train, bad, verbose = 0} end)
wild = nn.Sequential{nn.Dense(1)}
wild:compile{optimizer = optim.SGD{learning_rate = 1e6}, loss = "mse"}
fails("infinita", function()
    wild:fit{tensor.randn{64, 3, seed = 1} * 1e12, tensor.randn{64, 1, seed = 2}, epochs = 3, verbose = 0}
end)
fails("ya es parte", function()
    local l = nn.Dense(2)
    nn.Sequential{l, l}
end)
fails("se esperaba una capa", function() nn.Sequential{3} end)
fails("al menos 1", function() nn.Dense(0) end)
fails("¿Querías decir \"relu\"?", function() nn.Dense{3, activation = "reluu"} end)
fails("¿Querías decir «activation»?", function() nn.Dense{3, activaton = "relu"} end)
fails("falta «units»", function() nn.Dense{activation = "relu"} end)
fails("¿Querías decir «nn.Dense»?", function() return nn.Dens(3) end)
fails("¿Querías decir «fit»?", function() m:fitt{d} end)
fails("(28, 28, 1)", function() m:predict(tensor.zeros(2, 5)) end)
fails("«:»", function() m.summary() end)
fails("no_existe", function() nn.load("/no_existe.safetensors") end)
fails("ya está construido", function() m:add(nn.Dense(2)) end)
assert(nn.optim.Adam == optim.Adam)
