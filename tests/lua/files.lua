-- Models to files and back: saving with and without the optimizer, ONNX, and what is refused.
function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end

path = os.tmpname()
x, y = tensor.randn{32, 3, seed = 1}, tensor.randn{32, 2, seed = 2}

function network()
    lab.seed(3)
    local m = nn.Sequential{nn.Dense{8, activation = "tanh"}, nn.Dropout(0.2), nn.Dense(2)}
    m:compile{optimizer = optim.Adam{learning_rate = 0.01}, loss = "mse"}
    return m
end

-- four epochs, or two, a file and two: the same numbers
whole = network():fit{x, y, epochs = 4, batch_size = 8, verbose = 0}
m = network()
m:fit{x, y, epochs = 2, batch_size = 8, verbose = 0}
m:save(path)
back = nn.load(path)
assert(back:predict(x) == m:predict(x))
h = back:fit{x, y, epochs = 2, batch_size = 8, verbose = 0}
assert(h.history.loss[1] == whole.history.loss[3] and h.history.loss[2] == whole.history.loss[4])

-- the history comes back with the model
back = nn.load(path)
assert(m.history.history.loss[2] == whole.history.loss[2])
assert(back.history.history.loss[2] == whole.history.loss[2] and back.history.epochs == 2)
assert(back.history.history.val_loss == nil and nn.Sequential{nn.Dense(1)}.history == nil)

-- images: convolution, pooling and a validation part
function pictures()
    lab.seed(4)
    local c = nn.Sequential{nn.ZeroPadding2D{{0, 1}}, nn.Conv2D(4, 3), nn.BatchNormalization(),
                            nn.Activation("relu"), nn.MaxPooling2D(2), nn.Dropout(0.3), nn.Flatten(), nn.Dense(2)}
    c:compile{optimizer = optim.SGD{learning_rate = 0.01, momentum = 0.9}, loss = "mse"}
    return c
end
px = tensor.randn{32, 6, 5, 2, seed = 6}
how = {px, y, batch_size = 10, validation_split = 0.2, verbose = 0}
how.epochs = 3
once = pictures():fit(how)
c = pictures()
how.epochs = 1
c:fit(how)
c:save(path)
c = nn.load(path)
how.epochs = 2
h = c:fit(how)
assert(h.history.loss[2] == once.history.loss[3] and h.history.val_loss[2] == once.history.val_loss[3])

-- without the optimizer: the same network, whose training starts afresh
m:save{path, optimizer = false}
back = nn.load(path)
assert(back:predict(x) == m:predict(x))
h = back:fit{x, y, epochs = 2, batch_size = 8, verbose = 0}
assert(h.history.loss[2] ~= whole.history.loss[4])

-- weights alone, into a network of the same shapes
m:save(path)
other = nn.Sequential{nn.Dense{8, activation = "tanh"}, nn.Dense(2)}
fails("m:build", function() other:load_weights(path) end)
other:build(3)
other:load_weights(path)
assert(other:predict(x) == m:predict(x))
narrow = nn.Sequential{nn.Dense(7), nn.Dense(2)}
narrow:build(3)
was = narrow:predict(x)
fails("«dense/kernel» tiene forma (3, 8) y para dense/kernel se espera (3, 7)",
      function() narrow:load_weights(path) end)
assert(narrow:predict(x) == was)
fails("0 módulos", function() m:load_weights{path, layout = "pytorch"} end)
fails("pytorch", function() m:load_weights{path, layout = "torch"} end)
fails("va solo con", function() m:load_weights{path, modules = {"0", "2"}} end)

-- ONNX: a file that begins with its version, field 1, value 8
m:export_onnx(path)
f = io.open(path, "rb")
assert(f:read(2) == "\8\8")
f:close()
m:export_onnx{path = path, normalise = true}

-- refusals: the file that was there stays
fails("todavía no tiene pesos", function() nn.Sequential{nn.Dense(2)}:save(path) end)
fails("todavía no tiene pesos", function() nn.Sequential{nn.Dense(2)}:export_onnx(path) end)
fails("no existe ese archivo o carpeta", function() m:save("/no/hay/tal/m.safetensors") end)
fails("no existe ese archivo o carpeta", function() m:export_onnx("/no/hay/tal/m.onnx") end)
fails("¿Querías decir «optimizer»?", function() m:save{path, optimiser = false} end)
fails("¿Querías decir «normalise»?", function() m:export_onnx{path, normalize = true} end)
fails("safetensors", function() nn.load(path) end)
fails("no existe ese archivo o carpeta", function() nn.load("/no/hay/tal") end)
os.remove(path)
