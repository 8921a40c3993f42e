-- accuracy.lua: what the assignment's networks reach on the real data, with seed and time.
--     make accuracy            (long; a measurement, not a test)
local recipes = {
    {name = "MNIST, 784-128-10", load = data.mnist, goal = 0.975, epochs = 5},
    {name = "Fashion-MNIST, 784-128-10", load = data.fashion_mnist, goal = 0.87, epochs = 5},
}
local seed = 42

for _, r in ipairs(recipes) do
    lab.seed(seed)
    local d = r.load()
    local m = nn.Sequential{
        nn.Flatten(),
        nn.Dense{128, activation = "relu"},
        nn.Dense{10, activation = "softmax"},
    }
    m:compile{optimizer = optim.Adam{learning_rate = 0.001},
              loss = "sparse_categorical_crossentropy", metrics = {"accuracy"}}
    local h = m:fit{d, epochs = r.epochs, batch_size = 64, verbose = 0}
    local accuracy = m:evaluate{d}.accuracy
    print(string.format("%-28s semilla %d, %d épocas, %.1f s: exactitud de prueba %.4f (meta %.3f) %s",
        r.name, seed, r.epochs, h.seconds, accuracy, r.goal, accuracy >= r.goal and "✓" or "✗"))
end
