"""Wrong and partly right answers to 06; the format is in test_cycle.py."""

SUBMISSIONS = {
    "sin_relu": {  # the activations were forgotten, and the biases
        "cells": {
            "p06-modelo": """lab.seed(42)
modelo = nn.Sequential{
    nn.Flatten(),
    nn.Dense{64},
    nn.Dense{32},
    nn.Dense{10, activation = "softmax"},
}""",
            "p06-parametros": """function parametros(m, n)
    return m * n
end""",
        },
        "points": {"t06-modelo": 1, "t06-parametros": 0},
    },
    "columnas": {  # the best loss in the place of its epoch; columns in the place of rows
        "cells": {
            "p06-mejor": """function mejor_epoca(lista)
    return math.min(table.unpack(lista))
end""",
            "p06-medidas": """function exactitud(matriz)
    local aciertos, total = 0, 0
    for i = 1, #matriz do
        aciertos = aciertos + matriz[i][i]
        for j = 1, #matriz do total = total + matriz[i][j] end
    end
    return aciertos / total
end

function exhaustividad(matriz, i)
    local total = 0
    for j = 1, #matriz do total = total + matriz[j][i] end
    return matriz[i][i] / total
end""",
        },
        "points": {"t06-mejor": 0, "t06-medidas": 3},
    },
    "ultima": {  # of equal losses the last; the model and the measures are right
        "cells": {
            "p06-mejor": """function mejor_epoca(lista)
    local mejor = 1
    for i = 1, #lista do
        if lista[i] <= lista[mejor] then mejor = i end
    end
    return mejor
end""",
        },
        "points": {"t06-mejor": 2},
    },
}
