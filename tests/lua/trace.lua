-- trace: the table of the descent lab.
function paso(theta, g, eta) return theta - eta * g end
function L(w) return (w - 3)^2 end

trace{paso, f = L, x0 = 0, learning_rate = 0.5, steps = 3} --> paso  previo  gradiente  actualizado  pérdida
--> ----  ------  ---------  -----------  -------
-->    1       0         -6            3        9
-->    2       3          0            3        0
-->    3       3          0            3        0
-->

-- the lab's numbers after 20 steps from 0
for eta, want in pairs{[0.05] = 2.635, [0.9] = 2.965, [1.05] = -17.18} do
    local t = trace(paso, L, 0, eta, 20)
    assert(#t == 20 and math.abs(t.last - want) < 6e-3, eta .. ": " .. t.last)
    assert(t[1].previous == 0 and t[1].gradient == -6 and t[20].updated == t.last)
    assert(t[2].previous == t[1].updated)
end

-- a function of plain numbers: its gradient by differences
t = trace{paso, f = function(x) return math.cos(x) end, x0 = 1, steps = 50, learning_rate = 0.5}
assert(math.abs(t.last - math.pi) < 1e-6)

-- several numbers
t = trace{paso, f = function(v) return ((v - tensor{1, 2})^2):sum() end, x0 = {0, 0}, steps = 2}
t --> paso      previo     gradiente   actualizado  pérdida
--> ----  ----------  ------------  ------------  -------
-->    1      (0, 0)      (-2, -4)    (0.2, 0.4)        5
-->    2  (0.2, 0.4)  (-1.6, -3.2)  (0.36, 0.72)      3.2
-->

-- the step's own gradient, and none at all
trace{function(w) return w - 0.1 * 2 * w, 2 * w end, x0 = 1, steps = 1} --> paso  previo  gradiente  actualizado
--> ----  ------  ---------  -----------
-->    1       1          2          0.8
-->

trace{function(w) return w / 2 end, x0 = 1, steps = 1} --> paso  previo  gradiente  actualizado
--> ----  ------  ---------  -----------
-->    1       1          –          0.5
-->

-- long ones are cut in the middle, and a step that diverges ends
text = tostring(trace(paso, L, 0, 0.1, 100))
assert(text:find("…") and text:find("\n%s+30 ") and not text:find("\n%s+31 ") and text:find("\n%s*100 "))
t = trace{paso, f = L, learning_rate = 1e200, steps = 9}
assert(#t < 9 and tostring(t):find("Diverge"))

trace{paso, f = L, step = 2}                    --! step

trace{function(w) return "a" end, x0 = 1}      --! debe devolver un valor como theta

trace{function(w) return tensor{1, 2, 3} end, x0 = {1, 2}} --! debe devolver un valor como theta

trace{paso, f = function(v) return v end, x0 = {1, 2}} --! un solo número que dependa de theta

trace{paso, f = function(x) return "z" end}    --! debe devolver un número

trace{paso, steps = 5000}                      --! 1000
