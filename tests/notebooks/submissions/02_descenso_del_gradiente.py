"""Wrong and partly right answers to 02; the format is in test_cycle.py. What an exercise gets
depends on the earlier ones: descender calls paso and derivada."""

SUBMISSIONS = {
    "signo": {  # climbs
        "cells": {"e2-paso": "function paso(theta, gradiente, eta) return theta + eta * gradiente end"},
        "points": {"e2-paso-prueba": 0, "e3-descender-prueba": 0},
    },
    "sin-tasa": {
        "cells": {"e2-paso": "function paso(theta, gradiente, eta) return theta - gradiente end"},
        "points": {"e2-paso-prueba": 1, "e3-descender-prueba": 0},
    },
    "sin-dos": {  # twice the slope: another function still arrives at its minimum
        "cells": {
            "e1-derivada": """function derivada(f, x)
  local h = 1e-5
  return (f(x + h) - f(x - h)) / h
end""",
        },
        "points": {"e1-derivada-prueba": 0, "e3-descender-prueba": 0.5},
    },
    "una-vez": {  # the gradient of the start, again and again
        "cells": {
            "e3-descender": """function descender(f, w, eta, pasos)
  local g = derivada(f, w)
  for _ = 1, pasos do w = paso(w, g, eta) end
  return w
end""",
        },
        "points": {"e3-descender-prueba": 0.5},
    },
}
