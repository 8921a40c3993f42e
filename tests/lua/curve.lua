-- plot.curve, and the ways of plot.contour.
function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end
function has(text, fragment) assert(string.find(tostring(text), fragment, 1, true), tostring(text)) end

function L(w) return (w - 3)^2 end
function down(theta, g, eta) return theta - eta * g end
function up(theta, g, eta) return theta + eta * g end

-- The minimum is found between the places that are drawn: 3 is none of them here.
fig = plot.curve{L, x = {-1, 7.1}, minimum = true, tangents = {1, 5}, xlabel = "w", ylabel = "L(w)", label = "fig:l"}
has(fig, "mínimo: 0 en w = 3")
has(fig, "pendiente -4 en w = 1")
has(fig, "pendiente 4 en w = 5")
-- A function that autograd cannot follow has its tangent by differences; cos'(1) = -sin(1).
has(plot.curve{function(x) return math.cos(x) end, x = {0, 6}, tangents = 1, minimum = true}, "pendiente -0.8415 en x = 1")
has(plot.curve{math.cos, x = {0, 6}, minimum = true}, "mínimo: -1 en x = 3.142")
-- No minimum inside, none marked; holes are no minimum either.
assert(not string.find(tostring(plot.curve{function(x) return x end, x = {0, 1}, minimum = true}), "mínimo", 1, true))
has(plot.curve{function(x) return x < 1 and 0/0 or (x - 2)^2 end, x = {0, 4}, minimum = true}, "mínimo: 0 en x = 2")
assert(not string.find(tostring(plot.curve{function(x) return 0/0 end, x = {0, 1}, minimum = true}), "mínimo", 1, true))

two = plot.curve{{L, function(w) return w end}, x = {0, 6}, names = {"pérdida", "recta"}, points = {{1, 2}, {3, 100}}}
has(two, "pérdida")
has(two, "recta")
has(two, "datos")

-- Ways: a Trace with its last point, numbers, several; cut after the first point outside.
a = trace{down, f = L, x0 = 0, learning_rate = 0.1, steps = 20}
b = trace{up, f = L, x0 = 0, learning_rate = 0.1, steps = 20}
text = tostring(plot.curve{L, x = {-6, 9}, ways = {a, b}, names = {"L(w)", "menos", "más"}})
has(text, "mín. 0.001196 en 2.96541")       -- 21 points: the last one as well
has(text, "9 → 115.6")                      -- (3 * 1.2^7 - 3 = 7.7) is the first outside
has(plot.curve{L, x = {-6, 9}, ways = {0, 3, 0.5}, names = {"L", "mío"}}, "mío")
plot.curve{L, x = {-6, 9}, ways = tensor{0, 1, 2}}
plot.curve{L, x = {-6, 9}, ways = {{0, 1}, {2, 1}, {}}}

fails("f: van de 1 a 8 funciones y llegaron 0", function() plot.curve{{}, x = {0, 1}} end)
fails("f: se esperaba una función y llegó", function() plot.curve{{1}, x = {0, 1}} end)
fails("a < b", function() plot.curve{L, x = {1, 1}} end)
fails("(n, 2)", function() plot.curve{L, x = {0, 1}, points = {1, 2}} end)
fails("van de 1 a 6 números", function() plot.curve{L, x = {0, 1}, tangents = {1, 2, 3, 4, 5, 6, 7}} end)
fails("ways: van de 1 a 8 caminos y llegaron 0", function() plot.curve{L, x = {0, 1}, ways = {}} end)
fails("el punto 2 debe tener 1 números", function() plot.curve{L, x = {0, 1}, ways = {0, "a"}} end)
fails("se esperaba una lista de puntos", function() plot.curve{L, x = {0, 1}, ways = {{0}, 1}} end)
fails("mi error", function() plot.curve{function() error("mi error") end, x = {0, 1}} end)
fails("debe devolver un número", function() plot.curve{function() return "a" end, x = {0, 1}} end)

-- The same ways in the plane.
function bowl(v) return v[1]^2 + 8 * v[2]^2 end
function plane(x, y) return x^2 + 8 * y^2 end
c = trace{down, f = bowl, x0 = {-2, 1}, learning_rate = 0.05, steps = 3}
d = trace{down, f = bowl, x0 = {-2, 1}, learning_rate = 0.2, steps = 30}
text = tostring(plot.contour{plane, x = {-3, 3}, y = {-2, 2}, ways = {c, d}, names = {"corta", "larga"}})
has(text, "corta  (-2, 1) → (-1.458, 0.008), 4 puntos")  -- -2 * 0.9^3, 0.2^3
has(text, "larga  (-2, 1) → (-1.2, -2.2), 2 puntos")     -- outside: the way ends
has(plot.contour{plane, x = {-3, 3}, y = {-2, 2}, ways = {{0, 1}, {1, 1}}, names = "una"}, "una  (0, 1) → (1, 1), 2 puntos")
fails("el punto 2 debe tener 2 números", function() plot.contour{plane, x = {0, 1}, y = {0, 1}, ways = {{0, 1}, {1}}} end)

-- The marked minimum is the function's, not the grid's: here no node is near it, and the
-- valley is narrow and oblique.
has(plot.contour{function(x, y) return 50 * (x + 2 * y - 1)^2 + (x - 0.136)^2 + 7 end, x = {-1, 1.03}, y = {-1, 2.01}},
    "mínimo: 7 en (0.136, 0.432)") -- y = (1 - 0.136) / 2
has(plot.contour{function(x, y) return x + y end, x = {0, 1}, y = {2, 3}}, "mínimo: 2 en (0, 2)")
