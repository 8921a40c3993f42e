-- How values show themselves.
tensor{{1, 2, 3}, {4, 5, 6}}                  --> tensor (2, 3) float64 · mín 1 · máx 6
--> {{1, 2, 3},
-->  {4, 5, 6}}

tensor{0.5, -1.25}                            --> tensor (2,) float64 · mín -1.25 · máx 0.5 {0.5000, -1.2500}

tensor.zeros{1000, 1000, dtype = "float32"}   --> tensor (1000, 1000) float32 · mín 0 · máx 0
--> {{0, 0, 0, ..., 0, 0, 0},
-->  {0, 0, 0, ..., 0, 0, 0},
-->  {0, 0, 0, ..., 0, 0, 0},
-->  ...,
-->  {0, 0, 0, ..., 0, 0, 0},
-->  {0, 0, 0, ..., 0, 0, 0},
-->  {0, 0, 0, ..., 0, 0, 0}}

print(tensor(2.5), tensor{1, 2}, tensor.zeros(100, 100)) --> 2.5	tensor (2,) float64 {1, 2}	tensor (100, 100) float64

var{0.8, name = "w"}                          --> tensor () float64 «w» · pide gradiente 0.8

nn.Dense{128, activation = "relu"}            --> nn.Dense{units = 128, activation = "relu"}

optim.SGD{learning_rate = 0.1, momentum = 0.9} --> optim.SGD{learning_rate = 0.1, momentum = 0.9}

m = nn.Sequential{nn.Flatten(), nn.Dense{64, activation = "relu"}, nn.Dense(10)}
m:build{28, 28, 1}
print(m)                                      --> modelo de 3 capas, 50890 parámetros

m:summary()                                   --> Capa (tipo)          Forma de salida  Parámetros
--> -------------------  ---------------  ----------
--> flatten (Flatten)    (None, 784)               0
--> dense (Dense)        (None, 64)            50240
--> dense_1 (Dense)      (None, 10)              650
--> -------------------  ---------------  ----------
--> Total de parámetros  198.79 KB             50890
--> Entrenables          198.79 KB             50890
--> No entrenables       0 B                       0
-->

metrics.classification_report({2, 0, 2, 2, 0, 1}, {0, 0, 2, 2, 0, 2}, {classes = {"gato", "perro", "ave"}})
--> clase               precisión  exhaustividad    F1  soporte
--> ------------------  ---------  -------------  ----  -------
--> gato                     0.67           1.00  0.80        2
--> perro                    0.00           0.00  0.00        1
--> ave                      0.67           0.67  0.67        3
--> ------------------  ---------  -------------  ----  -------
--> exactitud                                     0.67        6
--> promedio simple          0.44           0.56  0.49        6
--> promedio ponderado       0.56           0.67  0.60        6
-->

print(data.digits{n_train = 100, n_test = 20}) --> digits: 100 de entrenamiento, 20 de prueba; cada ejemplo (28, 28, 1) uint8; 10 clases

data.digits{n_train = 100}.x_train[1]         --> tensor (28, 28, 1) uint8

nn.Dense{128, activaton = "relu"}             --! ¿Querías decir «activation»?

nn.Dense(10.5)                                --! se esperaba

t = tensor{{1, 2}, {3, 4}}
t:matmul(tensor{{1}, {2}, {3}})               --! (3, 1)

lab.seed("a")                                 --! lab.seed: n: se esperaba entero y llegó texto ("a")

lab.sed(1)                                    --! ¿Querías decir «lab.seed»?
