"""What students write by mistake, and what they read: one sentence, the line with ^^^ under the place,
what was meant. In Spanish, and in English under an English locale.

Each row is a cell, the Spanish and the English sentence, and the part of the line that is marked.
"""

import os
import re

import pytest

from kernel_client import Lab

ROWS = [
    ("tensor{{1, 2}, {3, 4}}:matmul(tensor{1, 2, 3})",
     "ShapeError: matmul: (2, 2) no se puede multiplicar por (3,): las columnas de la primera (2) y las filas de la segunda (3) deben ser las mismas",
     "ShapeError: matmul: (2, 2) cannot be multiplied by (3,): the columns of the first (2) and the rows of the second (3) must be the same",
     "matmul"),
    ("x = tensor.ones{2, 3} + tensor.ones{4}",
     "ShapeError: add: las formas (2, 3) y (4,) no son compatibles: en un mismo eje hay 3 y 4 elementos",
     "ShapeError: add: shapes (2, 3) and (4,) are not compatible: the same axis has 3 and 4 elements",
     "+"),
    ("nn.Dense{10, activacion = \"relu\"}",
     "ValueError: nn.Dense: no existe la opción «activacion». ¿Querías decir «activation»? Opciones: units, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, name, trainable",
     "ValueError: nn.Dense: there is no option ‘activacion’. Did you mean ‘activation’? Options: units, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, name, trainable",
     "activacion"),
    ("nn.Dense{10, activation = \"rellu\"}",
     "ValueError: nn.Dense: activation: «rellu» no es una opción. ¿Querías decir \"relu\"?",
     "ValueError: nn.Dense: activation: ‘rellu’ is not a choice. Did you mean \"relu\"?",
     "rellu"),
    ("nn.Dens(10)",
     "NotFoundError: «nn.Dens» no existe. ¿Querías decir «nn.Dense»?",
     "NotFoundError: ‘nn.Dens’ does not exist. Did you mean ‘nn.Dense’?",
     "nn.Dens"),
    ("perdida = plot.histori(1)",
     "NotFoundError: «plot.histori» no existe. ¿Querías decir «plot.history»?",
     "NotFoundError: ‘plot.histori’ does not exist. Did you mean ‘plot.history’?",
     "plot.histori"),
    ("local t = nil; t.x = 1",
     "TypeError: no se puede leer ni escribir un campo de la variable local «t»: es nil",
     "TypeError: cannot read or write a field of the local variable ‘t’: it is nil",
     "t"),
    ("foo()",
     "NameError: la variable «foo» no existe. ¿Ya ejecutaste la celda que le da un valor?",
     "NameError: variable ‘foo’ does not exist. Have you run the cell that gives it a value?",
     "foo"),
    ("local s = nil; s()",
     "TypeError: la variable local «s» no es una función: es nil",
     "TypeError: the local variable ‘s’ is not a function: it is nil",
     "s"),
    ("print(\"hola\" + 1)",
     "TypeError: no se puede hacer aritmética entre un texto y un número: + - * / son para números; los textos se unen con ..",
     "TypeError: cannot do arithmetic between a string and a number: + - * / are for numbers; strings are joined with ..",
     "+"),
    ("print(\"total: \" .. nil)",
     "TypeError: no se puede unir con .. ese valor: es nil",
     "TypeError: cannot join that value with ..: it is nil",
     ".."),
    ("for i = 1, 3 do print(i)",
     "SyntaxError: falta «end» antes del final de la celda",
     "SyntaxError: missing ‘end’ before the end of the cell",
     "for i = 1, 3 do print(i)"),
    ("if 1 != 2 then print(1) end",
     "SyntaxError: falta «then» antes de «!». En Lua «distinto de» se escribe ~=",
     "SyntaxError: missing ‘then’ before ‘!’. In Lua “not equal” is written ~=",
     "!"),
    ("x = 1; x += 1",
     "SyntaxError: la instrucción no está completa o sobra algo: «+». En Lua no hay +=: se escribe x = x + 1",
     "SyntaxError: the statement is incomplete or has something extra: ‘+’. Lua has no +=: write x = x + 1",
     "+"),
    ("x++",
     "SyntaxError: la instrucción no está completa o sobra algo: «+». En Lua no hay ++: se escribe x = x + 1",
     "SyntaxError: the statement is incomplete or has something extra: ‘+’. Lua has no ++: one writes x = x + 1",
     "x++"),
    ("def f(x): return x",
     "SyntaxError: la instrucción no está completa o sobra algo: «f». En Lua una función es: function f(x) … end",
     "SyntaxError: the statement is incomplete or has something extra: ‘f’. In Lua a function is: function f(x) … end",
     "f"),
    ("for x in range(10): print(x)",
     "SyntaxError: falta «do» antes del final de la celda. En Lua los bloques no llevan dos puntos: se abren con then o do y se cierran con end",
     "SyntaxError: missing ‘do’ before the end of the cell. In Lua blocks have no colon: they begin with then or do and end with end",
     "for x in range(10): print(x)"),
    ("local a = [1, 2, 3]",
     "SyntaxError: «[» no puede ir aquí. En Lua las listas van entre llaves: {1, 2, 3}",
     "SyntaxError: ‘[’ cannot go here. In Lua lists stand in braces: {1, 2, 3}",
     "["),
    ("local v = None",
     "NameError: la variable «None» no existe. En Lua «nada» se escribe nil",
     "NameError: variable ‘None’ does not exist. In Lua “nothing” is written nil",
     "None"),
    ("local b = True",
     "NameError: la variable «True» no existe. En Lua se escribe true",
     "NameError: variable ‘True’ does not exist. In Lua it is written true",
     "True"),
    ("local l = {10, 20} print(l[0] + 1)",
     "TypeError: no se puede hacer aritmética con un elemento de la lista: es nil",
     "TypeError: cannot do arithmetic with an item of the list: it is nil",
     "+"),
    ("t = tensor{1, 2, 3}; print(t[0])",
     "IndexError: tensor: el índice 0 está fuera del eje 1, que va de 1 a 3",
     "IndexError: tensor: index 0 is outside axis 1, which goes from 1 to 3",
     "tensor"),
    ("m = nn.Sequential{nn.Dense(2)}; m:compile{loss = \"sparse_categorical_crossentropy\"}; m:fit{{{1, 2}, {3, 4}}, {0, 5}, verbose = 0}",
     "IndexError: entrenamiento: la etiqueta de la fila 2 es 5 y debe estar en 0..1, porque la última capa tiene 2 salidas",
     "IndexError: training: the label in row 2 is 5 and must be in 0..1, because the last layer has 2 outputs",
     "m = nn.Sequential{nn.Dense(2)}; m:compile{loss = \"sparse_categorical_crossentropy\"}; m:fit{{{1, 2}, {3, 4}}, {0, 5}, verbose = 0}"),
    ("m = nn.Sequential{nn.Dense(2)}; m:fit{{{1, 2}, {3, 4}}, {0, 1}}",
     "StateError: fit: falta compilar el modelo; llama antes a m:compile{loss = …}",
     "StateError: fit: the model is not compiled; call m:compile{loss = …} first",
     "fit"),
    ("m = nn.Sequential{nn.Dense(2)}; m.fit{1}",
     "ValueError: Model:fit: va delante un objeto «Model» y llegó {1}. ¿Escribiste «.» en lugar de «:»?",
     "ValueError: Model:fit: a ‘Model’ object goes first, got {1}. Did you write ‘.’ instead of ‘:’?",
     "fit"),
    ("m = nn.Sequential{nn.Dense(2)}; m:compile{optimizer = \"adan\", loss = \"mse\"}",
     "NotFoundError: no existe el optimizador «adan»; ¿querías decir «Adam»?",
     "NotFoundError: there is no optimizer ‘adan’; did you mean ‘Adam’?",
     "adan"),
    ("print(\"hola",
     "SyntaxError: falta la comilla que cierra un texto",
     "SyntaxError: missing the quote that closes a string",
     "print(\"hola"),
    ("if x = 3 then print(x) end",
     "SyntaxError: falta «then» antes de «=». Para comparar se escribe ==; = da un valor",
     "SyntaxError: missing ‘then’ before ‘=’. == compares; = gives a value",
     "="),
    ("lambda x: x",
     "SyntaxError: la instrucción no está completa o sobra algo: «x». En Lua una función sin nombre es: function(x) return x * 2 end",
     "SyntaxError: the statement is incomplete or has something extra: ‘x’. In Lua a function without a name is: function(x) return x * 2 end",
     "x"),
    ("import numpy as np",
     "SyntaxError: la instrucción no está completa o sobra algo: «numpy». En Lua no hace falta import: nn, data, plot y lo demás ya están",
     "SyntaxError: the statement is incomplete or has something extra: ‘numpy’. Lua needs no import here: nn, data, plot and the rest are there already",
     "numpy"),
    ("x = {1, 2, 3}; x.append(4)",
     "TypeError: no existe la función «append»: ese campo vale nil. A una lista se le agrega con t[#t + 1] = valor, y se le quita con table.remove(t)",
     "TypeError: function ‘append’ does not exist: that field is nil. t[#t + 1] = value adds to a list, and table.remove(t) takes from it",
     "append"),
    ("len({1, 2})",
     "NameError: la variable «len» no existe. En Lua la longitud de t es #t",
     "NameError: variable ‘len’ does not exist. In Lua the length of t is #t",
     "len"),
    ("x = 5 // 0",
     "ZeroDivisionError: división entera entre cero",
     "ZeroDivisionError: integer division by zero",
     "//"),
    ("x = y ? 1 : 2",
     "SyntaxError: «?» no puede ir aquí. En Lua se escribe: condición and a or b",
     "SyntaxError: ‘?’ cannot go here. In Lua it is written: condition and a or b",
     "?"),
    ("if x == 3: print(x)",
     "SyntaxError: falta «then» antes de «:». En Lua los bloques no llevan dos puntos: se abren con then o do y se cierran con end",
     "SyntaxError: missing ‘then’ before ‘:’. In Lua blocks have no colon: they begin with then or do and end with end",
     ":"),
    ("tensor{{1, 2}, {3}}",
     "ValueError: tensor: las filas tienen distinto largo: una tiene 2 elementos y otra 1; todas deben tener los mismos",
     "ValueError: tensor: the rows have different lengths: one has 2 elements and another 1; all must have the same",
     "tensor"),
    ("x = \"a\" < 1",
     "TypeError: no se puede comparar un texto con un número",
     "TypeError: a string cannot be compared with a number",
     "<"),
    ("for i in {1, 2, 3} do print(i) end",
     "TypeError: un for no recorre una tabla sola: se escribe ipairs(t) o pairs(t)",
     "TypeError: a for does not walk a bare table: one writes ipairs(t) or pairs(t)",
     "for i in {1, 2, 3} do print(i) end"),
    ("math.squrt(2)",
     "TypeError: no existe la función «squrt»: ese campo vale nil. ¿Querías decir «sqrt»?",
     "TypeError: function ‘squrt’ does not exist: that field is nil. Did you mean ‘sqrt’?",
     "squrt"),
    ("data.digits{n_trian = 3}",
     "ValueError: data.digits: no existe la opción «n_trian». ¿Querías decir «n_train»? Opciones: n_train, n_test, seed",
     "ValueError: data.digits: there is no option ‘n_trian’. Did you mean ‘n_train’? Options: n_train, n_test, seed",
     "n_trian"),
    ("nn.Sequential{nn.Dense(3), 4}",
     "ValueError: nn.Sequential: se esperaba una capa, como nn.Dense(10), y llegó 4",
     "ValueError: nn.Sequential: expected a layer, such as nn.Dense(10), got 4",
     "nn.Sequential"),
    ("end",
     "SyntaxError: «end» sobra: no hay nada abierto que cerrar",
     "SyntaxError: ‘end’ is one too many: nothing is open",
     "end"),
]


@pytest.fixture(scope="module", params=["es", "en"])
def speaking(kernelspec, request):
    before = os.environ.get("NABLA_LANG")
    os.environ["NABLA_LANG"] = request.param
    lab = Lab()
    yield request.param, lab
    lab.close()
    os.environ["NABLA_LANG"] = before or "es"


def plain(lines):
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines)).split("\n")


def marked(lines):
    """The part of the first marked line above the ^^^."""
    for line, below in zip(lines, lines[1:]):
        if line.startswith("→") and "^" in below:
            return line[below.index("^"):below.rindex("^") + 1]
    return None


@pytest.mark.parametrize("code,spanish,english,part", ROWS, ids=[r[0][:40] for r in ROWS])
def test_mistake(speaking, code, spanish, english, part):
    language, lab = speaking
    cell = lab.run(code)
    assert cell.status == "error"
    said = f"{cell.error['ename']}: {cell.error['evalue']}"
    # A list of all options may follow: it changes with the command, the sentence does not.
    assert said.startswith(spanish if language == "es" else english), said
    assert marked(plain(cell.error["traceback"])) == part
