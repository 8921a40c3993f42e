-- What a cell shows: the value of its last expression, and what it prints.
print(1 + 1)              --> 2
print("a", nil, true)     --> a	nil	true

1 + 2 + 3                 --> 6

("ab"):rep(2)             --> abab

local a = 1
print("antes")            --> antes
a +                       -- an expression over two lines
  41
--> 42

x = 5
print(rawget(_G, "y"))    --> nil

x                         --> 5

print("nada más")         --> nada más
x;

1, "dos", nil             --> 1	dos	nil

{1, 2, {b = 3, a = "x"}}  --> {1, 2, {a = "x", b = 3}}

local t = {}
for i = 1, 30 do t[i] = i * i end
t
--> {
-->   1,
-->   4,
-->   9,
-->   16,
-->   25,
-->   36,
-->   49,
-->   64,
-->   81,
-->   100,
-->   121,
-->   144,
-->   169,
-->   196,
-->   225,
-->   256,
-->   289,
-->   324,
-->   361,
-->   400,
-->   441,
-->   484,
-->   529,
-->   576,
-->   625,
-->   676,
-->   729,
-->   784,
-->   841,
-->   900
--> }

display("uno", {2})
io.write("tr", "es", "\n")
--> uno
--> {2}
--> tres

function cuadrado(n) return n * n end
cuadrado(7)               --> 49

assert(cuadrado(2) == 4)
print("bien")             --> bien

string.format             --> función string.format

print(("x"):rep(300))     --> xxxxx...
