-- lab.check and lab.grade: what a student reads for each way of being right or wrong.
function right(y, s) return -2 * (y - s) end
examples = {{1, 0.6}, {0, 0.3}}
lab.check{"∂C/∂σ", right, expected = right, on = examples} --> ✓ ∂C/∂σ: correcto en los 2 ejemplos.

-- the deck's sign, a lost factor, both
lab.check{"a", function(y, s) return 2 * (y - s) end, expected = right, on = examples} --> ✗ a: El signo está al revés.
lab.check{"a", function(y, s) return s - y end, expected = right, on = examples} --> ✗ a: Es la mitad de lo que corresponde: falta un factor 2.
lab.check{"a", function(y, s) return y - s end, expected = right, on = examples} --> ✗ a: Es la mitad de lo que corresponde: falta un factor 2. Además, el signo está al revés.
lab.check{"a", function(y, s) return 7 * right(y, s) end, expected = right, on = examples} --> ✗ a: Está multiplicado por 7, y no debería.

-- functions that are no answer yet
lab.check{"a", function(y, s) error('Falta la respuesta') end, expected = right, on = examples, hint = "¿y?"} --> ✗ a: Falta la respuesta: borra la línea del error y escribe tu código.
lab.check{"a", function(y, s) local x = 2 * y end, expected = right, on = examples} --> ✗ a: La función no devuelve nada: ¿le falta el return?
lab.check{"a", function(y, s) return y + nil end, expected = right, on = examples} --> ✗ a: Tu función se detiene con un error en (1, 0.6): celda 3, línea 4: no se puede hacer aritmética con ese valor: es nil
lab.check{"a", function(y, s) return tensor{1, 2}.T:matmul(y) end, expected = right, on = examples, hint = "Mira y."} --> ✗ a: Tu función se detiene con un error en (1, 0.6): celda 3, línea 5: «T» es una función y no se llamó. Un método se llama con dos puntos y paréntesis: x:T(). Mira y.
lab.check{"a", function(y, s) return "0.8" end, expected = right, on = examples} --> ✗ a: Es de tipo texto y se espera número (en (1, 0.6)).
lab.check{"a", 0.8, expected = right, on = examples} --> ✗ a: Se espera una función y es de tipo número.
lab.check{"a", function(y, s) return y == 1 and right(y, s) or 0.6001 end, expected = right, on = examples, hint = "Pista: mira y = 0."} --> ✗ a: Falla en 1 de 2; primero, en (0, 0.3). Está muy cerca, pero no es igual: ¿redondeaste? Pista: mira y = 0.

