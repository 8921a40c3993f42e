"""Wrong and partly right answers to 00; the format is in test_cycle.py."""

SUBMISSIONS = {
    "posicion": {  # the position, counted from 1, in place of the label
        "cells": {
            "e2-etiqueta": """function etiqueta(p)
  local mejor = 1
  for i, valor in ipairs(p) do
    if valor > p[mejor] then mejor = i end
  end
  return mejor
end""",
        },
        "points": {"e2-etiqueta-prueba": 0},
    },
    "entera": {  # Python's // where / is meant: right for whole numbers alone
        "cells": {
            "e1-media": """function media(lista)
  local suma = 0
  for _, valor in ipairs(lista) do suma = suma + valor end
  return suma // #lista
end""",
        },
        "points": {"e1-media-prueba": 1},
    },
    "cero": {  # the best so far begins at 0: negative numbers never win
        "cells": {
            "e2-etiqueta": """function etiqueta(p)
  local mejor, posicion = 0, 1
  for i, valor in ipairs(p) do
    if valor > mejor then mejor, posicion = valor, i end
  end
  return posicion - 1
end""",
        },
        "points": {"e2-etiqueta-prueba": 1.5},
    },
}
