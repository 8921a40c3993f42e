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

-- A name that was given a value is no habit, nor is text that only looks like one.
len = function(t) return #t end
print(len({1, 2}), "x != 1 elif **")          --> 2	x != 1 elif **

-- Other mistakes keep their sentence alone.
f(1                                           --! falta «)» para cerrar
