s = widget.slider{value = 3, min = 1, max = 10, description = "k"}
s                                        --> k: 3

print(math.type(s.value), s.min, s.max, s.step)   --> integer	1	10	1
s.value = 7.6
print(s.value)                           --> 8
s.value = 99
print(s.value)                           --> 10

seen = {}
s:observe(function(c) seen[#seen + 1] = c.name .. c.old .. c.new .. tostring(c.owner == s) end)
s.value = 4; s.value = 4; s.value = 5
print(#seen, seen[1], seen[2])           --> 2	value104true	value45true

f = widget.slider{value = 0.5, min = 0, max = 2}
print(math.type(f.value), f.step)        --> float	0.02
f.value = 1
print(f.value)                           --> 1.0

r = widget.slider{log = true, value = 0.01, min = 1e-4, max = 1, description = "tasa"}
r                                        --> tasa: 0.01

b = widget.button{"Otra", on_click = function(b) print("clic", b.description) end}
print(b)                                 --> [Otra]

d = widget.dropdown{options = {"relu", "tanh", 3}, description = "f"}
print(d, d.value)                        --> f: relu	relu
d.value = 3
print(d.value)                           --> 3

c = widget.checkbox{true, description = "mezclar"}
c.value = false
print(c)                                 --> mezclar: false

p = widget.progress{max = 10, description = "van"}
p.value = 4
print(p)                                 --> van: 4

print(widget.text{"Ana", description = "nombre"})   --> nombre: Ana
print(widget.html("<b>x</b>"))           --> <b>x</b>

fig = plot.line{{1, 2, 4}}

i = widget.image(fig)
print(i, i.value:sub(2, 4))              --> imagen	PNG

print(widget.hbox{s, widget.vbox{c, d}}) --> k: 5  mezclar: false
--> f: 3

s:close(); s:close()
print(s)                                 --> (cerrado)
print(widget.vbox{b})                    --> [Otra]

s.value = 3                              --! cerró

widget.slider{min = 3, max = 1}          --! menor que min

widget.slider{log = true, min = 0}       --! mayor que 0

widget.slider{value = 5, max = 2}        --! entre

widget.slider{valu = 5}                  --! value

f.value = "x"                            --! value

f.log = true                             --! asignar

f.nada = 1                               --! asignar

f.valu = 1                               --! asignar

f.nada                                   --! nada

d.value = "elu"                          --! opciones

widget.dropdown{options = {}}            --! vacía

widget.hbox{}                            --! faltan

widget.hbox{3}                           --! control

widget.image(3)                          --! imagen

interact{k = {1, 11}, modo = {"a", "b"}, on = true, function(p) print(p.k, p.modo, p.on) return p.k * 2 end}
--> k: 6
--> modo: a
--> on: true
--> 6	a	true
--> 12

interact{tasa = {0.01, 2}, function(p) return ("%.3f"):format(p.tasa) end}
--> tasa: 0.1414
--> 0.141

interact{a = {0, 1, 0.25}, b = 4, c = "x", d = {min = 2, max = 6}, function(p) return p.a, p.b, p.c, p.d end}
--> a: 0.5
--> b: 4
--> c: x
--> d: 2
--> 0.5
--> 4
--> x
--> 2

k = widget.slider{value = 2, max = 9}
calls = 0
interact{k = k, function(p) calls = calls + 1 print("k es " .. p.k) end}   --> 2
--> k es 2

k.value = 5                              --> k es 5
print(calls)                             --> 2

interact{k = {1, 2}, function(p) local z = nil return z.x end}   --! campo

interact{k = {}, function(p) end}        --! vacío

interact{k = print, function(p) end}     --! llegó

interact{k = {1, 2}}                     --! función

m = nn.Sequential{nn.Dense(2)}
m:compile{loss = "sparse_categorical_crossentropy"}
h = m:fit{data.gauss{n = 40}, epochs = 1, controls = true, verbose = 0}
--> [Detener]  [Pausar]  tasa de aprendizaje: 0.001
--> tasa de aprendizaje: 0.001

lab.seed(3)
a = nn.Sequential{nn.Dense(2)}; a:compile{loss = "sparse_categorical_crossentropy"}
x = a:fit{data.gauss{n = 40}, epochs = 3, controls = true, verbose = 0}
lab.seed(3)
b = nn.Sequential{nn.Dense(2)}; b:compile{loss = "sparse_categorical_crossentropy"}
y = b:fit{data.gauss{n = 40}, epochs = 3, verbose = 0}
for e = 1, 3 do assert(x.history.loss[e] == y.history.loss[e]) end
