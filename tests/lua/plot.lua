-- Figures: what is accepted and what is refused; how they look is tested elsewhere.
function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end

d = data.digits{n_train = 200, n_test = 50}
lab.seed(1)
m = nn.Sequential{nn.Flatten(), nn.Dense{8, activation = "relu"}, nn.Dense(10)}
m:compile{loss = "sparse_categorical_crossentropy"}
fails("m:build", function() plot.weights(m) end)
h = m:fit{d, epochs = 2, validation_split = 0.2, caption = "Curvas", label = "fig:c"}

assert(string.find(tostring(plot.history(h)), "Pérdida", 1, true))
plot.history{h, log = true, title = "dos épocas"}
plot.history{{history = {loss = {3, 2, 1}}}}
fails("m:fit", function() plot.history{{a = 1}} end)
fails("no tiene épocas", function() plot.history{{history = {}}} end)
fails("accuracy tiene 1", function() plot.history{{history = {loss = {1, 2}, accuracy = {1}}}} end)

plot.line{1, 4, 9}
plot.line({1, 2, 3}, {1, 4, 9}, {xlabel = "x", names = "cuadrado"})
plot.line(tensor.arange(3), {{1, 2, 3}, {3, 2, 1}}, {names = {"a", "b"}, points = true})
plot.line{tensor.arange(3), tensor.randn{2, 3, seed = 1}, log = true}
fails("y: tiene 2", function() plot.line({1, 2, 3}, {1, 2}) end)
fails("se esperaba", function() plot.line("a") end)
fails("¿Querías decir «xlabel»?", function() plot.line{{1}, xlabl = "x"} end)
plot.line{{1, 10, 100}, {{1, 10, 100}, {2, 0 / 0, 50}}, xlog = true, log = true, styles = {"dashed", "rings"}, names = {"a", "b"}}
plot.line{{1, 2}, {{1, 2}, {2, 3}}, styles = "points"}
fails("\"rings\" y llegó \"x\"", function() plot.line{{1, 2}, styles = "x"} end)
fails("llegó \"y\"", function() plot.line{{1, 2}, {{1, 2}, {3, 4}}, styles = {"line", "y"}} end)

