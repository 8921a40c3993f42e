-- accuracy.lua: what the assignment's networks reach on the real data, with seed and time.
--     make accuracy            (long; a measurement, not a test)
local seed = 42

-- The dense network of the labs, and the goal it has to reach.
local dense = {
    {name = "MNIST, 784-128-10", load = data.mnist, goal = 0.975},
    {name = "Fashion-MNIST, 784-128-10", load = data.fashion_mnist, goal = 0.87},
}
for _, r in ipairs(dense) do
    lab.seed(seed)
    local d = r.load()
    local m = nn.Sequential{
        nn.Flatten(),
        nn.Dense{128, activation = "relu"},
        nn.Dense{10, activation = "softmax"},
    }
    local steps = 5 * math.ceil(#d.y_train / 64)
    m:compile{optimizer = optim.Adam{
                  learning_rate = optim.CosineDecay{initial_learning_rate = 2e-3, decay_steps = steps}},
              loss = "sparse_categorical_crossentropy", metrics = {"accuracy"}}
    local h = m:fit{d, epochs = 5, batch_size = 64, verbose = 0}
    local accuracy = m:evaluate{d}.accuracy
    print(string.format("%s: 5 épocas, semilla %d, %.1f s, exactitud de prueba %.4f",
        r.name, seed, h.seconds, accuracy))
    print(string.format("    meta %.3f %s", r.goal, accuracy >= r.goal and "✓" or "✗"))
end

-- The convolutional recipes print their own line and return the accuracy.
local recipes = {
    {file = "mnist", goal = 0.990},
    {file = "fashion_mnist", goal = 0.915},
    {file = "cifar10", goal = 0.78},
}
for _, r in ipairs(recipes) do
    local accuracy = dofile("notebooks/recetas/" .. r.file .. ".lua")
    print(string.format("    meta %.3f %s", r.goal, accuracy >= r.goal and "✓" or "✗"))
end
