"""Wrong and partly right answers to 08; the format is in test_cycle.py."""

SUBMISSIONS = {
    "sin_etiqueta": {  # numbers right, but no caption and no label
        "cells": {
            "p08-tabla": """function tabla_de(redes)
  local filas = {}
  for _, r in ipairs(redes) do filas[#filas + 1] = {r.nombre, r.val} end
  return lab.table{filas, columns = {"red", "exactitud"}, format = {"%s", "%.3f"}}
end""",
            "p08-figura": "figura = plot.confusion{oculta.modelo, d}",
        },
        "points": {"p08-tabla-prueba": 1, "p08-figura-prueba": 0},
    },
    "copiada": {  # the numbers of the example typed in by hand
        "cells": {
            "p08-tabla": """function tabla_de(redes)
  return lab.table{{{"a", 0.5}, {"b", 0.25}}, columns = {"red", "exactitud"}, format = {"%s", "%.3f"},
                   caption = "Redes comparadas", label = "tab:comparadas"}
end""",
            "p08-figura": """figura = plot.history{oculta.historia, caption = "Otra figura", label = "fig:confusion"}""",
        },
        "points": {"p08-tabla-prueba": 2, "p08-figura-prueba": 0},
    },
    "otra_etiqueta": {
        "cells": {
            "p08-figura": """figura = plot.confusion{oculta.modelo, d, caption = "Matriz de confusión", label = "fig:matriz"}""",
        },
        "points": {"p08-figura-prueba": 1},
    },
}
