-- Every figure, table and formula as the commands make them, one cell each: "--## name".
-- tests/golden/commands/ holds what each shows, in every format, as somebody last looked at it.

--## setup
lab.seed(42)
d = data.digits{n_train = 300, n_test = 120}
red = nn.Sequential{
  nn.Conv2D{4, 3, activation = "relu"}, nn.MaxPooling2D(2), nn.Flatten(),
  nn.Dense{16, activation = "tanh"}, nn.Dense(10)}
red:compile{optimizer = optim.Adam{learning_rate = 0.01}, loss = "sparse_categorical_crossentropy", metrics = {"accuracy"}}
h = red:fit{d, epochs = 4, batch_size = 32, validation_split = 0.2, verbose = 0}
function entrenar(tasa)
  lab.seed(7)
  local m = nn.Sequential{nn.Flatten(), nn.Dense{16, activation = "relu"}, nn.Dense(10)}
  m:compile{optimizer = optim.SGD(tasa), loss = "sparse_categorical_crossentropy", metrics = {"accuracy"}}
  return m:fit{d, epochs = 6, validation_split = 0.2, verbose = 0}
end
puntos = data.circle{n = 120, noise = 0.1}
plano = nn.Sequential{nn.Dense{8, activation = "tanh"}, nn.Dense(2)}
plano:compile{optimizer = optim.Adam{learning_rate = 0.05}, loss = "sparse_categorical_crossentropy"}
plano:fit{puntos, epochs = 15, verbose = 0}
w_L = var{0.8, name = "w_L"}; b_L = var{0.2, name = "b_L"}
z = w_L * 0.5 + b_L
y_hat = sigmoid(z)
C = (y_hat - 1)^2

--## dataset
d

--## images
plot.images{d.x_test, labels = d.y_test, n = 10, caption = "Diez ejemplos", label = "fig:ejemplos"}

--## model
plot.model{red, caption = "La red", label = "fig:red"}

--## summary
red:summary()

--## history
plot.history{h, caption = "Curvas de aprendizaje", label = "fig:curvas"}

--## history_overlay
plot.history{entrenar(0.01), entrenar(0.1), names = {"η = 0.01", "η = 0.1"}, log = true, title = "Dos tasas"}

--## gradients
plot.gradients(h)

--## histogram
lab.seed(1); plot.histogram{{tensor.randn(500), tensor.uniform(300)}, names = {"normal", "uniforme"}, caption = "Repartos", label = "fig:repartos"}

--## histogram_log
lab.seed(1); plot.histogram{tensor.randn(2000), log = true, bins = 50, xlabel = "peso"}

--## confusion
plot.confusion{red, d, caption = "Matriz de confusión", label = "fig:confusion"}

--## confusion_table
metrics.confusion_matrix({0, 1, 1, 2, 2}, {0, 1, 2, 2, 0}, {classes = {"gato", "perro", "pez"}})

--## report
metrics.classification_report{d.y_test, red:classify(d.x_test), caption = "Informe por clase", label = "tab:informe"}

--## errors
plot.errors{red, d, n = 10, caption = "Los peores errores", label = "fig:errores"}

--## activations
plot.activations{red, d, index = 3}

--## weights
plot.weights(red)

--## descent
plot.descent{function(w) return (w - 3)^2 end, x0 = 0, learning_rate = {0.05, 0.5, 1.05}, steps = 20, caption = "Tres tasas", label = "fig:descenso"}

--## descent_plane
plot.descent{function(x, y) return x^2 + 8 * y^2 end, x0 = {-2, 1}, learning_rate = {0.02, 0.11}, steps = 20}

--## contour
plot.contour{function(w, b) return (w - 1)^2 + 3 * (b + 0.5)^2 end, x = {-1, 3}, y = {-2, 1}, levels = {0.1, 0.5, 1, 2, 4}, points = {{-0.5, 0.5}, {0.3, 0}, {0.8, -0.3}}}

--## contour_ways
plot.contour{function(w, b) return w^2 + 6 * b^2 end, x = {-3, 3}, y = {-2, 2}, ways = {{{-2, 1}, {-1, -0.6}, {-0.4, 0.3}}, {{-2, 1}, {-1.2, 0.2}, {-0.3, 0}}}, names = {"rebota", "derecho"}, xlabel = "w₁", ylabel = "w₂"}

--## curve
plot.curve{function(w) return (w - 3)^2 end, x = {-2, 8}, minimum = true, tangents = {0.5, 5}, ways = {0, 5, 1.5, 3.6}, names = {"L(w)", "camino"}, xlabel = "w", ylabel = "L(w)", caption = "La pérdida y un camino", label = "fig:curva"}

--## curve_data
plot.curve{{function(x) return 1 + 0.6 * x end, function(x) return 1 + 1.2 * x end}, x = {0, 5}, points = {{1, 2.1}, {2, 3.4}, {4, 6}}, names = {"w = 0.6", "w = 1.2"}, title = "Dos rectas"}

--## boundary
plot.boundary{plano, puntos, caption = "La frontera", label = "fig:frontera"}

--## line
t = tensor.arange(40) / 10
plot.line{t, {exp(t * -1), exp(t * -2)}, names = {"e⁻ˣ", "e⁻²ˣ"}, xlabel = "x", ylabel = "valor"}

--## trace
function paso(theta, gradiente, eta) return theta - eta * gradiente end
trace{paso, f = function(w) return (w - 3)^2 end, x0 = 0, learning_rate = 0.1, steps = 5, caption = "Cinco pasos", label = "tab:pasos"}

--## chain
chain{C, w_L, caption = "La regla de la cadena", label = "eq:cadena"}

--## graph
graph{C, caption = "El grafo", label = "fig:grafo"}

--## backprop
backprop{C, caption = "Hacia atrás", label = "tab:atras"}

--## gradcheck
gradcheck{function() return (sigmoid(w_L * 0.5 + b_L) - 1)^2 end, {w_L, b_L}, caption = "Verificación", label = "tab:verificacion"}

--## gradcheck_wrong
gradcheck{function() return (sigmoid(w_L * 0.5 + b_L) - 1)^2 end, {w_L, b_L}, given = {0.2, -0.162}}

--## experiments
lab.experiments{runs = {chica = {n = 4}, grande = {n = 16}}, store = false, caption = "Dos redes", label = "tab:redes",
  run = function(c) return {val_accuracy = 0.8 + c.n / 100, val_loss = 1 / c.n, parameters = c.n * 100, epochs = 3, seconds = 1} end}

--## table
lab.table{{"SGD", 0.9142}, {"Adam", 0.93}, {"con momento & más", nil}, columns = {"optimizador", "exactitud"}, bold = 2, caption = "Optimizadores", label = "tab:optimizadores", note = "Una nota"}

--## table_records
lab.table{{{nombre = "año", valor = 1 / 3}, {nombre = "un texto tan largo que no cabe en una línea de la tabla y sigue en otra", lista = {1, 2}}}}

--## tensor
tensor{{1, 2.5}, {-3, 4}}

--## help
help "nn.Dense"
