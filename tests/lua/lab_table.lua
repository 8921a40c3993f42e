-- lab.table: rows of any kind, formats, what is refused.
lab.table{{{"σ", 0.64565630622, 3}, {"z", -0.6}}, columns = {"nombre", "valor", "n"}} --> nombre   valor  n
--> ------  ------  -
--> σ       0.6457  3
--> z         -0.6  –
-->

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

lab.table{{}}                                   --! de 1 a 4096 filas

lab.table{{1, 2}}                               --! la fila 1 no es una lista

lab.table{{{}}}                                 --! de 1 a 16 columnas

lab.table{{{1}}, columns = {"a"}, format = "%y"} --! format
