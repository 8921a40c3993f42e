-- mnist.lua: una red convolucional pequeña para MNIST, 5 épocas.
--
--     nabla run notebooks/recetas/mnist.lua
--
-- Dos convoluciones con agrupamiento, y abandono (dropout) contra el sobreajuste. La tasa de
-- aprendizaje baja como media onda de coseno: grande al principio, casi cero al final.
local epochs, batch_size, seed = 5, 64, 42

lab.seed(seed)
local d = data.mnist()
local steps = epochs * math.ceil(#d.y_train / batch_size)

local m = nn.Sequential{
    nn.Conv2D{32, 3, padding = "same", activation = "relu"},
    nn.MaxPooling2D(2),
    nn.Conv2D{64, 3, padding = "same", activation = "relu"},
    nn.MaxPooling2D(2),
    nn.Flatten(),
    nn.Dropout(0.25),
    nn.Dense{128, activation = "relu"},
    nn.Dropout(0.5),
    nn.Dense{10, activation = "softmax"},
}
m:compile{
    optimizer = optim.Adam{
        learning_rate = optim.CosineDecay{initial_learning_rate = 2e-3, decay_steps = steps},
    },
    loss = "sparse_categorical_crossentropy",
    metrics = {"accuracy"},
}

local h = m:fit{d, epochs = epochs, batch_size = batch_size, verbose = 0}
local r = m:evaluate{d}
print(string.format("MNIST, red convolucional: %d épocas, semilla %d, %.0f s, exactitud de prueba %.4f",
    epochs, seed, h.seconds, r.accuracy))
return r.accuracy
