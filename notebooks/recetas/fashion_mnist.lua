-- fashion_mnist.lua: una red convolucional para Fashion-MNIST.
--
--     nabla run notebooks/recetas/fashion_mnist.lua [épocas]
--
-- Cuatro convoluciones con normalización por lotes. Las prendas son casi simétricas: el espejo
-- horizontal y un movimiento de dos píxeles dan variantes creíbles de cada imagen.
local epochs, batch_size, seed = tonumber(arg and arg[1]) or 10, 128, 42

lab.seed(seed)
local d = data.fashion_mnist():augment{flip = true, shift = 2, normalise = true}
local steps = epochs * math.ceil(#d.y_train / batch_size)

local layers = {}
local function add(layer) layers[#layers + 1] = layer end
local function conv(filters)
    add(nn.Conv2D{filters, 3, padding = "same", use_bias = false, kernel_initializer = "he_normal"})
    add(nn.BatchNormalization{momentum = 0.9})
    add(nn.Activation("relu"))
end
conv(32) conv(32) add(nn.MaxPooling2D(2))
conv(64) conv(64) add(nn.MaxPooling2D(2))
add(nn.Flatten())
add(nn.Dropout(0.4))
add(nn.Dense{128, activation = "relu"})
add(nn.Dropout(0.4))
add(nn.Dense(10))

local m = nn.Sequential(layers)
m:compile{
    optimizer = optim.Adam{
        learning_rate = optim.OneCycle{max_learning_rate = 3e-3, total_steps = steps},
    },
    loss = losses.SparseCategoricalCrossentropy{label_smoothing = 0.05},
    metrics = {"accuracy"},
}

local h = m:fit{d, epochs = epochs, batch_size = batch_size, verbose = 0}
local r = m:evaluate{d}
print(string.format("Fashion-MNIST, red convolucional: %d épocas, semilla %d, %.0f s, exactitud de prueba %.4f",
    epochs, seed, h.seconds, r.accuracy))
return r.accuracy
