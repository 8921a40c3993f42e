"""Wrong hand-ins of 03: each step is graded on its own, so that one mistake costs once."""

SIGMA, SLOPE, DZ = "p03-sigma-solucion", "p03-slope-solucion", "p03-dz-solucion"
GRADIENT, LAYER = "p03-gradiente-solucion", "p03-capa-solucion"


def sigma(line):
    return f"function dC_dsigma(y, s)\n  {line}\nend"


def slope(line):
    return f"function dsigma_dz(z)\n  {line}\nend"


def gradient(lines):
    return ("function gradiente(w, b, a, y)\n  local z = w * a + b\n  local s = sigmoid(z)\n  local gw, gb\n"
            f"{lines}\n  return gw, gb\nend")


def layer(lines):
    return ("function hacia_atras(x, y, w_Lm1, b_Lm1, w_L, b_L)\n  local z_Lm1 = w_Lm1 * x + b_Lm1\n"
            "  local a_Lm1 = sigmoid(z_Lm1)\n  local z_L = w_L * a_Lm1 + b_L\n  local y_hat = sigmoid(z_L)\n"
            f"  local delta_L, dC_da, delta_Lm1, dC_dw, dC_db\n{lines}\n  return {{delta_L = delta_L, dC_da = dC_da, "
            "delta_Lm1 = delta_Lm1, dC_dw = dC_dw, dC_db = dC_db}\nend")


SUBMISSIONS = {
    # the slide's sign, in the factor where it stands
    "signo": {"cells": {SIGMA: sigma("return 2 * (y - s)")}, "points": {"p03-sigma": 0}},
    # the rule for the result, given the input; a factor left out in each of the later steps
    "parcial": {
        "cells": {
            SLOPE: slope("return z * (1 - z)"),
            DZ: "function dz_dw(w, a, b)\n  return w\nend\n\nfunction dz_db(w, a, b)\n  return 1\nend",
            GRADIENT: gradient("  gw = dC_dsigma(y, s) * dsigma_dz(z)\n  gb = gw"),
            LAYER: layer("  delta_L = dC_dsigma(y, y_hat) * dsigma_dz(z_L)\n  dC_da = delta_L * w_L\n  delta_Lm1 = dC_da\n"
                         "  dC_dw = delta_Lm1 * x\n  dC_db = delta_Lm1"),
        },
        "points": {"p03-slope": 0, "p03-dz": 1, "p03-gradiente": 1, "p03-capa": 2},
    },
    # numbers that are right for the examples shown, and for no others
    "de_memoria": {
        "cells": {
            SIGMA: sigma("return ({[0.6] = -0.8, [0.3] = 0.6, [0.645656] = -0.708688})[s] or 0"),
            LAYER: layer("  delta_L, dC_da, delta_Lm1 = -0.1621365, -0.1297092, -0.0324273\n  dC_dw, dC_db = delta_Lm1, delta_Lm1"),
        },
        "points": {"p03-sigma": 0, "p03-capa": 0},
    },
    # what is no number, and what stops
    "roto": {
        "cells": {SIGMA: sigma("return 'no sé'"), SLOPE: slope("s = sigmoid(z) * (1 - sigmoid(z))"), LAYER: "hacia_atras = nil"},
        "points": {"p03-sigma": 0, "p03-slope": 0, "p03-capa": 0},
    },
}
