-- Names that a student misspells or brings from Keras and PyTorch: the nearest one is suggested.
optim.SGD{lr = 0.1}                            --! ¿Querías decir «learning_rate»?

optim.Adam{wd = 0.1}                           --! ¿Querías decir «weight_decay»?

nn.Conv2D{8, kernel = 3}                       --! ¿Querías decir «kernel_size»?

nn.Conv2D{8, 3, stride = 2}                    --! ¿Querías decir «strides»?

nn.Dense{out_features = 8}                     --! ¿Querías decir «units»?

nn.Dropout{p = 0.5}                            --! ¿Querías decir «rate»?

nn.Dense{8, activation = "rleu"}               --! ¿Querías decir "relu"?

nn.Activation("sigmoide")                      --! ¿Querías decir "sigmoid"?

nn.Conv2D{8, 3, padding = "sme"}               --! ¿Querías decir "same"?

nn.Dense{8, kernel_initializer = "glorot_unifrom"} --! ¿querías decir «glorot_uniform»?

optim.SDG{learning_rate = 0.1}                 --! ¿Querías decir «optim.SGD»?

m = nn.Sequential{nn.Flatten(), nn.Dense(10)}
m:compile{optimizer = "adma", loss = "mse"}    --! ¿querías decir «Adam»?

m:compile{optimizer = "adam", loss = "categorical_crosentropy"} --! ¿querías decir «categorical_crossentropy»?

m:compile{optimizer = "adam", loss = "mse", metrics = {"acuracy"}} --! ¿querías decir «accuracy»?

m:compile{optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = {"accuracy"}}
m:fit{data.digits{n_train = 64, n_test = 10}, epochs = 1, validation_split = 0.2, verbose = 0, callbacks = {callbacks.EarlyStopping{monitor = "val_acuracy"}}} --! lo que mide es loss, accuracy, val_loss, val_accuracy

-- A method that is called with a dot, a field that is called with a colon, and a function that is
-- not called.
m.summary()                                    --! =Model:summary: va delante un objeto «Model» y no llegó nada. ¿Escribiste «.» en lugar de «:»?

d = data.digits{n_train = 64, n_test = 10}
d.subset(10)                                   --! ¿Escribiste «.» en lugar de «:»?

d:x_train()                                    --! =«x_train» no es un método: es un objeto Tensor y se lee con punto y sin paréntesis, x.x_train

tensor{1, 2}:shape()                           --! «shape» no es un método: es una tabla

for i in tensor{1, 2} do end                   --! =un for no recorre un objeto Tensor: se cuenta con for i = 1, #t do … end

d = data.mnist
x = d.x_train                                  --! la variable global «d» es una función y no se llamó

x = tensor([[1, 2], [3, 4]])                   --! En Lua [[…]] es un texto: las listas van entre llaves
