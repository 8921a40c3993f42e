-- Tensors: making, arithmetic with broadcasting, selection, reductions, refusals.
function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end

function same(a, b)
    assert(tensor(a) == tensor(b), tostring(a) .. " no es " .. tostring(b))
end

-- making
t = tensor{{1, 2, 3}, {4, 5, 6}}
assert(t.ndim == 2 and t.shape[1] == 2 and t.shape[2] == 3 and #t == 2 and t.size == 6)
assert(t.dtype == "float64")
assert(tensor{1, dtype = "float32"}.dtype == "float32")
assert(tensor({1, 2}, {dtype = "int32"}).dtype == "int32")
assert(tensor(5).ndim == 0 and tensor{5}.ndim == 1 and tensor{}.size == 0)
assert(tensor(t) == t and tensor{t} == t)
same(tensor.zeros(2, 2), {{0, 0}, {0, 0}})
same(tensor.zeros{{2, 1}}, {{0}, {0}})
same(tensor.ones{2}, {1, 1})
same(tensor.full{2, value = 7}, {7, 7})
same(tensor.arange(4), {1, 2, 3, 4})
same(tensor.arange(0, 1, 0.25), {0, 0.25, 0.5, 0.75, 1})
same(tensor.arange(3, 1, -1), {3, 2, 1})
same(tensor.linspace(0, 1, 3), {0, 0.5, 1})
same(tensor.eye(2), {{1, 0}, {0, 1}})
lab.seed(3)
a = tensor.randn(100)
lab.seed(3)
assert(a == tensor.randn(100))
assert(tensor.randn{5, seed = 9} == tensor.randn{5, seed = 9})
assert(math.abs(tensor.randn{10000, seed = 1}:mean():item()) < 0.05)
u = tensor.uniform{1000, low = -2, high = -1, seed = 1}
assert(u:min():item() >= -2 and u:max():item() < -1)

-- arithmetic: numbers, tensors, broadcasting, dtypes that meet
same(t + 1, {{2, 3, 4}, {5, 6, 7}})
same(10 - t, {{9, 8, 7}, {6, 5, 4}})
same(t * tensor{10, 20, 30}, {{10, 40, 90}, {40, 100, 180}})
same(t / tensor{{1}, {2}}, {{1, 2, 3}, {2, 2.5, 3}})
same(-t, {{-1, -2, -3}, {-4, -5, -6}})
same(tensor{2, 3} ^ 2, {4, 9})
assert((tensor{1, dtype = "float32"} + 1).dtype == "float32")
assert((tensor{1, dtype = "float32"} + tensor{1, 2}).dtype == "float64")
assert((tensor{255, dtype = "uint8"} / 255).dtype == "float32")
assert(tensor{1, 2} == tensor{1, 2} and tensor{1, 2} ~= tensor{1, 3})
assert(tensor(2) < 3 and tensor{2} >= tensor{2})
same(t:matmul(t:T()), {{14, 32}, {32, 77}})
same(matmul({{1, 2}}, {{3}, {4}}), {{11}})
same(concat{tensor{{1}, {2}}, tensor{{3}, {4}}}, {{1, 3}, {2, 4}})
same(concat{tensor{{1, 2}}, tensor{{3, 4}}, axis = 1}, {{1, 2}, {3, 4}})

-- reductions; axes from 1, negative from the end
assert(t:sum():item() == 21 and t:mean():item() == 3.5)
same(t:sum{axis = 1}, {5, 7, 9})
same(t:sum(-1), {6, 15})
same(t:sum{axis = {1, 2}}, 21)
same(t:mean{axis = 2, keepdims = true}, {{2}, {5}})
same(t:max{axis = 1}, {4, 5, 6})
same(t:min{axis = 2}, {1, 4})
assert(math.abs(tensor{1, 2, 3, 4}:std():item() - math.sqrt(1.25)) < 1e-12)
assert(t:argmax() == 6 and tensor{3, 1, 2}:argmin() == 2)
same(tensor{{1, 9, 2}, {7, 0, 3}}:argmax{axis = 2}, tensor{2, 1, dtype = "int32"})

-- selection: views, ranges, columns, rows by number
m = tensor.arange(12):reshape(3, 4)
assert(m[2][3] == 7 and m[-1][-1] == 12)
same(m[2], {5, 6, 7, 8})
same(m[{1, 2}], {{1, 2, 3, 4}, {5, 6, 7, 8}})
same(m[{{2, 3}, 1}], {5, 9})
same(m[{{}, {2, 3}}], {{2, 3}, {6, 7}, {10, 11}})
same(m:take{3, 1}, {{9, 10, 11, 12}, {1, 2, 3, 4}})
m[1][1] = 100
assert(m[1][1] == 100)
m[{2, 3}] = 0
same(m[3], {0, 0, 0, 0})
m[2] = {1, 2, 3, 4}
same(m[2], {1, 2, 3, 4})
c = m:clone()
c[1][1] = 5
assert(m[1][1] == 100)
same(m:reshape(2, -1)[1], {100, 2, 3, 4, 1, 2})
assert(m:flatten().ndim == 1)
assert(tensor{{1, 2}}:totable()[1][2] == 2 and tensor(3):totable() == 3)
assert(tensor{1.9}:to("int32")[1] == 1)

-- text
assert(tostring(tensor(2.5)) == "2.5")
assert(tostring(tensor{1, 2}) == "tensor (2,) float64 {1, 2}")
assert(string.find(tostring(tensor.zeros(100, 100)), "(100, 100)", 1, true))
assert(#tostring(tensor.zeros(1000, 1000)) < 100)
assert(string.find("x" .. tensor(1), "x1", 1, true))
assert(string.find(tostring(tensor{0 / 0, 1 / 0}), "nan, inf", 1, true))

-- refusals, each with what happened
fails("distinto largo", function() return tensor{{1, 2}, {3}} end)
fails("se esperaba un número", function() return tensor{1, "a"} end)
fails("(2,) y (3,)", function() return tensor{1, 2} + tensor{1, 2, 3} end)
fails("(2, 3)", function() return t:matmul(t) end)
fails("va de 1 a 2", function() return t[3] end)
fails("va de 1 a 2", function() return t[0] end)
fails("al revés", function() return t[{2, 1}] end)
fails("t:take", function() return t[{1, 2, 3}] end)
fails("axis debe ser un entero de 1 a 2", function() return t:sum{axis = 3} end)
fails("6 elementos", function() return t:item() end)
fails("(2, 3)", function() return t:reshape(4, 2) end)
fails("¿Querías decir «shape»?", function() return t.shap end)
fails("¿Querías decir «axis»?", function() return t:sum{axes = 1} end)
fails("no se combina con", function() return t + "a" end)
fails("no se combina con", function() return t * nil end)
fails("no cabe en uint8", function() tensor.zeros{2, dtype = "uint8"}[1] = 300 end)
fails("float32", function() return tensor{1, dtype = "float16"} end)
fails("no existe", function() return tensor.zeroes(2) end)
fails("bytes", function() return tensor.zeros(1000000, 1000000, 1000) end)

-- a float32 number stays one beside a number of the language, with or without a tape
f32 = tensor{tensor{1, 2}, dtype = "float32"}:sum()
assert((f32 / 4).dtype == "float32" and (4 / f32).dtype == "float32" and (f32 / 4):item() == 0.75)
f32 = var{tensor{tensor{1, 2}, dtype = "float32"}}
assert(numeric_grad(function() return (f32 * f32):sum() / 4 end, f32).dtype == "float32")

-- Lua's own functions take numbers: the message says how to get one.
local ok, message = pcall(string.format, "%.2f", tensor{1, 2}:mean())
assert(not ok and string.find(message, "t:item()", 1, true), message)
assert(string.format("%.2f", tensor{1, 2}:mean():item()) == "1.50")

-- hands used to NumPy
m = tensor{{1, 2}, {3, 4}, {5, 6}}
fails("shape[1]", function() return m.shape[0] end)
assert(m.shape[3] == nil and #m.shape == 2 and table.concat(m.shape, "x") == "3x2")
for i, n in ipairs(m.shape) do assert(n == 4 - i) end
fails("matmul", function() return m * m:T() end)
fails("no son compatibles: en un mismo eje hay 3 y 2 elementos", function() return m + m:T() end)
