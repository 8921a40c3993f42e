-- What a hand used to Python writes, and how Lua says it.
if 3 != 4 then end                            --! En Lua «distinto de» se escribe ~=

x = 1
x += 1                                        --! se escribe x = x + 1

x = 2 ** 3                                    --! la potencia se escribe x^2

if x == 1 then y = 1 elif x == 2 then end     --! elseif … then

if x == 1: y = 2                              --! los bloques no llevan dos puntos

for i = 1, 3:                                 --! los bloques no llevan dos puntos

def f(x)                                      --! function f(x) … end

f = lambda x: x                               --! function(x) return x * 2 end

import numpy as np                            --! no hace falta import

# nota
x = 1                                         --! comentario empieza con --

xs = [1, 2, 3]                                --! las listas van entre llaves

print([1])                                    --! las listas van entre llaves

t = {a: 1}                                    --! {nombre = valor}

t = {"a": 1}                                  --! {nombre = valor}

x is None                                     --! se compara con ==

x = 3 if true else 4                          --! condición and a or b

if true && x then end                         --! and, or, not

if x = 1 then end                             --! Para comparar se escribe ==

print(1, sep = 2)                             --! se llama con llaves

2 + 2
x = 1                                         --! Una expresión suelta solo puede ir al final

x + 1
x = 1                                         --! Una expresión suelta solo puede ir al final

True                                          --! En Lua se escribe true

y = None                                      --! «nada» se escribe nil

len({1})                                      --! la longitud de t es #t

for i in range(3) do end                      --! for i = 1, n do … end

xs = {1, 2}
xs:append(3)                                  --! t[#t + 1] = valor

xs.append(3)                                  --! t[#t + 1] = valor

"a" + "b"                                     --! los textos se unen con ..

A @ B                                         --! A:matmul(B)

A:T:matmul(B)                                 --! lleva paréntesis: A:T()

o = {T = function() end}
o.T.matmul(3)                                 --! x:T()

y = 2(3 + 1)                                  --! El producto lleva *: 2 * (x + 1)

y = (3 + 1)(2 + 2)                            --! es un número. ¿Falta un * entre dos factores?

y = m[1,2]                                    --! Con dos índices se escribe m[i][j]

# una nota                                    --! un comentario empieza con --

print(f"{xs}")                                --! string.format

-- Loops and blocks of Python, C and JavaScript: one sentence, and not the parser's.
for x in range(10): print(x)                  --! =En Lua un bucle se escribe: for i = 1, n do … end

for x in range(10):
    print(x)
    y = x
    print(y)                                  --! =En Lua un bucle se escribe: for i = 1, n do … end

for x in {1, 2}: print(x)                     --! =En Lua una lista se recorre con: for i, v in ipairs(t) do … end

while x < 3: x = x + 1                        --! =En Lua un bucle se escribe: while condición do … end

for (int i = 0; i < 3; i++) { print(i) }      --! =En Lua un bucle se escribe: for i = 1, n do … end

xs = [i * 2 for i in range(10)]               --! En Lua una lista se llena con un bucle

for _, l in ipairs(t:list()) d print(l) end   --! =falta «do» antes de «d»

for i in 1, 10 do end                         --! un for con números se escribe con =: for i = 1, 10

for i in true do end                          --! un for no recorre un booleano: se cuenta con for i = 1, #t

if x == 1 { print(x) }                        --! los bloques no llevan llaves

while x < 3 { x = x + 1 }                     --! los bloques no llevan llaves

function f(x) { return x }                    --! los bloques no llevan llaves

with open("a") as f: print(f)                 --! En Lua no hay with: f = io.open(nombre)

assert x == 3, "no"                           --! En Lua assert lleva paréntesis

print x                                       --! =En Lua print lleva paréntesis: print(x)

del x                                         --! =En Lua una variable se borra con x = nil

raise ValueError("x")                         --! =En Lua un error se lanza con error("mensaje")

global x                                      --! =En Lua toda variable que no es local ya es global

class Red(nn.Module):                         --! En Lua no hay class: un modelo se arma con nn.Sequential

const x = 3                                   --! =En Lua una variable se escribe: x = 1, o local x = 1

print "%d" % 3
x = 1                                         --! En Lua un texto se llena con string.format

print("%d" % 3)                               --! un texto no se llena con %: se escribe string.format("%d", x)

print("a" * 3)                                --! un texto no se repite con *: se escribe string.rep(s, n)

xs = {1, 2, 3}
y = xs[1:2]                                   --! En Lua no hay rodajas x[1:3]

if x not in xs then end                       --! in solo va en un for

"""una nota"""                                --! un texto de varias líneas va entre [[ y ]]

math.floor([[1, 2], [3, 4]])                  --! En Lua [[…]] es un texto: las listas van entre llaves

-- A field that is called as a method, a function that is not called.
o = {n = 3, t = {}}
o:n()                                         --! «n» no es un método: es un número y se lee con punto y sin paréntesis, x.n

o = {n = 3, t = {}}
o:t(1)                                        --! «t» no es un método: es una tabla y se lee con punto

g = function() return {} end
y = g.campo                                   --! la variable global «g» es una función y no se llamó: ¿faltan los paréntesis

-- A name that was given a value is no habit, nor is text that only looks like one.
len = function(t) return #t end
print(len({1, 2}), "x != 1 elif **")          --> 2	x != 1 elif **

-- Other mistakes keep their sentence alone.
f(1                                           --! falta «)» para cerrar
