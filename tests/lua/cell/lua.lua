-- The language itself behaves as Lua: closures, varargs, metatables, goto, integer division.
local function contador()
    local n = 0
    return function() n = n + 1 return n end
end
local c = contador()
c() c()
print(c())                     --> 3
print(7 // 2, 7 % 3, 2 ^ 10, 7 / 2) --> 3	1	1024.0	3.5
print(#"año", utf8.len("año")) --> 4	3
print(select("#", nil, nil))   --> 2
print(table.concat({1, 2, 3}, "-")) --> 1-2-3
print(math.maxinteger + 1 == math.mininteger) --> true
for i = 3, 1, -1 do io.write(i, " ") end
print()                        --> 3 2 1 
local V = {}
V.__index = V
V.__add = function(a, b) return setmetatable({x = a.x + b.x}, V) end
V.__tostring = function(v) return "V(" .. v.x .. ")" end
print(setmetatable({x = 1}, V) + setmetatable({x = 2}, V)) --> V(3)
goto fin
print("no")
::fin::
print(load("return 1 + 1")())  --> 2
print(load("x ="))             --> nil	[string "x ="], línea 1: el final de la celda no puede ir aquí
print((load(string.dump(function() end)))) --> nil
local function suma(...) local s = 0 for _, v in ipairs{...} do s = s + v end return s end
print(suma(1, 2, 3))           --> 6

local gen = coroutine.wrap(function(a) local b = coroutine.yield(a * 2) return b * 3 end)
print(gen(5), gen(7))          --> 10	21

print(pcall(coroutine.wrap(function() error("x", 0) end))) --> false	x

do
    local cerrado = {}
    local x <close> = setmetatable({}, {__close = function() cerrado[1] = true end})
end
print(type(os.time()), os.getenv("NABLA_NO_EXISTE")) --> number	nil
