-- report.lua: lab.cover, lab.latex, and what lab.report refuses.

-- the cover shows its fields and names those that are missing
lab.seed(42)
lab.cover{titulo = "Uno & dos", integrantes = {"Ana", "Benito"}, curso = "IA"}
assert(not pcall(lab.cover, {titulos = "x"}), "an unknown field is refused")
assert(not pcall(lab.cover, {semilla = 1.5}))

-- a table with its number; a formula as it is; a number has no LaTeX
t = lab.table{{"a & b", 1}, {"c_d", 2}, caption = "Dos filas al 100 %", label = "tab:dos"}
s = lab.latex(t)
assert(s:find("\\caption{Dos filas al 100 \\%}\\label{tab:dos}", 1, true), s)
assert(s:find("\\begin{table}", 1, true) and s:find("a \\& b & 1", 1, true), s)
assert(not lab.latex(lab.table{{1, 2}}):find("\\caption", 1, true))
w = var{0.5, name = "w"}
assert(lab.latex(chain(sigmoid(w * 2), w)):find("\\frac{\\partial", 1, true))
ok, why = pcall(lab.latex, 3)
assert(not ok and why:find("no se escribe en LaTeX"), why)

-- a figure says what its caption and label are
f = plot.line{{1, 2, 3}, caption = "Tres puntos", label = "fig:tres"}
assert(f.caption == "Tres puntos" and f.label == "fig:tres")
assert(plot.line{{1, 2}}.caption == nil)
assert(not pcall(function() return f.color end))

-- the notebook has to be there
ok, why = pcall(lab.report, {"no_esta.ipynb"})
assert(not ok and why:find("no_esta.ipynb: no existe ese archivo", 1, true), why)
