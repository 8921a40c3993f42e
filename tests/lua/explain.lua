-- chain, graph and backprop: the neuron of the deck, paths that join, tensors.
w = var(0.8); b = var(0.2); a = tensor(0.5); y = tensor(1)
z = w * a + b
y_hat = sigmoid(z)
C = (y_hat - y)^2

chain(C, w) --> ∂C/∂w = ∂C/∂ŷ · ∂ŷ/∂z · ∂z/∂w
--> z = w·a + b = 0.6
--> ŷ = σ(z) = 0.6457
--> C = (ŷ - y)² = 0.1256
--> ∂C/∂ŷ = 2·(ŷ - y) = 2 · (0.6457 - 1) = -0.7087
--> ∂ŷ/∂z = ŷ·(1 - ŷ) = 0.6457 · (1 - 0.6457) = 0.2288
--> ∂z/∂w = a = 0.5
--> ∂C/∂w = (-0.7087) · 0.2288 · 0.5 = -0.08107

-- after backward, and for the bias
C:backward()

chain(C, b) --> ∂C/∂b = ∂C/∂ŷ · ∂ŷ/∂z · ∂z/∂b
--> z = w·a + b = 0.6
--> ŷ = σ(z) = 0.6457
--> C = (ŷ - y)² = 0.1256
--> ∂C/∂ŷ = 2·(ŷ - y) = 2 · (0.6457 - 1) = -0.7087
--> ∂ŷ/∂z = ŷ·(1 - ŷ) = 0.6457 · (1 - 0.6457) = 0.2288
--> ∂z/∂b = 1
--> ∂C/∂b = (-0.7087) · 0.2288 · 1 = -0.1621

-- an explanation leaves gradients and counters alone
before = w.grad
lab.passes{reset = true}
backprop(C); graph(C)
assert(w.grad == before and lab.passes().backward == 0)

-- names of locals and of name=; a result without names gets u_1, u_2
do
    local v_L = var{0.8, name = "w_L"}
    local a_Lm1 = tensor(0.5)
    Ci = square(y - sigmoid(v_L * a_Lm1 + b))
    print(chain(Ci, v_L))
end --> ∂Cᵢ/∂wᴸ = ∂Cᵢ/∂u₂ · ∂u₂/∂u₁ · ∂u₁/∂wᴸ
--> u₁ = wᴸ·aᴸ⁻¹ + b = 0.6
--> u₂ = σ(u₁) = 0.6457
--> Cᵢ = (y - u₂)² = 0.1256
--> ∂Cᵢ/∂u₂ = -2·(y - u₂) = -2 · (1 - 0.6457) = -0.7087
--> ∂u₂/∂u₁ = u₂·(1 - u₂) = 0.6457 · (1 - 0.6457) = 0.2288
--> ∂u₁/∂wᴸ = aᴸ⁻¹ = 0.5
--> ∂Cᵢ/∂wᴸ = (-0.7087) · 0.2288 · 0.5 = -0.08107
--> ∂Cᵢ/∂wᴸ = ∂Cᵢ/∂u₂ · ∂u₂/∂u₁ · ∂u₁/∂wᴸ
--> u₁ = wᴸ·aᴸ⁻¹ + b = 0.6
--> u₂ = σ(u₁) = 0.6457
--> Cᵢ = (y - u₂)² = 0.1256
--> ∂Cᵢ/∂u₂ = -2·(y - u₂) = -2 · (1 - 0.6457) = -0.7087
--> ∂u₂/∂u₁ = u₂·(1 - u₂) = 0.6457 · (1 - 0.6457) = 0.2288
--> ∂u₁/∂wᴸ = aᴸ⁻¹ = 0.5
--> ∂Cᵢ/∂wᴸ = (-0.7087) · 0.2288 · 0.5 = -0.08107

-- two ways to the same variable are added
x1 = var(2)
f = x1 * x1 + sin(x1) * x1

chain(f, x1) --> ∂f/∂x₁ = ∂f/∂x₁|_directo + ∂f/∂u₁ · ∂u₁/∂x₁
--> u₁ = sin x₁ = 0.9093
--> f = x₁·x₁ + u₁·x₁ = 5.819
--> ∂f/∂x₁|_directo = x₁ + x₁ + u₁ = 2 + 2 + 0.9093 = 4.909
--> ∂f/∂u₁ = x₁ = 2
--> ∂u₁/∂x₁ = cos x₁ = cos 2 = -0.4161
--> ∂f/∂x₁ = 4.909 + 2 · (-0.4161) = 4.077

