-- Data sets: built in, toys, CSV, parts and subsets.
function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end

d = data.digits{n_train = 200, n_test = 50}
assert(d.x_train.shape[1] == 200 and d.x_train.shape[2] == 28 and d.x_train.dtype == "uint8")
assert(d.y_train.dtype == "int32" and #d.y_test == 50)
assert(d.n_classes == 10 and #d.classes == 10 and d.name == "digits")
assert(d.x_valid == nil)
assert(data.digits{n_train = 200}.x_train[7] == d.x_train[7])

s = d:split{validation = 0.25}
assert(#s.x_train == 150 and #s.x_valid == 50 and #s.x_test == 50)
assert(d:split(0.25).y_valid == s.y_valid)
assert(#d:subset(50).x_train == 50 and #d:subset{50, test = 10}.x_test == 10)

for _, make in ipairs{data.circle, data.xor, data.gauss, data.spiral} do
    local toy = make{n = 80, noise = 0.1, seed = 4}
    assert(#toy.x_train == 60 and toy.x_train.shape[2] == 2 and #toy.y_test == 20)
    assert(toy.y_train:max():item() == 1 and toy.y_train:min():item() == 0)
    assert(make{n = 80, noise = 0.1, seed = 4}.x_train == toy.x_train)
end

-- Augmentation changes what training sees, never the data; a model keeps the normalisation.
a = s:augment{flip = true, shift = 2, padding = "reflect", rotate = 10, cutout = 4,
              brightness = 0.2, contrast = 0.2, normalise = true}
assert(a.x_train == s.x_train and a.y_valid == s.y_valid and #a.x_test == 50)
text = tostring(a)
assert(string.find(text, "aumento: flip, shift 2, rotate 10, cutout 4, brightness 0.2", 1, true), text)
assert(string.find(text, "media 0.", 1, true), text)
assert(not string.find(tostring(s), "aumento", 1, true))
assert(string.find(tostring(a:subset(20)), "shift 2", 1, true))
assert(not string.find(tostring(a:augment{}), "aumento", 1, true))
fails("shift es 15", function() s:augment{shift = 15} end)
fails("cutout es 29", function() s:augment{cutout = 29} end)
fails("¿Querías decir «shift»?", function() s:augment{shif = 1} end)
fails("padding", function() s:augment{padding = "wrap"} end)
fails("solo se aumentan imágenes", function() data.spiral{n = 20}:augment{flip = true} end)
function train(set)
    lab.seed(3)
    local m = nn.Sequential{nn.Flatten(), nn.Dense(10)}
    m:compile{optimizer = "adam", loss = "sparse_categorical_crossentropy"}
    local h = m:fit{set, epochs = 2, verbose = 0}
    return h.history.loss[2], m
end
plain, again, changed = train(a:augment{}), train(a:augment{}), train(a)
assert(plain == again and plain ~= changed and changed == train(a))
_, m = train(a)
file = os.tmpname()
m:save(file)
assert(nn.load(file):predict(a.x_test) == m:predict(a.x_test))
_, raw = train(s)
assert(raw:predict(a.x_test) ~= m:predict(a.x_test))
os.remove(file)

path = os.tmpname()
f = io.open(path, "w")
f:write("largo,ancho,especie\n1.5,2,rosa\n3,4.5,lirio\n2,2,rosa\n4,4,lirio\n")
f:close()
csv = data.csv(path)
assert(#csv.x_train == 4 and csv.features[1] == "largo" and #csv.classes == 2)
assert(#data.csv{path, header = true}.x_train == 4)
fails("línea 1", function() data.csv{path, header = false} end)
fails("rosa", function() data.csv{path, label = "largo", regression = true} end)
fails("especi", function() data.csv{path, label = "especi"} end)
os.remove(path)

-- Folders of pictures.
f = data.folder("tests/lua/folder")
assert(f.name == "folder" and f.classes[1] == "círculo" and f.classes[2] == "raya")
assert(#f.x_train == 4 and f.x_train.shape[2] == 3 and f.x_train.shape[4] == 3)
assert(#data.folder{"tests/lua/folder", size = {8, 6}, gray = true, test = 0.5}.x_test == 2)
assert(data.folder{"tests/lua/folder", size = 8, gray = true}.x_train.shape[4] == 1)
assert(string.find(tostring(f:augment{flip = true, normalise = true}), "flip", 1, true))
fails("no se puede abrir la carpeta", function() data.folder("no_existe") end)
fails("{alto, ancho}", function() data.folder{"tests/lua/folder", size = {8}} end)
fails("de 1 a 4096", function() data.folder{"tests/lua/folder", size = 5000} end)
fails("no hay imágenes PNG", function() data.folder("tests/lua") end)
fails("¿Querías decir «gray»?", function() data.folder{"tests/lua/folder", gra = true} end)

fails("0.5", function() data.spiral{noise = 2} end)
fails("¿Querías decir «noise»?", function() data.spiral{nois = 0.1} end)
fails("¿Querías decir «validation»?", function() d:split{valid = 0.1} end)
fails("validation", function() d:split(1.5) end)
fails("200", function() d:subset(500) end)
fails("no_existe", function() data.cifar10("no_existe") end)
fails("train-images", function() data.mnist{path = "tests/lua"} end)
fails("no_existe.csv", function() data.csv("/no_existe.csv") end)
fails("¿Querías decir «x_train»?", function() return d.x_trai end)
fails("no se asignan", function() d.x_train = 3 end)
assert(string.find(tostring(d), "200 de entrenamiento", 1, true))
