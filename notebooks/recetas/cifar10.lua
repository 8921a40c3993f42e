-- cifar10.lua: una red convolucional para CIFAR-10.
--
--     nabla run notebooks/recetas/cifar10.lua [épocas]
--
-- Seis convoluciones con normalización por lotes, 24 filtros arriba y 192 abajo: las capas de
-- arriba, que ven la imagen entera, son las que cuestan. Espejo y movimiento de cuatro píxeles,
-- SGD con momento de Nesterov, una tasa que sube dos épocas y baja como media onda de coseno, y
-- etiquetas suavizadas.
local epochs, batch_size, seed = tonumber(arg and arg[1]) or 15, 128, 42

lab.seed(seed)
local d = data.cifar10():augment{flip = true, shift = 4, normalise = true}
local steps_per_epoch = math.ceil(#d.y_train / batch_size)

local layers = {}
local function add(layer) layers[#layers + 1] = layer end
local function conv(filters)
    add(nn.Conv2D{filters, 3, padding = "same", use_bias = false, kernel_initializer = "he_normal"})
    add(nn.BatchNormalization{momentum = 0.9})
    add(nn.Activation("relu"))
end
conv(24) add(nn.MaxPooling2D(2))
conv(48) conv(48) add(nn.MaxPooling2D(2))
conv(96) conv(96) add(nn.MaxPooling2D(2))
conv(192)
add(nn.GlobalAveragePooling2D())
add(nn.Dropout(0.2))
add(nn.Dense(10))

local m = nn.Sequential(layers)
m:compile{
    optimizer = optim.SGD{
        learning_rate = optim.CosineDecay{
            initial_learning_rate = 0.01,
            warmup_target = 0.1, warmup_steps = 2 * steps_per_epoch,
            decay_steps = math.max(1, epochs - 2) * steps_per_epoch,
        },
        momentum = 0.9, nesterov = true, weight_decay = 5e-4,
    },
    loss = losses.SparseCategoricalCrossentropy{label_smoothing = 0.1},
    metrics = {"accuracy"},
}

local h = m:fit{d, epochs = epochs, batch_size = batch_size, verbose = 0}
local r = m:evaluate{d}
print(string.format("CIFAR-10, red convolucional: %d épocas, semilla %d, %.0f s, exactitud de prueba %.4f",
    epochs, seed, h.seconds, r.accuracy))
return r.accuracy
