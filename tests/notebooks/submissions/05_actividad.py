"""Hand-ins of 05: evidence is run again with the group's own seed; the format is in test_cycle.py."""

SUBMISSIONS = {
    "honrada": {  # with a seed and a size of its own; copied by hand with six decimals
        "cells": {
            "p1-evidencia": """m = medir(imagenes, horizontal, 6, 123)
evidencia_p1 = {semilla = 123, ocultas = 6, pasadas_numerico = 134, pasadas_backprop = 2,
                norma = tonumber(string.format("%.6f", m.norma))}""",
            "p2-evidencia": """evidencia_p2 = {semilla = 7, sgd_backprop = 0.002556, sgd_numerico = 0.002556,
                adam_backprop = 0.000446}""",
            "p3-evidencia": """evidencia_p3 = {semilla = 7, inicial = 0.3052, solo_backward = 0.305211,
                step_numerico = 0.002556, backward_y_step = 0.002556}""",
        },
        "points": {},
    },
    "inventada": {
        "cells": {
            "p1-evidencia": "evidencia_p1 = {semilla = 7, ocultas = 20, pasadas_numerico = 500, pasadas_backprop = 20, norma = 0.5}",
            "p2-evidencia": "evidencia_p2 = {semilla = 7, sgd_backprop = 0.01, sgd_numerico = 0.02, adam_backprop = 0.001}",
            "p3-evidencia": """evidencia_p3 = {semilla = 7, inicial = 0.25, solo_backward = 0.25, step_numerico = 0.01,
                backward_y_step = 0.01}""",
        },
        "points": {"p1-prueba": 0, "p2-prueba": 0, "p3-prueba": 0},
    },
    "copiada": {  # another group's numbers under one's own seed; one side of the difference; step where none belongs
        "cells": {
            "p1-evidencia": """m = medir(imagenes, horizontal, 20, 7)
evidencia_p1 = {semilla = 8, ocultas = 20, pasadas_numerico = 221, pasadas_backprop = m.bp, norma = m.norma}""",
            "p2-evidencia": "evidencia_p2 = {semilla = 8, sgd_backprop = 0.002556, sgd_numerico = 0.002556, adam_backprop = 0.000446}",
            "p3-evidencia": """curva, e3 = entrenar{gradiente = con_backprop, optimizador = sgd, semilla = mi_semilla, pasos = 500}
evidencia_p3 = {semilla = mi_semilla, inicial = curva[1], solo_backward = e3, step_numerico = e3, backward_y_step = e3}""",
        },
        "points": {"p1-prueba": 1, "p2-prueba": 0, "p3-prueba": 2},
    },
}
