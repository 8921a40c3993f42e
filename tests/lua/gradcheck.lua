-- The check of gradients written by hand: the sabotages of notebook 04, each named, on the
-- network 2-3-1 of XOR with its recursion of deltas, and the neuron of notebook 03.
function near(a, b, tolerance)
    assert(math.abs(a - b) <= (tolerance or 1e-6), a .. " no está cerca de " .. b)
end

lab.seed(7)
X, Y = tensor{{0, 0}, {0, 1}, {1, 0}, {1, 1}}, tensor{{0}, {1}, {1}, {0}}
W1 = var{tensor.randn{2, 3, seed = 1}, name = "W1"}
b1 = var{tensor.randn{1, 3, seed = 2}, name = "b1"}
W2 = var{tensor.randn{3, 1, seed = 3}, name = "W2"}
b2 = var{tensor.randn{1, 1, seed = 4}, name = "b2"}
params = {W1 = W1, b1 = b1, W2 = W2, b2 = b2}
function loss()
    local a1 = sigmoid(X:matmul(W1) + b1)
    return square(sigmoid(a1:matmul(W2) + b2) - Y):mean()
end

-- the recursion by hand; `o` says what to do wrong
function by_hand(o)
    o = o or {}
    local w1, w2 = W1.value, W2.value
    local z1 = X:matmul(w1) + b1.value
    local a1 = sigmoid(z1)
    local z2 = a1:matmul(w2) + b2.value
    local a2 = sigmoid(z2)
    local n = o.no_mean and 1 or o.mean_twice and 16 or 4
    local d2 = (a2 - Y) * (o.no_two and 1 or 2) / n * (o.sign and -1 or 1)
    if not o.no_slope2 then d2 = d2 * a2 * (1 - a2) end
    if o.twice then d2 = d2 * a2 * (1 - a2) end
    local d1 = o.no_w2 and d2 * tensor.ones(1, 3) or d2:matmul(w2:T())
    if o.at_output then
        d1 = d1 * sigmoid(a1) * (1 - sigmoid(a1))
    elseif o.of_input then
        d1 = d1 * z1 * (1 - z1)
    elseif not o.no_slope1 then
        d1 = d1 * a1 * (1 - a1)
    end
    local g = {W1 = X:T():matmul(d1), b1 = d1:sum{axis = 1}, W2 = a1:T():matmul(d2),
               b2 = d2:sum{axis = 1}}
    if o.no_input then g.W2 = tensor.ones(3, 4):matmul(d2) end
    if o.delta then g.W2 = d2 end
    if o.before then g.W2 = z1:T():matmul(d2) end
    if o.transposed then g.W1 = g.W1:T() end
    if o.not_summed then g.b1 = d1 end
    return g
end

function faults(o)
    local r = gradcheck(loss, params, {given = by_hand(o)})
    local f = {}
    for _, row in ipairs(r) do f[row.name] = row.fault or "ok" end
    return f, r
end

function expect(o, W1, b1, W2, b2)
    local f = faults(o)
    local got = f.W1 .. " " .. f.b1 .. " " .. f.W2 .. " " .. f.b2
    assert(got == W1 .. " " .. b1 .. " " .. W2 .. " " .. b2, got)
end

expect({}, "ok", "ok", "ok", "ok")
expect({sign = true}, "sign", "sign", "sign", "sign")
expect({no_mean = true}, "mean", "mean", "mean", "mean")
expect({mean_twice = true}, "mean_twice", "mean_twice", "mean_twice", "mean_twice")
expect({no_two = true}, "factor", "factor", "factor", "factor")
expect({no_slope2 = true}, "slope", "slope", "slope", "slope")
expect({no_slope1 = true}, "slope", "slope", "ok", "ok")
expect({twice = true}, "slope_twice", "slope_twice", "slope_twice", "slope_twice")
expect({at_output = true}, "slope_at_output", "slope_at_output", "ok", "ok")
expect({of_input = true}, "slope_of_input", "slope_of_input", "ok", "ok")
expect({no_w2 = true}, "weight", "weight", "ok", "ok")
expect({no_input = true}, "ok", "ok", "input", "ok")
expect({delta = true}, "ok", "ok", "input", "ok")
expect({before = true}, "ok", "ok", "before_activation", "ok")
expect({transposed = true}, "transposed", "ok", "ok", "ok")
expect({not_summed = true}, "ok", "not_summed", "ok", "ok")
-- two at once: the factor is named, and what is wrong beside it
f, r = faults{no_slope1 = true, sign = true}
assert(f.W1 == "slope" and f.W2 == "sign", f.W1 .. f.W2)
for _, row in ipairs(r) do
    if row.name == "W1" then
        assert(row.message == "Falta el factor σ'(z): la derivada de la activación sigmoid. " ..
               "Además, el signo está al revés.", row.message)
    end
end
f, r = faults{not_summed = true, no_mean = true}
assert(f.b1 == "not_summed" and f.W2 == "mean")
for _, row in ipairs(r) do
    if row.name == "b1" then assert(row.message:find("falta dividir por n = 4", 1, true)) end
end