-- the product of what is printed is the derivative, whatever the computation
function check(y, x)
    local text = tostring(chain(y, x)):gsub("\n%(.*", "")
    local last = tonumber(text:match("= (%S+)$"))
    local d = grad(y, x)
    assert(math.abs(last - d) <= 6e-4 * math.max(1e-3, math.abs(d)), text .. " <> " .. d)
end
p = var(0.7); q = var(-1.3)
check(exp(p * q) / (1 + p), p)
check(log(p) * tanh(q) - p / q, q)
check(sqrt(p + q^2)^3, q)
check(relu(p - q) * maximum(p, q), p)
check(mse(p * q, 1), p)
s = p; for i = 1, 8 do s = tanh(s * q) + p end -- 8 ways and more
check(s, p)

-- the variables changed: the numbers are those of now, and it says so
r = var(3); g = r * r
r.value = tensor(4)
assert(tostring(chain(g, r)):find("las variables cambiaron"))
assert(tostring(chain(g, r)):find("= 8"))

backprop(C) --> paso  de → a     derivada local    valor    llega      sale  nota
--> ----  ---------  --------------  -------  -------  --------  -----------
-->    1  C → ŷ - y  2·(ŷ - y)       -0.7087        1   -0.7087
-->    2  ŷ - y → ŷ  1                     1  -0.7087   -0.7087
-->    3  ŷ → z      ŷ·(1 - ŷ)        0.2288  -0.7087   -0.1621
-->    4  z → w·a    1                     1  -0.1621   -0.1621  δ
-->    5  z → b      1                     1  -0.1621   -0.1621  reutiliza δ
-->    6  w·a → w    a                   0.5  -0.1621  -0.08107
--> Cada fila: lo que llega al nodo por su derivada local es lo que sale hacia su entrada. δ: un gradiente que se usa más de una vez y se calcula una sola.
-->

steps = backprop(C)
assert(#steps == 6 and steps[6].node == "w·a" and steps[6].input == "w")
assert(math.abs(steps[6].leaves - w.grad) < 1e-12 and steps[5].reused)

graph(C) --> nodo   operación     dato  gradiente
--> -----  ---------  -------  ---------
--> w                     0.8   -0.08107
--> a                     0.5
--> w·a    mul            0.4    -0.1621
--> b                     0.2    -0.1621
--> z      add            0.6    -0.1621
--> ŷ      sigmoid     0.6457    -0.7087
--> y                       1
--> ŷ - y  sub        -0.3543    -0.7087
--> 2                       2
--> C      pow         0.1256          1
-->

-- tensors: formulas and sizes
X = tensor{{0, 0}, {0, 1}, {1, 0}, {1, 1}}; Y = tensor{{0}, {1}, {1}, {0}}
W1 = var{tensor.ones{2, 3}}; W2 = var{tensor.ones{3, 1}}
A1 = tanh(X:matmul(W1)); A2 = sigmoid(A1:matmul(W2))
E = square(A2 - Y):mean()
text = tostring(chain(E, W1))
assert(text:find("∂u₁/∂W₁ = Xᵀ", 1, true), text)
assert(text:find("‖∂E/∂W₁‖ = ", 1, true), text)
assert(text:find("W₁ ∈ R^2×3", 1, true) or text:find("W₁ ∈ R^(2×3)", 1, true), text)
assert(tostring(backprop(E)):find("reutiliza δ"))
graph(E)

chain(C, tensor(1))       --! no depende de esta variable

chain(C, a)               --! no depende de esta variable

chain(tensor(2), w)       --! no recuerda cómo se calculó

graph(W1 * 2)             --! usa :sum() o :mean()

long = p
for i = 1, 40 do long = long * q end
graph(long)               --! no caben en un dibujo que se lea

for i = 1, 2000 do long = long * q end
backprop(long)            --! el máximo es 2000

far = p
for i = 1, 40 do far = tanh(far) end
chain(far, p)             --! tiene más de 30 factores
