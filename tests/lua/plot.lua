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

plot.confusion(m, d)
plot.confusion(m, d.x_test, d.y_test)
plot.confusion{m, d, caption = "Matriz", label = "fig:m"}
fails("faltan las etiquetas", function() plot.confusion(m, d.x_test) end)
plot.errors(m, d)
plot.errors{m, d, n = 4}
plot.weights(m)
plot.weights{m, n = 4, columns = 2}
plot.images(d)
plot.images{d.x_test, labels = d.y_test, n = 6, columns = 3}
plot.images(d.x_test[1])
plot.images{tensor.uniform{3, 5, 5, seed = 1}, labels = {"a", "b", "c"}}
plot.images(tensor.randn{2, 16, seed = 1})
fails("canales", function() plot.images(tensor.zeros(2, 3, 4, 5)) end)
fails("se esperaba", function() plot.images("a") end)
