"""Wrong hand-ins of 04: each step is graded on its own, so that one mistake costs once."""

OUTPUT, LAYER, HIDDEN = "p04-salida-solucion", "p04-capa-solucion", "p04-oculta-solucion"
ALL, REPAIR = "p04-atras-solucion", "p04-repara-solucion"


def output(line):
    return f"function delta_salida(A2, Y)\n  local n = A2.shape[1]\n  {line}\nend"


def layer(weights, bias):
    return f"function gradiente_capa(A_ant, delta)\n  local dW, db\n  dW = {weights}\n  db = {bias}\n  return dW, db\nend"


def hidden(line):
    return f"function delta_oculta(delta, W, A)\n  {line}\nend"


def whole(lines):
    return f"function hacia_atras(p, X, Y)\n  local v = adelante(p, X)\n  local g = {{}}\n{lines}\n  return g\nend"


OUTPUT_HALF = "  local delta2 = delta_salida(v.A2, Y)\n  g.W2, g.b2 = gradiente_capa(v.A1, delta2)"

SUBMISSIONS = {
    # the sign turned round at the output, and the foreign code handed in as it was
    "signo": {
        "cells": {OUTPUT: output("return (2 / n) * (Y - A2) * A2 * (1 - A2)"),
                  REPAIR: "function reparada(p, X, Y)\n  return de_internet(p, X, Y)\nend"},
        "points": {"p04-salida": 0, "p04-repara": 0},
    },
    # 1/n left out, the bias not summed, no slope in the hidden layer, A1 for X in the first one
    "parcial": {
        "cells": {OUTPUT: output("return 2 * (A2 - Y) * A2 * (1 - A2)"),
                  LAYER: layer("A_ant:T():matmul(delta)", "delta"),
                  HIDDEN: hidden("return delta:matmul(W:T())"),
                  ALL: whole(OUTPUT_HALF + "\n  local delta1 = delta_oculta(delta2, p.W2, v.A1)\n"
                             "  g.W1, g.b1 = gradiente_capa(v.A1, delta1)")},
        "points": {"p04-salida": 0, "p04-capa": 1, "p04-oculta": 0, "p04-atras": 3},
    },
    # the last layer alone, and a repair of the sign alone
    "mitad": {
        "cells": {ALL: whole(OUTPUT_HALF),
                  REPAIR: "function reparada(p, X, Y)\n  local g = de_internet(p, X, Y)\n"
                          "  return {W1 = -g.W1, b1 = -g.b1, W2 = -g.W2, b2 = -g.b2}\nend"},
        "points": {"p04-atras": 2, "p04-repara": 2},
    },
    # a transposed gradient, one number for a bias, what stops
    "roto": {
        "cells": {LAYER: layer("delta:T():matmul(A_ant)", "delta:sum()"), HIDDEN: hidden("return delta:matmul(W) * A"),
                  ALL: "hacia_atras = 3"},
        "points": {"p04-capa": 0, "p04-oculta": 0, "p04-atras": 0},
    },
}