-- the numbers of the right gradient are not in the table of a check by hand
text = tostring(gradcheck(loss, params, {given = by_hand{sign = true}}))
assert(text:find("El signo está al revés.", 1, true), text)
assert(not text:find("backpropagation", 1, true))
r = gradcheck(loss, params, {given = by_hand()})
assert(r.ok and r.error < 1e-7 and #r == 4 and r[1].message == nil)
-- some of them alone
r = gradcheck(loss, params, {given = {W2 = by_hand().W2}})
assert(r.ok and #r == 1 and r[1].name == "W2")

-- the rows stand layer by layer, and a key serves where a variable has no name
r = gradcheck(loss, params)
assert(r[1].name == "W1" and r[2].name == "b1" and r[3].name == "W2" and r[4].name == "b2")
many = {}
for i = 1, 12 do many["W" .. i], many["b" .. i] = var(i), var(-i) end
r = gradcheck(function()
    local s = 0
    for i = 1, 12 do s = s + many["W" .. i] * many["b" .. i] end
    return s
end, many)
for i = 1, 12 do assert(r[2 * i - 1].name == "W" .. i and r[2 * i].name == "b" .. i) end
-- and gradients of a table have its names
g = grad(loss(), params)
n = numeric_grad(loss, params)
assert(g.W1.shape[2] == 3 and (g.W1 - n.W1):norm():item() < 1e-9 and g[1] == nil and n[1] == nil)

-- one neuron: a = 0.5 makes "without a" twice the gradient, and two gradients tell
w, b = var{0.8, name = "w"}, var{0.2, name = "b"}
a = tensor(0.5)
function C() return (1 - sigmoid(w * a + b)) ^ 2 end
function one(dw, db)
    local r = gradcheck(C, {w, b}, {given = {dw, db}})
    return r[1].fault, r[2].fault, r
end
dw, db, slope = -0.0810682540, -0.1621365080, 0.228784240
s = sigmoid(0.6)
db = -2 * (1 - s) * s * (1 - s)
dw = db * 0.5
assert(one(dw, db) == nil)
fw, fb = one(-dw, -db)
assert(fw == "sign" and fb == "sign")
fw, fb = one(db, db)
assert(fw == "input" and fb == nil, fw)
fw, fb = one(dw / (s * (1 - s)), db / (s * (1 - s)))
assert(fw == "slope" and fb == "slope")
fw, fb = one(2 * dw, 2 * db)
assert(fw == "factor" and fb == "factor", fw)
fw, fb, r = one(3 * dw, 3 * db)
assert(fw == "factor" and r[1].message == "Está multiplicado por 3, y no debería.")
fw = one(dw + 0.01, db)
assert(fw == "unknown")
r = gradcheck(C, w, {given = dw})
assert(r.ok)
r = gradcheck(C, w, {given = {1, 2}})
assert(r[1].fault == "shape" and r[1].message:find("(2,)", 1, true))
-- the wording
fw, fb, r = one(-dw, -db)
print(r[1].message) --> El signo está al revés.
fw, fb, r = one(db, db)
print(r[1].message) --> Falta el factor a: la entrada que multiplica al parámetro.

-- a square matrix does not show by its shape that it is transposed
S = var{tensor.randn{3, 3, seed = 5}, name = "S"}
P, Q = tensor.randn{4, 3, seed = 6}, tensor.randn{4, 3, seed = 8}
function quad() return mse(P:matmul(S), Q) end
true_g = P:T():matmul(P:matmul(S.value) - Q) * (2 / 12)
assert(gradcheck(quad, S, {given = true_g}).ok)
assert(gradcheck(quad, S, {given = true_g:T()})[1].fault == "transposed")
assert(gradcheck(quad, S, {given = true_g * 12})[1].fault == "mean")
assert(gradcheck(quad, S, {given = true_g * 4})[1].fault == "mean")

-- however the mean is written, and where the loss is a sum
for _, total in ipairs{function(e) return e:sum() / 12 end, function(e) return e:sum() * (1 / 12) end} do
    local function quad() return total(square(P:matmul(S) - Q)) end
    assert(gradcheck(quad, S, {given = true_g}).ok)
    assert(gradcheck(quad, S, {given = true_g * 12})[1].fault == "mean")
end
function total() return square(P:matmul(S) - Q):sum() end
assert(gradcheck(total, S, {given = true_g * 12 / 4})[1].fault == "mean_twice")

-- kinks are left out and counted
k = var{{-1, 0, 2}, name = "k"}
r = gradcheck(function() return relu(k):sum() end, k)
assert(r.ok and r[1].checked == 2 and r[1].kinks == 1)
assert(tostring(r):find("2 de 3", 1, true), tostring(r))
r = gradcheck(function() return relu(k):sum() end, k, {given = {0, 0.5, 1}})
assert(r.ok)

-- refusals
function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end
fails("tabla", function() gradcheck(C, {w, b}, {given = 3}) end)
fails("posiciones o nombres", function() gradcheck(C, {[w] = w}) end)
fails("ningún gradiente", function() gradcheck(C, {w, b}, {given = {x = 3}}) end)

-- What a function of the cell raises inside of a command names its place once.
local ok, message = pcall(function()
    return numeric_grad(function() return W1:matmul(W1) end, W1)
end)
assert(not ok and select(2, string.gsub(message, "línea", "")) == 1, message)
