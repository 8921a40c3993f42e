-- Networks for images: description, summary, training, evaluation, saving.
function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end

-- one number or two, as in Keras
c = nn.Conv2D(8, 3, {activation = "relu"})
assert(c.filters == 8 and c.kernel_size[1] == 3 and c.kernel_size[2] == 3)
assert(c.strides[2] == 1 and c.padding == "valid" and c.groups == 1)
assert(tostring(nn.Conv2D{4, {3, 5}, strides = {1, 2}}) ==
       "nn.Conv2D{filters = 4, kernel_size = {3, 5}, strides = {1, 2}}")
assert(#nn.MaxPooling2D().strides == 0 and nn.MaxPooling2D(3).pool_size[2] == 3)
fails("un entero o dos", function() nn.Conv2D(8, {3, 3, 3}) end)
fails("kernel_size", function() nn.Conv2D(8) end)
fails("\"same\"", function() nn.Conv2D(8, 3, {padding = "sam"}) end)

d = data.digits{n_train = 300, n_test = 100}
function network()
    lab.seed(3)
    local m = nn.Sequential{nn.Conv2D{8, 3, activation = "relu"}, nn.MaxPooling2D(2),
                            nn.Conv2D{12, 3, padding = "same", activation = "relu"},
                            nn.MaxPooling2D(2), nn.Flatten(), nn.Dense(10)}
    m:compile{optimizer = optim.Adam{learning_rate = 0.005},
              loss = "sparse_categorical_crossentropy"}
    return m
end
m = network()
m:build{28, 28, 1}
text = tostring(m:summary())
assert(string.find(text, "(None, 26, 26, 8)", 1, true))
assert(string.find(text, "max_pooling2d_1 (MaxPooling2D)", 1, true))
assert(m.n_params == 80 + 8 * 12 * 9 + 12 + 6 * 6 * 12 * 10 + 10)

-- bytes and numbers train alike
h = m:fit{d, epochs = 4, batch_size = 32, verbose = 0}
assert(h.history.loss[4] < h.history.loss[1] / 2 and h.history.accuracy[4] > 0.7)
as_numbers = network():fit(d.x_train / 255, d.y_train,
                           {epochs = 1, batch_size = 32, verbose = 0})
assert(math.abs(as_numbers.history.loss[1] - h.history.loss[1]) < 0.01)

s = m:evaluate(d)
y = m:classify(d.x_test)
assert(s.accuracy > 0.6 and metrics.accuracy_score(d.y_test, y) == s.accuracy)
p = m:predict(d.x_test)
assert(p.shape[1] == 100 and p.shape[2] == 10)
fails("(28, 28, 1)", function() m:predict(tensor.zeros{2, 20, 20, 1}) end)
fails("dale un canal", function() network():build{28, 28} end)

-- a file keeps pairs
path = os.tmpname()
m:save(path)
again = nn.load(path)
os.remove(path)
assert(again:evaluate(d).loss == s.loss)

-- every other kind of layer in one network
lab.seed(5)
m = nn.Sequential{nn.Conv2D{6, 3, strides = 2, activation = "relu"},
                  nn.DepthwiseConv2D{3, padding = "same", depth_multiplier = 2},
                  nn.SeparableConv2D{8, 3, activation = "relu"},
                  nn.AveragePooling2D(2), nn.Conv2D{8, 2, groups = 4},
                  nn.GlobalAveragePooling2D(), nn.Dense(10)}
m:compile{optimizer = optim.Adam{learning_rate = 0.01},
          loss = "sparse_categorical_crossentropy"}
h = m:fit{d, epochs = 3, batch_size = 32, verbose = 0}
assert(h.history.loss[3] < h.history.loss[1])

-- normalisation: moving statistics are parameters that are not trained
lab.seed(6)
m = nn.Sequential{nn.ZeroPadding2D(2), nn.Conv2D{8, 3, strides = 2, use_bias = false},
                  nn.BatchNormalization{momentum = 0.8}, nn.Activation("relu"),
                  nn.MaxPooling2D(2), nn.Reshape{49 * 8}, nn.LayerNormalization(),
                  nn.Dense(10)}
m:compile{optimizer = optim.Adam{learning_rate = 0.005},
          loss = "sparse_categorical_crossentropy"}
h = m:fit{d, epochs = 4, batch_size = 32, verbose = 0}
assert(h.history.loss[4] < h.history.loss[1] / 2)
assert(m.n_params == 72 + 32 + 2 * 392 + 3930)
s = m:summary()
assert(s.total == m.n_params and s.trainable == m.n_params - 16)
assert(m:evaluate(d).accuracy > 0.6)
path = os.tmpname()
m:save(path)
again = nn.load(path)
os.remove(path)
assert(again:evaluate(d).loss == m:evaluate(d).loss)