-- the sum in place of the mean, whatever the length
function mean_of(t) local s = 0; for _, v in ipairs(t) do s = s + v end; return s / #t end
lists = {{{1, 2, 3}}, {{1, 7}}, {{5}}}
lab.check{"media", function(t) return mean_of(t) * #t end, expected = mean_of, on = lists} --> ✗ media: Falta dividir por n, el número de ejemplos.
lab.check{"media", function(t) return mean_of(t) / #t end, expected = mean_of, on = lists} --> ✗ media: Sobra una división por n, el número de ejemplos.
lab.check{"media", mean_of, expected = {2, 4, 5}, on = lists} --> ✓ media: correcto en los 3 ejemplos.

-- several results
function both(a) return a, 2 * a end
lab.check{"dos", both, expected = both, on = {{1}, {2}}} --> ✓ dos: correcto en los 2 ejemplos.
lab.check{"dos", function(a) return a end, expected = both, on = {{1}}} --> ✗ dos: La función no devuelve nada: ¿le falta el return?

-- values
lab.check{"z", 0.6, expected = 0.6} --> ✓ z: correcto.
lab.check{"z", function() return 0.6 end, expected = 0.6} --> ✓ z: correcto.
lab.check{"z", right, expected = 0.6} --> ✗ z: Es una función: falta llamarla, con paréntesis.
lab.check{"z", nil, expected = 0.6} --> ✗ z: Todavía no tiene un valor: falta la respuesta.
lab.check{"z", global = "zeta", expected = 0.6} --> ✗ z: «zeta» todavía no existe: ejecuta la celda en que le das un valor.
zeta = 0.6; lab.check{"z", global = "zeta", expected = 0.6} --> ✓ z: correcto.
lab.check{"z", 0.601, expected = 0.6} --> ✗ z: Se aleja menos de un 1 %.
lab.check{"z", 0.65, expected = 0.6} --> ✗ z: Se aleja entre un 1 % y un 10 %.
lab.check{"z", 0.9, expected = 0.6} --> ✗ z: Se aleja más de un 10 %.
lab.check{"z", -9, expected = 0.6} --> ✗ z: Está lejos: la diferencia es tan grande como lo que se espera, o más. El signo tampoco es el que se espera.
lab.check{"z", 0.61, expected = 0.6, tolerance = 0.1} --> ✓ z: correcto.
lab.check{"z", 0 / 0, expected = 0.6} --> ✗ z: No es un número finito (nan o inf): ¿una división por cero, o el logaritmo de algo que no es positivo?
lab.check{"z", "0.6", expected = 0.6} --> ✗ z: Es de tipo texto y se espera número.
lab.check{"sí", true, expected = true} --> ✓ sí: correcto.
lab.check{"sí", false, expected = true} --> ✗ sí: No es lo que se espera.
lab.check{"sí", 1, expected = true} --> ✗ sí: Es de tipo número y se espera booleano.
lab.check{"c", "B", expected = "B"} --> ✓ c: correcto.

-- a whole number's multiple would tell it
lab.check{"n", 12, expected = 6} --> ✗ n: Está lejos: la diferencia es tan grande como lo que se espera, o más.
lab.check{"n", -6, expected = 6} --> ✗ n: El signo está al revés.

-- tensors and lists
lab.check{"t", {1, 2, 3}, expected = tensor{1, 2, 3}} --> ✓ t: correcto.
lab.check{"t", tensor{{1, 2, 3}}, expected = {1, 2, 3}} --> ✓ t: correcto.
lab.check{"t", tensor{1, 2, 3}, expected = {-1, -2, -3}} --> ✗ t: El signo está al revés.
lab.check{"t", {{1, 2}, {3, 4}}, expected = {{1, 3}, {2, 4}}} --> ✗ t: Está traspuesto: filas y columnas van cambiadas.
lab.check{"t", {{1, 2, 3}, {3, 4, 5}}, expected = {{1, 3}, {2, 4}, {3, 5}}} --> ✗ t: Está traspuesto: su forma es (2, 3) y se espera (3, 2).
lab.check{"t", {{1, 2, 3}}, expected = {{1}, {2}, {3}}} --> ✗ t: Está traspuesto: su forma es (1, 3) y se espera (3, 1).
lab.check{"t", {1, 2, 3}, expected = {{1}, {2}, {3}}} --> ✓ t: correcto.
lab.check{"t", {1, 2}, expected = {1, 2, 3}} --> ✗ t: Su forma es (2,) y se espera (3,).
lab.check{"t", 1, expected = {1, 2, 3}} --> ✗ t: Es un solo número y se espera la forma (3,).
lab.check{"t", {1, 2}, expected = 1} --> ✗ t: Su forma es (2,) y se espera un solo número.
lab.check{"t", {{1, 2}, {3}}, expected = {{1, 2}, {3, 4}}} --> ✗ t: No es una lista de números bien formada: o hay algo que no es un número, o las filas tienen distinto largo.
lab.check{"t", {}, expected = {1, 2}} --> ✗ t: La lista está vacía o no tiene números.
lab.check{"t", tensor{1, 0 / 0}, expected = {1, 2}} --> ✗ t: Hay números que no son finitos (nan o inf): ¿una división por cero, o el logaritmo de algo que no es positivo?
x32 = tensor{{0.1, 0.2}, dtype = "float32"}; lab.check{"t", x32, expected = {0.1, 0.2}} --> ✓ t: correcto.
lab.check{"t", {loss = 1, filas = {"a", "b"}}, expected = {loss = 1, filas = {"a", "b"}}} --> ✓ t: correcto.
lab.check{"t", {loss = 1, filas = {"a", "c"}}, expected = {loss = 1, filas = {"a", "b"}}} --> ✗ t: No es lo que se espera (en filas[2]).
lab.check{"t", {filas = {"a"}}, expected = {loss = 1, filas = {"a"}}} --> ✗ t: Falta «loss».
lab.check{"t", {"a"}, expected = {"a", "b"}} --> ✗ t: Su largo es 1 y se espera 2.

-- factors by their names, one number alone
names = {["a^{L-1}"] = 0.5, ["σ'(z)"] = 0.228784, n = 4}
good = -0.708687 * 0.228784 * 0.5 / 4
lab.check{"∂C/∂w", good, expected = good, factors = names} --> ✓ ∂C/∂w: correcto.
lab.check{"∂C/∂w", good / 0.5, expected = good, factors = names} --> ✗ ∂C/∂w: Falta el factor «a^{L-1}».
lab.check{"∂C/∂w", -good / 0.228784, expected = good, factors = names} --> ✗ ∂C/∂w: Falta el factor «σ'(z)». Además, el signo está al revés.
lab.check{"∂C/∂w", good * 0.228784, expected = good, factors = names} --> ✗ ∂C/∂w: Sobra un factor «σ'(z)»: está dos veces.
lab.check{"∂C/∂w", good * 4, expected = good, factors = names} --> ✗ ∂C/∂w: Falta dividir por n.
lab.check{"∂C/∂w", good / 4, expected = good, factors = names} --> ✗ ∂C/∂w: Sobra una división por n.
lab.check{"∂C/∂w", good / 2 / 0.228784, expected = good, factors = {["σ'(z)"] = 0.228784}} --> ✗ ∂C/∂w: Falta el factor «σ'(z)». Es la mitad de lo que corresponde: falta un factor 2.
lab.check{"∂C/∂w", good / 0.228784 / 0.3, expected = good, factors = {s = 0.228784, a = 0.3}} --> ✗ ∂C/∂w: Faltan los factores «a» y «s».
lab.check{"f", function(a, b) return a end, expected = function(a, b) return a * b end, on = {{2, 5}, {3, 7}}, factors = {b = function(a, b) return b end}} --> ✗ f: Falta el factor «b».

-- gradients against the graph
W1, b1 = var{{0.3, -0.2}, name = "W1"}, var(0.1)
function loss() return square(sigmoid(W1 * 0.5 + b1) - 1):mean() end
g = grad(loss(), {W1, b1})
lab.check{"dW1, db1", {W1 = g[1], b1 = g[2]}, loss = loss(), params = {W1, b1}} --> ✓ dW1, db1: correcto.
lab.check{"dW1, db1", {W1 = -g[1], b1 = -g[2]}, loss = loss(), params = {W1, b1}} --> ✗ dW1, db1: W1, b1: El signo está al revés.
lab.check{"dW1, db1", {g[1] * 2, g[2]}, loss = loss, params = {W1, b1}} --> ✗ dW1, db1: W1: Falta dividir por n = 2: la pérdida es un promedio.
lab.check{"dW1, db1", {W1 = g[1]}, loss = loss, params = {W1 = W1, b1 = b1}} --> ✗ dW1, db1: b1: Falta la respuesta.
lab.check{"dW1, db1", {W1 = -g[1], b1 = 2 * g[2]}, loss = loss, params = {W1 = W1, b1 = b1}} --> ✗ dW1, db1: W1: El signo está al revés. b1: Falta dividir por n = 2: la pérdida es un promedio.
lab.check{"dW1, db1", {W1 = g[1], b1 = "x"}, loss = loss, params = {W1, b1}} --> ✗ dW1, db1: b1: No es un tensor ni una lista de números.
lab.check{"dW1", g[1], loss = loss, params = W1} --> ✓ dW1: correcto.
lab.check{"dW1", nil, loss = loss, params = W1} --> ✗ dW1: Todavía no tiene un valor: falta la respuesta.

-- points
lab.grade{{"signo", 2 * 0.4, expected = -0.8}, {"forma", {1, 2}, expected = {1, 2}, points = 1.5}, {"z", global = "nada", expected = 1, points = 0.5, hint = "¿z?"}}
--> criterio      puntos  qué revisar
--> --------  ----------  ----------------------------------------------------------------------
--> ✗ signo       0 de 1  El signo está al revés.
--> ✓ forma   1.5 de 1.5
--> ✗ z         0 de 0.5  «nada» todavía no existe: ejecuta la celda en que le das un valor. ¿z?
--> --------  ----------  ----------------------------------------------------------------------
--> Total       1.5 de 3
-->
--> 1.5

lab.grade(2) --> 2.0

lab.grade(0.1 + 0.2) --> 0.3

lab.grade(0 / 0)        --! los puntos son un número finito desde 0

lab.grade(-1)           --! los puntos son un número finito desde 0

lab.grade("2")          --! se esperan criterios

lab.grade()             --! faltan los criterios

lab.grade{{"a", 1}}     --! expected: falta

-- what the teacher wrote wrong is an error
lab.check{"a", right, expected = 3, on = examples} --! con on es una función, o la lista

lab.check{"a", right, expected = right, on = {1, 2}} --! cada ejemplo es una lista de argumentos

lab.check{"a", right, expected = right, on = {}} --! se esperan de 1 a 1000 ejemplos

lab.check{"a", 1, expected = 1, factors = {2}} --! cada factor va con su nombre

lab.check{"a", 1, expected = 1, factors = {s = "x"}} --! «s» no es un número ni un tensor

lab.check{"a", 1, expect = 1} --! ¿Querías decir «expected»?

lab.check{"a", right, expected = function() end, on = examples} --! no da ningún valor

lab.check{"a", 1, loss = loss(), params = {2}} --! se esperaban variables

lab.check{"a", 1, loss = loss()} --! van con loss
