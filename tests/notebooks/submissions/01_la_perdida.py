"""Wrong and partly right answers to 01; the format is in test_cycle.py."""

SUBMISSIONS = {
    "suma": {  # the sum in place of the mean: right for one sample
        "cells": {
            "e1-mse": """function mse(y, yh)
  local suma = 0
  for i = 1, #y do suma = suma + (yh[i] - y[i])^2 end
  return suma
end""",
        },
        "points": {"e1-mse-prueba": 0.5},
    },
    "absoluto": {
        "cells": {
            "e1-mse": """function mse(y, yh)
  local suma = 0
  for i = 1, #y do suma = suma + math.abs(yh[i] - y[i]) end
  return suma / #y
end""",
        },
        "points": {"e1-mse-prueba": 0},
    },
    "signo": {
        "cells": {"e2-entropia": "function entropia(p, etiqueta) return math.log(p[etiqueta + 1]) end"},
        "points": {"e2-entropia-prueba": 0},
    },
    "posicion": {  # the label taken for a position: p[0] is nil
        "cells": {"e2-entropia": "function entropia(p, etiqueta) return -math.log(p[etiqueta]) end"},
        "points": {"e2-entropia-prueba": 0},
    },
    "segunda": {  # always the second class
        "cells": {"e2-entropia": "function entropia(p, etiqueta) return -math.log(p[2]) end"},
        "points": {"e2-entropia-prueba": 0.5},
    },
}
