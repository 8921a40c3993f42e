-- Callbacks of m:fit: the engine's and the student's functions.
sparse = "sparse_categorical_crossentropy"
lab.seed(3)
d = data.digits{n_train = 200, n_test = 50}
function network(rate)
  local m = nn.Sequential{nn.Flatten(), nn.Dense{8, activation = "relu"}, nn.Dense(10)}
  m:compile{optimizer = optim.SGD{learning_rate = rate or 0.01}, loss = sparse}
  return m
end
m = network()

callbacks.EarlyStopping{patience = 3}                 --> callbacks.EarlyStopping{patience = 3}

callbacks.ModelCheckpoint{"a.safetensors", save_best_only = true} --> callbacks.ModelCheckpoint{path = "a.safetensors", save_best_only = true}

callbacks.EarlyStopping{patiense = 3}                 --! patience

callbacks.EarlyStopping{mode = "up"}                  --! Valores

callbacks.ModelCheckpoint()                           --! falta «path»

m:fit{d, callbacks = {3}}                             --! no es una función ni un callback

m:fit{d, callbacks = callbacks.EarlyStopping{}}       --! no hay datos de validación

m:fit{d, callbacks = callbacks.EarlyStopping{monitor = "f1"}}  --! lo que mide es loss, accuracy

-- a line when it acts, and the best epoch in the history
h = m:fit{d, epochs = 9, verbose = 2, callbacks = {callbacks.EarlyStopping{monitor = "loss", min_delta = 100, patience = 1, restore_best_weights = true}}}
print(h.epochs, h.stopped, h.best_epoch) --> Época 1/9...
--> Época 2/9...
--> EarlyStopping: loss no mejora desde la época 1...
--> EarlyStopping: vuelven los pesos de la época 1...
--> 2	true	1

-- verbose = 0 says nothing
m:fit{d, epochs = 9, verbose = 0, callbacks = callbacks.EarlyStopping{monitor = "loss", min_delta = 100}}; print("nada") --> nada

-- the rate by a function, seen in the history
h = m:fit{d, epochs = 3, verbose = 0, callbacks = callbacks.LearningRateScheduler(function(epoch, rate) return rate / 2 end)}
print(h.history.learning_rate[1], h.history.learning_rate[3]) --> 0.005	0.00125

m:fit{d, verbose = 0, callbacks = callbacks.LearningRateScheduler(function() return "x" end)}  --! debe devolver la tasa

m:fit{d, verbose = 0, callbacks = callbacks.LearningRateScheduler(function() return -1 end)}  --! learning_rate

-- the student's own optimizer object, changed between epochs
o = optim.SGD{learning_rate = 0.1}
n = network()
n:compile{optimizer = o, loss = sparse}
h = n:fit{d, epochs = 3, verbose = 0, callbacks = function(log) if log.epoch == 1 then o.learning_rate = 0.025 end end}
print(h.history.learning_rate[1], h.history.learning_rate[2], h.history.learning_rate[3]) --> 0.1	0.025	0.025

-- every event in order; false ends the training
seen = {}
function note(what) return function(a) seen[#seen + 1] = what end end
h = m:fit{d, epochs = 9, batch_size = 100, verbose = 0, callbacks = {
  callbacks.LambdaCallback{on_train_begin = note("<"), on_train_end = note(">"),
    on_epoch_begin = note("("), on_train_batch_end = note("."),
    on_epoch_end = function(epoch, log) seen[#seen + 1] = ")"; return epoch < 2 end}}}
print(table.concat(seen), h.epochs) --> <(..)(..)>	2

-- a failing function is an error of the cell and the model goes on working
m:fit{d, verbose = 0, callbacks = callbacks.LambdaCallback{on_train_batch_end = function() error("ay") end}}  --! ay

h = m:fit{d, verbose = 0}; print(h.epochs) --> 1

-- diagnostics per layer
h = m:fit{d, epochs = 2, verbose = 0, diagnostics = true}
g = h.diagnostics
print(#g, g[1].layer, g[2].layer) --> 2	dense	dense_1
print(#g.dense.gradient_norm, g.dense.weight_norm[1] > 0, g.dense.update_ratio[2] < 0) --> 2	true	true
print(g.dense.dead[1] >= 0 and g.dense.dead[1] <= 1, g.dense_1.dead, g.dense.saturated) --> true	nil	nil

s = nn.Sequential{nn.Flatten(), nn.Dense{8, activation = "relu"}, nn.Dense{6, activation = "tanh"}, nn.Dense(10)}
s:compile{loss = sparse}
plot.gradients{s:fit{d, epochs = 2, verbose = 0}, histograms = false} --> Norma del gradiente
-->   dense ...
-->   dense_1...
-->   dense_2...
--> Paso entre pesos
-->   dense ...
-->   dense_1...
-->   dense_2...
-->   * −3
--> Apagadas y saturadas
-->   dense ...
-->   dense_1 (sat.)...
-->

plot.gradients{{}}  --! no tiene diagnostics

-- weights of classes and of examples
lab.seed(1)
a = network():fit{d, verbose = 0, class_weight = {[0] = 1, [3] = 2}}.history.loss[1]
lab.seed(1)
w = {}
for i = 1, 200 do w[i] = d.y_train[i] == 3 and 2 or 1 end
b = network():fit{d, verbose = 0, sample_weight = w}.history.loss[1]
lab.seed(1)
c = network():fit{d, verbose = 0}.history.loss[1]
print(a == b, a > c) --> true	true

m:fit{d, class_weight = {[10] = 2}}  --! las clases van de 0 a 9

m:fit{d, class_weight = {["1"] = 2}}  --! {[0] = 1, [1] = 5}

m:fit{d, class_weight = {[1] = -2}}  --! no negativo

m:fit{d, sample_weight = {1, 2}}  --! sample_weight tiene 2

-- one unit that says yes or no takes weights as well
lab.seed(1)
b = nn.Sequential{nn.Dense{1, activation = "sigmoid"}}
b:compile{loss = "binary_crossentropy"}
g = data.gauss{n = 60}
print(b:fit{g, verbose = 0, class_weight = {[0] = 1, [1] = 5}}.epochs) --> 1