plot.confusion(m, d)
plot.confusion(m, d.x_test, d.y_test)
plot.confusion{m, d, caption = "Matriz", label = "fig:m"}
fails("faltan las etiquetas", function() plot.confusion(m, d.x_test) end)
plot.errors(m, d)
plot.errors{m, d, n = 4}
pairs_text = tostring(plot.confused(m, d))
top = metrics.confusion_matrix(d.y_test, m:classify(d)).confused
for k = 1, math.min(3, #top) do
    local head = string.format("%d → %d: %d", top[k].truth, top[k].predicted, top[k].count)
    assert(pairs_text:find(head, 1, true), pairs_text)
end
plot.confused{m, d, pairs = 1, n = 2, caption = "Pares", label = "fig:pares"}
fails("pairs", function() plot.confused{m, d, pairs = 0} end)
fails("faltan las etiquetas", function() plot.confused(m, d.x_test) end)
plot.weights(m)
plot.weights{m, n = 4, columns = 2}
plot.images(d)
plot.images{d.x_test, labels = d.y_test, n = 6, columns = 3}
plot.images(d.x_test[1])
plot.images{tensor.uniform{3, 5, 5, seed = 1}, labels = {"a", "b", "c"}}
plot.images(tensor.randn{2, 16, seed = 1})
fails("canales", function() plot.images(tensor.zeros(2, 3, 4, 5)) end)
fails("se esperaba", function() plot.images("a") end)

-- Descent: one or two numbers, one or several rates, autograd or differences.
function bowl(w) return (w - 3)^2 end
fig = plot.descent{bowl, x0 = 0, learning_rate = {0.05, 0.5, 1.05}, steps = 20}
text = tostring(fig)
assert(string.find(text, "9 → 0.133 ", 1, true), text)            -- (2.6353 - 3)^2
assert(string.find(text, "2.63527", 1, true), text)
assert(string.find(text, "η = 1.05: diverge (sale en el paso 5)", 1, true), text)
numeric = tostring(plot.descent{function(w) return math.abs(w - 3)^2 end, x0 = 0,
    learning_rate = {0.05, 0.5, 1.05}, steps = 20})
assert(string.find(numeric, "2.63527", 1, true), numeric)
plot.descent(bowl, 0)
plot.descent(bowl, 0, 0.1, 5)
text = tostring(plot.descent{function(x, y) return x^2 + 10 * y^2 end, x0 = {-2, 1},
    learning_rate = {0.02, 0.12}, steps = 15, x = {-3, 3}, caption = "Valle"})
assert(string.find(text, "superficie de", 1, true), text)
assert(string.find(text, "η = 0.12: diverge", 1, true), text)
assert(string.find(text, "(-2, 1) → (-1.084, 0.0004702), 16 puntos", 1, true), text)
plot.descent{function(x, y) return x end, x0 = {1, 1}}           -- does not depend on y
plot.descent{function(x) return 1 end, x0 = 1}                   -- nor on x
fails("x0: la función no es finita", function() plot.descent{function() return 0/0 end, x0 = 1} end)
fails("f: debe devolver un número y devolvió", function() plot.descent{function() end, x0 = 1} end)
fails("x0", function() plot.descent{bowl, x0 = {1, 2, 3}} end)
fails("learning_rate", function() plot.descent{bowl, x0 = 1, learning_rate = {0.1, -1}} end)
fails("a < b", function() plot.descent{bowl, x0 = 1, x = {2, 1}} end)
fails("steps", function() plot.descent{bowl, x0 = 1, steps = 0} end)
fails("mi error", function() plot.descent{function() error("mi error") end, x0 = 1} end)

function valley(w, b) return (w - 1)^2 + 4 * (b + 1)^2 end
text = tostring(plot.contour{valley, x = {-2, 4}, y = {-3, 1}, points = {{-1, 0}, {1, -1}}})
assert(string.find(text, "superficie de 0 a 25", 1, true), text)
assert(string.find(text, "mínimo: 0 en (1, -1)", 1, true), text)
text = tostring(plot.contour{valley, {-2, 4}, {-3, 1}, levels = {1, 2.5}, minimum = false, n = 20})
assert(string.find(text, "niveles: 1, 2.5", 1, true), text)
assert(not string.find(text, "mínimo", 1, true), text)
plot.contour{function(w, b) return w > 0 and 0/0 or w + b end, x = {-1, 1}, y = {-1, 1}}
fails("menor a mayor", function() plot.contour{valley, x = {0, 1}, y = {0, 1}, levels = {2, 1}} end)
fails("levels: va de 1 a 40", function() plot.contour{valley, x = {0, 1}, y = {0, 1}, levels = 41} end)
fails("(n, 2)", function() plot.contour{valley, x = {0, 1}, y = {0, 1}, points = {1, 2}} end)
fails("x: se esperaba un rango", function() plot.contour{valley, x = {1}, y = {0, 1}} end)

-- The plane as a model sees it, also while it trains.
toy = data.xor{n = 100, noise = 0}
n2 = nn.Sequential{nn.Dense{8, activation = "tanh"}, nn.Dense(2)}
n2:compile{optimizer = optim.Adam{learning_rate = 0.05}, loss = "sparse_categorical_crossentropy", metrics = {"accuracy"}}
n2:fit{toy, epochs = 3, live = "boundary", caption = "Frontera"}
text = tostring(plot.boundary(n2, toy))
assert(string.find(text, "Frontera de decisión", 1, true), text)
assert(string.find(text, "azul (prueba)", 1, true), text)
n1 = nn.Sequential{nn.Dense{1, activation = "sigmoid"}}
n1:compile{loss = "binary_crossentropy"}
n1:fit{toy, verbose = 0}
plot.boundary{n1, toy, title = "una salida", label = "fig:b"}
n3 = nn.Sequential{nn.Dense(3)}
n3:compile{loss = "sparse_categorical_crossentropy"}
n3:fit{{{0, 1}, {1, 0}, {2, 2}}, {0, 1, 2}, epochs = 2, live = "boundary"}
fails("fit: live: hacen falta puntos del plano, (n, 2), y llegó (200, 28, 28, 1)",
    function() m:fit{d, live = "boundary"} end)
fails("curves", function() m:fit{d, live = "frontera"} end)
fails("plot.boundary: hacen falta puntos", function() plot.boundary(m, d) end)
fails("el modelo espera ejemplos", function() plot.boundary(m, toy) end)

-- Drawing the plane does not change what is learned.
function trained(live)
    lab.seed(5)
    local net = nn.Sequential{nn.Dense{4, activation = "tanh"}, nn.Dropout(0.2), nn.Dense(2)}
    net:compile{loss = "sparse_categorical_crossentropy"}
    return net:fit{toy, epochs = 4, live = live}.history.loss[4]
end
assert(trained("boundary") == trained("curves"))

-- What the layers make of an image, and their weights.
fails("plot.activations: el modelo aún no tiene pesos", function() plot.activations(nn.Sequential{nn.Dense(2)}, d) end)
c = nn.Sequential{nn.Conv2D{4, 3, activation = "relu", name = "ojos"}, nn.MaxPooling2D(2),
    nn.Residual{nn.Conv2D{4, 3, padding = "same"}}, nn.Flatten(), nn.Dense{6, activation = "relu"}, nn.Dense(10)}
c:build{28, 28, 1}
text = tostring(plot.activations(c, d))
assert(string.find(text, "entrada (1 imagen)", 1, true), text)
assert(string.find(text, "ojos (26, 26, 4) ", 1, true), text)
assert(string.find(text, "mapas en cero: ", 1, true), text)
assert(string.find(text, "residual (13, 13, 4) ", 1, true), text)
assert(string.find(text, "dense_1 (10,) ", 1, true), text)
assert(not string.find(text, "max_pooling", 1, true), text)
assert(tostring(plot.activations{c, d.x_test, index = 3, n = 2, caption = "Capas"}) ~= text)
assert(tostring(plot.activations(c, d.x_test[1])) == text)
fails("index: hay 50 ejemplos y se pidió el 51", function() plot.activations{c, d, index = 51} end)
fails("x: el modelo espera ejemplos de forma (28, 28, 1)", function() plot.activations(c, tensor.ones(2, 3)) end)
-- A layer whose bias silences it: all its units are 0.
silent = nn.Sequential{nn.Dense{4, activation = "relu", kernel_initializer = "zeros"}}
silent:build{3}
text = tostring(plot.activations(silent, {{1, 2, 3}}))
assert(string.find(text, "unidades en cero: 4 de 4 (100 %)", 1, true), text)

text = tostring(plot.weights(c))
assert(string.find(text, "Pesos de ojos: azul positivo", 1, true), text)
assert(string.find(text, "4 imágenes de 3×3 píxeles", 1, true), text)
text = tostring(plot.weights{c, layer = "residual/conv2d"})
assert(string.find(text, "16 imágenes de 3×3 píxeles", 1, true), text)
rgb = nn.Sequential{nn.Conv2D{5, 3}}
rgb:build{8, 8, 3}
assert(string.find(tostring(plot.weights(rgb)), "en color", 1, true))
fails("no tiene una capa «nada»", function() plot.weights{c, layer = "nada"} end)
fails("no se ven como imágenes", function() plot.weights{c, layer = "dense_1"} end)
fails("ninguna capa", function() plot.weights(silent) end)

-- Several trainings in one figure; the best epoch of each.
text = tostring(plot.history{{history = {loss = {3, 2, 1}}}, {history = {loss = {3, 1, 2}, val_loss = {3, 4, 5}}},
    names = {"base", "otra"}, log = true, title = "dos"})
assert(string.find(text, "base (mejor época: 3)", 1, true), text)
assert(string.find(text, "otra (validación; mejor época: 1)", 1, true), text)
text = tostring(plot.history(h, h, {caption = "Iguales"}))
assert(string.find(text, "entrenamiento 2 (validación; mejor época: ", 1, true), text)
fails("van de 1 a 12 entrenamientos y llegaron 0", function() plot.history() end)
fails("m:fit", function() plot.history{h, 3} end)

-- The model drawn; branches are branches.
text = tostring(plot.model(c))
assert(string.find(text, "entrada (28, 28, 1)", 1, true), text)
assert(string.find(text, "ojos (Conv2D) → (26, 26, 4), 40 parámetros", 1, true), text)
assert(string.find(text, "    conv2d (Conv2D) → (13, 13, 4), 148 parámetros", 1, true), text)
both = nn.Sequential{nn.Concatenate{nn.Dense(2), nn.Sequential{nn.Dense(3), nn.Dense(4)}},
    nn.Residual{nn.Dense(5), activation = "relu", shortcut = nn.Dense(5)}, nn.Dense{1, activation = "sigmoid"}}
plot.model(both)                                        -- not built yet: names alone
both:build{3}
text = tostring(plot.model{both, title = "Ramas", caption = "El modelo", label = "fig:modelo"})
assert(string.find(text, "concatenate (Concatenate) → (6,), 36 parámetros", 1, true), text)
fails("no tiene capas", function() plot.model(nn.Sequential{}) end)

-- histograms: common bins, several lists, what is not finite is said
text = tostring(plot.histogram{{1, 2, 2, 3, 0 / 0}, bins = 3, caption = "Reparto", label = "fig:r"})
assert(text:find("valores (1 no finitos)", 1, true) and text:find("máx. 2 en 1.667", 1, true), text)
text = tostring(plot.histogram{{{1, 1, 1, 5}, tensor{{2, 3}, {4, 5}}}, names = {"a", "b"}, range = {0, 4}, bins = 4, density = true})
assert(text:find("a.*máx%. 0%.75 en 1") and text:find("b.*máx%. 0%.5 en 3"), text)
plot.histogram(tensor.randn(100))
plot.histogram({4, 4, 4})
plot.histogram{m, log = true}
plot.histogram({1, 2}, {log = true, density = true, xlabel = "x", title = "t"})
fails("ningún número finito", function() plot.histogram{{0 / 0}} end)
fails("{menor, mayor}", function() plot.histogram{{1, 2}, range = {3, 3}} end)
fails("m:build o m:fit", function() plot.histogram(nn.Sequential{nn.Dense(2)}) end)
fails("hasta 12 listas", function() local t = {} for i = 1, 13 do t[i] = {i} end plot.histogram{t} end)
fails("¿Querías decir «bins»?", function() plot.histogram{{1}, bin = 3} end)

-- the diagnostics' histograms
g = h.diagnostics[1].gradients
sum = g.zeros
for _, c in ipairs(g.counts) do sum = sum + c end
assert(sum == g.n and g.low == -10 and #g.counts == 48)
text = tostring(plot.gradients(h))
assert(text:find("Gradientes, al final") and text:find("Activaciones, al final"), text)
assert(not tostring(plot.gradients{h, histograms = false}):find("al final"))
