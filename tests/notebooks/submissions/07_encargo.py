"""Wrong and partly right answers to 07; the format is in test_cycle.py."""

SUBMISSIONS = {
    "dos_cambios": {  # two options at once, too few of them, and a hidden layer in the baseline
        "cells": {
            "p07-lineal": """function construir_lineal()
    return nn.Sequential{nn.Flatten(), nn.Dense{16}, nn.Dense{#d.classes, activation = "softmax"}}
end""",
            "p07-cambios": """cambios = {
    referencia = {},
    neuronas   = {capas = {64}, batch_size = 32},
    dropout    = {dropout = 0.3},
}""",
        },
        "points": {"t07-lineal": 0, "t07-experimentos": 4},
    },
    "no_el_mejor": {  # the second best was measured, and another model on the same test part
        "cells": {
            "p07-elegido": """elegido = r[2].name
modelo = r:model(elegido)
lineal:evaluate{d}""",
        },
        "points": {"t07-elegido": 1},
    },
    "formulas": {  # no square root; the best F1 in the place of the worst; two numbers by heart
        "cells": {
            "p07-ficha": """ficha = {imagenes = 60000, alto = 28, ancho = 28, canales = 2, clases = 9, entradas = 784}""",
            "p07-intervalo": """function intervalo(p, n)
    return 1.96 * p * (1 - p) / n
end""",
            "p07-peor": """function peor_f1(informe, clases)
    local peor = clases[1]
    for _, clase in ipairs(clases) do
        if informe[clase].f1 > informe[peor].f1 then peor = clase end
    end
    return peor, informe[peor].f1
end""",
        },
        "points": {"t07-ficha": 2, "t07-intervalo": 1, "t07-peor": 1},
    },
}
