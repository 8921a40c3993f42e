-- lab.table: Lua data as a table.

-- lists, with titles: the decimals of a column are one number
lab.table{{"SGD", 0.9142}, {"Adam", 0.93}, columns = {"optimizador", "exactitud"}, bold = 2} --> optimizador  exactitud
--> -----------  ---------
--> SGD             0.9142
--> Adam            0.9300
-->

-- records: columns by name, in alphabetical order; holes are marked
lab.table{{{a = 1, b = 2.5}, {a = 3, c = "hola"}}} --> a    b  c
--> -  ---  ----
--> 1  2.5  –
--> 3    –  hola
-->

-- the same by position, some of them, in another order and with other titles
lab.table({{a = 1, b = 2.5}, {a = 3, c = "hola"}}, {"c", {"a", "número"}}) --> c     número
--> ----  ------
--> –          1
--> hola       3
-->

-- a record of columns, alone or among options
h = {loss = {0.5, 0.25, 0.12345}, epoch = {1, 2, 3}}
lab.table(h) --> epoch    loss
--> -----  ------
-->     1  0.5000
-->     2  0.2500
-->     3  0.1235
-->

lab.table{h, columns = {"epoch", {"loss", "pérdida"}}, format = {["pérdida"] = "%.1f"}} --> epoch  pérdida
--> -----  -------
-->     1      0.5
-->     2      0.2
-->     3      0.1
-->

-- tensors, values, one row
lab.table(tensor{{1, 2}, {3, 4.5}}) --> 1  2.0
--> 3  4.5
-->

lab.table(tensor{1, 2}) --> 1
--> 2
-->

lab.table{"a", true, 2.5} --> a
--> sí
--> 2.5
-->

lab.table{{1, "a"}} --> 1  a
-->

lab.table{{{1, "a"}}} --> 1  a
-->

lab.table{{tensor{1, 2}, tensor{3, 4}}} --> 1  2
--> 3  4
-->

-- nested and mixed data, holes, wide letters
lab.table{{1, nil, 3}, {nil, "ñandú", {1, 2, {3}}}, columns = {"x", "año", "z"}} --> x  año    z
--> -  -----  -----------
--> 1  –      3
--> –  ñandú  {1, 2, {3}}
-->

lab.table{{"日本", 1}, {"a", 22}} --> 日本   1
--> a     22
-->

lab.table{{5, {1, 2}, {a = 3}}} --> 5  {1, 2}  {a = 3}
-->

-- numbers of very different sizes, and those that are not finite
lab.table{{{lr = 0.1, loss = 1e-7}, {lr = 0.0001, loss = 12.5}, {lr = 1/0, loss = 0/0}}} -->  loss      lr
--> -----  ------
--> 1e-07  0.1000
-->  12.5  0.0001
-->   nan       ∞
-->

lab.table{{2.30259, 123456.7}, {0.01234, -2}} --> 2.3026  123456.7
--> 0.0123      -2.0
-->

lab.table{{1.23456, 1.23456}, format = "%.2f"} --> 1.23  1.23
-->

lab.table{{{1.23456, 7}}, format = {"%.2f"}} --> 1.23  7
-->

-- long texts go on below; a table of many rows is shortened
lab.table{{{"corto", "Un texto que no cabe en una sola línea de la tabla y sigue en la siguiente"}, {"b", "x"}}, note = "ojo"} --> corto  Un texto que no cabe en una sola línea de la
-->        tabla y sigue en la siguiente
--> b      x
--> ojo
-->

r = {}
for i = 1, 10000 do r[i] = {i, i^0.5, "fila " .. i} end
lab.table{r, max_rows = 4, columns = {"i", "raíz", "texto"}} -->     i    raíz  texto
--> -----  ------  ----------
-->     1    1.00  fila 1
-->     2    1.41  fila 2
-->     …       …  …
-->  9999   99.99  fila 9999
--> 10000  100.00  fila 10000
--> Se muestran 4 de 10000 filas.
-->

assert(select(2, tostring(lab.table{r}):gsub("\n", "")) == 41)
wide = {}
for i = 1, 50 do wide[i] = i end
assert(tostring(lab.table{wide, wide}):find("Se muestran 31 de 50 columnas", 1, true))
assert(#tostring(lab.table{{{("ñ"):rep(5000)}}}) < 1200)

-- rows with names: in the order of columns, or of the alphabet
rows = {{w = 1, b = 2.5}, {w = 10, b = true}}
lab.table{rows, columns = {"w", "b"}} -->  w  b
--> --  ---
-->  1  2.5
--> 10  sí
-->

lab.table{rows} --> b     w
--> ---  --
--> 2.5   1
--> sí   10
-->

-- one format, one per column; texts are left alone; the last column shows a tensor
t = lab.table{{{"a", 1, var(0.5)}, {"b", 2.25, tensor{1, 2}}}, columns = {"x", "y", "z"},
              format = {"", "%.3f", "%.1f"}, note = "nota", caption = "Pie", label = "tab:x"}
t --> x      y  z
--> -  -----  ----------
--> a  1.000  0.5
--> b  2.250  (1.0, 2.0)
--> nota
-->

assert(#t == 2 and t[1][1] == "a")

lab.table{tensor{{1, 2}, {3, 4.5}}, columns = {"p", "q"}, format = "%.2f"} -->    p     q
--> ----  ----
--> 1.00  2.00
--> 3.00  4.50
-->

-- headers live on with the table
function make()
    local heads = {}
    for i = 1, 3 do heads[i] = "columna " .. i * 7 end
    kept = lab.table{{{1, 2, 3}}, columns = heads}
end
make();
(function(...) return select("#", ...) end)(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
collectgarbage()
junk = {}
for i = 1, 2000 do junk[i] = "XXXXXXX " .. i * 7 end
assert(tostring(kept):find("columna 7  columna 14  columna 21", 1, true))
-- no header at all
assert(not tostring(lab.table{{{1, 2}}}):find("-", 1, true))

-- what is wrong is said
lab.table{{{a = 1, bien = 2}}, columns = {"bein"}} --! ninguna fila tiene un campo «bein». ¿Querías decir «bien»?

lab.table{{{a = 1}}, colums = {"a"}} --! lab.table: no existe la opción «colums». ¿Querías decir «columns»?

lab.table()        --! falta «rows»

lab.table{{}}      --! las filas están vacías

lab.table{{1}, align = "lx"} --! una letra l, c o r por columna: aquí son 1 columnas

lab.table{{{1}}, columns = {"a"}, format = "%y"} --! format

lab.table{{{1}}, format = {2}} --! va un texto como "%.3f", no 2

lab.table{{1}, columns = {}} --! una lista de 1 a 1000 columnas

lab.table{{1}, columns = {3}} --! cada columna es un nombre o un par {campo, título}, no 3

lab.table(tensor.zeros(2, 2, 2)) --! un tensor en una tabla tiene 1 o 2 ejes, no 3
