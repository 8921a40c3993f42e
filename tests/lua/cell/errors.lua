-- What goes wrong, and what the student is told.
print(contador)           --! la variable «contador» no existe

contador = 3
print(contdor)            --! ¿Querías decir «contador»?

local oculta = 1

oculta                    --! era «local» en la celda 3

mejor = nil
if mejor == nil then print("se puede preguntar") end --> se puede preguntar

local t = {}
print(t.campo == nil)     --> true
print(rawget(_G, "nada")) --> nil

prnt("hola")              --! ¿Querías decir «print»?

error("boom")             --! boom

error{código = 3}         --! sin acento

error{codigo = 3}         --! {codigo = 3}

assert(1 == 2, "no da")   --! AssertionError

local x
x.y = 1                   --! la variable local «x»

print(pcall(function() local x; return x.y end))
--> false	celda 13, línea 1: no se puede leer ni escribir un campo de la variable local «x»: es nil

print(pcall(error))       --> false	nil

print(select(2, pcall(error, {1})) ~= nil) --> true

print(xpcall(function() error("a") end, function(m) return "<" .. m .. ">" end))
--> false	<celda 16, línea 1: a>

local co = coroutine.create(function() error("dentro") end)
print(coroutine.resume(co)) --> false	celda 17, línea 1: dentro
print(coroutine.resume(co)) --> false	la corrutina ya terminó

local function sin_fin() return 1 + sin_fin() end
sin_fin()                 --! RecursionError

for i = 1, 3 do           --! falta «end»

string.rep("x", -1)       --> 

("x"):rep(1e10)           --! MemoryError

os.exit()                 --! cuaderno

-- between two fields there is no comma
x = {a = 1 b = 2} --! falta una coma, o «}», antes de «b»

x = {
    a = 1
    b = 2
} --! falta una coma antes de «b», o «}» para cerrar la «{» de la línea 1

x = {1, 2 --! se llegó al final
