-- lab.experiments: runs, order, what is kept, what is refused; the test part's counter.
lab.seed(3)
d = data.digits{n_train = 300, n_test = 50}
folder = os.tmpname(); os.remove(folder)
built = 0
function network(cfg)
    built = built + 1
    return nn.Sequential{nn.Flatten(), nn.Dense(cfg.units), nn.Dense(10)}
end
function series(o)
    local t = {chica = {units = 4}, grande = {units = 32},
               adam = {units = 16, optimizer = "adam", learning_rate = 0.01},
               data = d, base = {epochs = 3}, model = network, store = folder}
    for k, v in pairs(o or {}) do t[k] = v end
    return lab.experiments(t)
end

r = series()
assert(built == 3 and #r == 3)
assert(r[1].val_accuracy >= r[2].val_accuracy and r[2].val_accuracy >= r[3].val_accuracy)
assert(r.best == r[1] and r.best.epochs == 3 and r.best.seed == 3)
for _, x in ipairs(r) do
    assert(x.parameters == r:model(x.name).n_params and x.seconds >= 0)
    assert(#x.history.val_accuracy == 3 and x.history.val_accuracy[x.best_epoch] == x.val_accuracy)
    assert(x.history.val_loss[x.best_epoch] == x.val_loss)
    for _, a in ipairs(x.history.val_accuracy) do assert(a <= x.val_accuracy) end
end
text = tostring(r)
assert(text:find("adam%s+learning_rate = 0.01, optimizer = \"adam\", units = 16"), text)

-- the second time nothing is trained, and the models come from the disk
again = series()
assert(built == 3 and again.best.stored)
for i, x in ipairs(again) do
    assert(x.name == r[i].name and x.val_accuracy == r[i].val_accuracy)
    local a = r:model(x.name):predict(d.x_test[{1, 5}])
    local b = again:model(x.name):predict(d.x_test[{1, 5}])
    assert(square(a - b):sum():item() == 0)
end
assert(again:model().n_params == r.best.parameters)
r:plot(); again:plot{title = "Tres redes", caption = "Curvas", label = "fig:tres"}

-- one changed option, one new run; another seed or other data, all of them
series{chica = {units = 5}}
assert(built == 4)
series{seed = 9}
assert(built == 7)
series{data = d:subset(200)}
assert(built == 10)
series{again = true}
assert(built == 13)

-- the same seed gives the same numbers whatever ran before
alone = lab.experiments{{name = "grande", units = 32}, data = d, base = {epochs = 3},
                        model = network, store = false}
for _, x in ipairs(r) do
    if x.name == "grande" then assert(x.val_accuracy == alone.best.val_accuracy) end
end

-- the weights, live and from the disk, are those of the epoch that the numbers are of: with
-- labels turned round, validation gets worse while training goes on
g = data.gauss{n = 80}
turned = {}
for i = 1, #g.y_train do turned[i] = 1 - g.y_train[i] end
turned = tensor(turned):to("int32")
function wild()
    return lab.experiments{a = {learning_rate = 0.05, optimizer = "sgd"}, data = g, store = folder,
        base = {epochs = 8, batch_size = 8, validation_data = {g.x_train, turned}},
        model = function() return nn.Sequential{nn.Dense(2)} end}
end
w = wild()
assert(w.best.best_epoch < 8 and not w.best.stored)
for _, x in ipairs{w, wild()} do
    local e = x:model():evaluate(g.x_train, turned)
    assert(math.abs(e.accuracy - w.best.val_accuracy) < 1e-6 and math.abs(e.loss - w.best.val_loss) < 1e-5)
end
assert(tostring(w):find(w.best.best_epoch .. " de 8", 1, true))

-- without validation there is no best epoch, and callbacks of one's own still run
called = 0
n = lab.experiments{a = {units = 2, validation_split = 0, callbacks = function() called = called + 1 end}, data = d,
                    base = {epochs = 2}, model = network, store = false}
assert(called == 2 and n.best.best_epoch == nil and n.best.loss and not n.best.val_loss)

-- a function of one's own
own = lab.experiments{runs = {a = {n = 2}, b = {n = 5}, c = {n = 3}}, store = false,
                      run = function(cfg) return {val_accuracy = cfg.n / 10} end}
assert(own[1].name == "b" and own[2].name == "c" and own[3].name == "a")

-- without accuracy the smaller loss is better
loss = lab.experiments{runs = {{n = 2}, {n = 5}}, store = false,
                       run = function(cfg) return {val_loss = cfg.n} end}
assert(loss.best.name == "1")

own:plot()                --! tiene curvas de validación

own:model("z")            --! no hay un modelo de «z»

own.model("a")            --! va delante lo que devuelve lab.experiments

lab.experiments{}         --! no hay ningún experimento

lab.experiments{a = {}, stor = false} --! ¿Querías decir «store»?

lab.experiments{runs = {a = 3}, store = false} --! «a» debe ser una tabla de opciones

lab.experiments{a = {}, store = false} --! falta model

lab.experiments{a = {}, model = function() return 3 end, store = false} --! model debe devolver un modelo

lab.experiments{a = {}, run = function() end, store = false} --! run debe devolver

lab.experiments{a = {}, run = function() error("mal") end, store = false} --! «a»

lab.experiments{a = {optimizer = optim.Adam{}, learning_rate = 1}, data = d, model = function() return nn.Sequential{nn.Flatten(), nn.Dense(10)} end, store = false} --! la tasa va dentro de él

-- a folder that cannot be: it runs, and says that nothing is kept
f = os.tmpname()
t = lab.experiments{a = {n = 1}, store = f, run = function(c) return {val_loss = 1} end}
os.remove(f)
assert(tostring(t):find("no se guardan"), tostring(t))

assert(tostring(again):find("3 experimentos ya estaban hechos"))
-- the same model twice on the test part is one use; another model is told
m = r:model("grande")

m:evaluate(d).test_uses --> 1

m:evaluate(d).test_uses --> 1

r:model("adam"):evaluate(d).test_uses --> Con este van 2 modelos medidos en la misma parte de prueba...
--> 2

series{store = false}.best.epochs

m:evaluate(d).test_uses --> 2

os.execute("rm -r '" .. folder .. "'")

-- the line of progress, from the first epoch on; the student's own callback keeps its place
seen = 0
lab.experiments{una = {units = 4}, data = d, model = network, store = false, base = {epochs = 1, verbose = 0, callbacks = function(log) seen = seen + log.epoch end}}.best.epochs --> Experimento 1 de 1: una
--> Experimento 1 de 1: una · época 1 de 1 · exactitud val. 0...
--> 1 experimento
--> 1

seen --> 1
