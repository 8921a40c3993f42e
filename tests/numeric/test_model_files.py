"""Files of models as the rest of the world reads them: the safetensors package reads what m:save
wrote and writes what m:load_weights reads; the onnx checker accepts what m:export_onnx wrote, and
onnxruntime computes the same outputs from it."""
import json
import re
import struct
import subprocess

import numpy as np
import onnx
import onnxruntime
import pytest
import safetensors
import safetensors.numpy

import sandbox

PRELUDE = """
local function put(path, t)
    local f, at = assert(io.open(path, "wb")), {}
    f:write(table.concat(t.shape, " "), "\\n")
    for _, v in ipairs(t:flatten():tolist()) do at[#at + 1] = string.pack("<f", v) end
    f:write(table.concat(at))
    f:close()
end
lab.seed(11)
"""


def run(folder, script):
    """Runs a Lua script in `folder`; returns what it printed."""
    (folder / "script.lua").write_text(PRELUDE + script)
    done = subprocess.run([sandbox.program(), "run", "script.lua"], cwd=folder, capture_output=True,
                          text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def get(path):
    """A tensor that put() wrote."""
    head, _, numbers = path.read_bytes().partition(b"\n")
    return np.frombuffer(numbers, "<f4").reshape([int(v) for v in head.split()])


# ------------------------------------------------------------------------------------- ONNX

def infer(path, x):
    """The checked model's output by onnxruntime."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [v.name for v in session.get_inputs()] == ["input"]
    assert [v.name for v in session.get_outputs()] == ["output"]
    assert session.get_inputs()[0].shape[0] == "N" and session.get_outputs()[0].shape[0] == "N"
    return session.run(None, {"input": x})[0], model


def same_outputs(folder, layers, shape, rows=3):
    """Nabla's predictions and onnxruntime's, for inputs that also reach the activations' tails.
    One step of training first, so that moving statistics are not what they began with."""
    run(folder, f"""
local m = nn.Sequential{{{layers}}}
local x = tensor.randn{{{rows}, {shape}, seed = 5}} * 3
m:build{{{shape}}}
m:compile{{optimizer = optim.SGD{{learning_rate = 1e-3}}, loss = "mse", metrics = {{}}}}
local y = m:predict(x)
if m.n_params > 0 then m:fit{{x, y * 0.9 + 0.1, epochs = 1, verbose = 0}} end
put("x", x)
put("y", m:predict(x))
m:export_onnx("m.onnx")
""")
    y, model = infer(folder / "m.onnx", get(folder / "x"))
    np.testing.assert_allclose(y, get(folder / "y"), rtol=1e-4, atol=1e-4)
    alone, _ = infer(folder / "m.onnx", get(folder / "x")[:1])  # any number of examples
    np.testing.assert_allclose(alone, y[:1], rtol=1e-5, atol=1e-5)
    return model


def activations():
    """The names that the engine knows, from its one list."""
    source = (sandbox.ROOT / "engine/model").glob("*.c")
    found = [re.search(r"nn_activation_names\[\] =([^;]*);", f.read_text()) for f in source]
    text = "".join(re.findall(r'"([^"]*)"', next(m for m in found if m).group(1)))
    return text.split("|")


@pytest.mark.parametrize("name", activations())
def test_every_activation(tmp_path, name):
    same_outputs(tmp_path, f'nn.Activation("{name}")', "4, 6")
    same_outputs(tmp_path, f'nn.Dense{{4, activation = "{name}"}}, nn.Dense(2)', "6")


@pytest.mark.parametrize("layers, shape", [
    ('nn.Flatten(), nn.Dense{16, activation = "relu"}, nn.Dropout(0.3), '
     'nn.Dense{10, activation = "softmax"}', "5, 4, 2"),
    ("nn.Dense{3, use_bias = false}", "7"),
    ('nn.Input{5, 4}, nn.Dense{3, activation = "tanh"}, nn.Dense{2, use_bias = false}', "5, 4"),
    ("nn.Dropout(0.5)", "4"),
    ("nn.Flatten()", "4"),
])
def test_outputs_of_networks_on_vectors(tmp_path, layers, shape):
    same_outputs(tmp_path, layers, shape)


def test_every_layer_has_its_row():
    """A layer that the language gains is refused by m:export_onnx until it has one."""
    model = sandbox.ROOT / "engine/model"
    text = "".join(f.read_text() for f in model.glob("layers_*.c"))
    types = set(re.findall(r'(?:\.name = |ROW\()"([A-Z]\w+)"', text))
    text = "".join(f.read_text() for f in model.glob("onnx_*.c"))
    assert len(types) > 15 and types == set(re.findall(r'\{"([A-Z]\w+)",\s*write_', text))


SAME, VALID = '"same"', '"valid"'


@pytest.mark.parametrize("layers, shape", [
    (f'nn.Conv2D{{3, 3, strides = {s}, padding = {p}, dilation_rate = {d}, activation = "relu"}}',
     "9, 8, 2")
    for s, d in ((1, 1), (2, 1), (3, 1), (1, 2)) for p in (SAME, VALID)
] + [
    ('nn.Conv2D{4, {2, 5}, padding = "same", use_bias = false}', "7, 11, 1"),
    ('nn.Conv2D{6, 3, groups = 2}', "6, 6, 4"),
    ('nn.DepthwiseConv2D{3, depth_multiplier = 2, padding = "same"}', "6, 5, 3"),
    ('nn.DepthwiseConv2D{2, strides = 2, activation = "tanh", use_bias = false}', "6, 5, 3"),
    ('nn.SeparableConv2D{5, 3, depth_multiplier = 2, strides = 2, padding = "same"}', "7, 8, 3"),
    ('nn.Conv2D{3, 1}, nn.Activation("softmax"), nn.Conv2D{2, 3}', "5, 5, 2"),
])
def test_convolutions(tmp_path, layers, shape):
    same_outputs(tmp_path, layers, shape)


@pytest.mark.parametrize("kind", ["Max", "Average"])
@pytest.mark.parametrize("options, shape", [
    ("2", "6, 8, 3"), ("2", "7, 5, 2"), ("3, strides = 2", "7, 8, 2"),
    ('2, padding = "same"', "7, 5, 2"), ('{3, 2}, strides = 1, padding = "same"', "5, 4, 1"),
    ('3, strides = 3, padding = "same"', "10, 11, 2"),
])
def test_pooling(tmp_path, kind, options, shape):
    same_outputs(tmp_path, f"nn.{kind}Pooling2D{{{options}}}", shape)


@pytest.mark.parametrize("kind", ["Max", "Average"])
def test_pooling_of_whole_images(tmp_path, kind):
    same_outputs(tmp_path, f"nn.Conv2D(3, 3), nn.Global{kind}Pooling2D(), nn.Dense(2)", "6, 5, 2")
    same_outputs(tmp_path, f"nn.Global{kind}Pooling2D{{keepdims = true}}", "6, 5, 2")


def test_a_convolutional_network(tmp_path):
    """Flatten behind a convolution keeps the order of the model, channels last; the graph turns
    an image twice, no more."""
    model = same_outputs(tmp_path, """nn.Conv2D{8, 3, padding = "same", activation = "relu"},
        nn.MaxPooling2D(2), nn.Conv2D{6, 3, activation = "relu"}, nn.AveragePooling2D(2),
        nn.Dropout(0.2), nn.Flatten(), nn.Dense{16, activation = "relu"},
        nn.Dense{10, activation = "softmax"}""", "14, 12, 3", rows=5)
    kinds = [n.op_type for n in model.graph.node]
    assert kinds.count("Transpose") == 2 and "Dropout" not in kinds


BLOCK = 'nn.Conv2D{4, 3, padding = "same", activation = "relu"}'


@pytest.mark.parametrize("layers, shape", [
    ('nn.Sequential{nn.Dense{4, activation = "relu"}, nn.Dense(3)}, nn.Dense(2)', "5"),
    ('nn.Residual{nn.Dense{5, activation = "tanh"}, nn.Dense(5), activation = "relu"}', "5"),
    ('nn.Residual{nn.Dense(3), shortcut = nn.Dense(3)}', "5"),
    (f'nn.Residual{{{BLOCK}, nn.Conv2D{{4, 3, padding = "same"}}, activation = "relu"}}, '
     'nn.GlobalAveragePooling2D()', "6, 5, 4"),
    (f'{BLOCK}, nn.Residual{{nn.Conv2D{{6, 3, strides = 2, padding = "same"}}, '
     'shortcut = nn.Conv2D{6, 1, strides = 2}}, nn.Flatten(), nn.Dense(2)', "6, 5, 3"),
    ('nn.Residual{nn.Dense(3), nn.Residual{nn.Dense{3, use_bias = false}}}', "6, 5, 3"),
    ('nn.Residual{nn.Conv2D{3, 3, padding = "same"}, nn.Activation("softmax")}', "6, 5, 3"),
    ('nn.Concatenate{nn.Dense(3), nn.Sequential{nn.Dense{4, activation = "relu"}, nn.Dense(2)}}, '
     'nn.Dense(2)', "5"),
    (f'nn.Concatenate{{{BLOCK}, nn.MaxPooling2D{{3, strides = 1, padding = "same"}}, '
     'nn.Conv2D(5, 1)}, nn.Flatten()', "6, 5, 3"),
    (f'nn.Concatenate{{{BLOCK}, nn.Dense(2)}}', "6, 5, 3"),
    ('nn.Concatenate{nn.Conv2D(4, 3), nn.Conv2D(4, {2, 3}), axis = 2}', "6, 5, 3"),
    ('nn.Concatenate{nn.Conv2D(4, 3), nn.Conv2D(4, {3, 2}), axis = -2}', "6, 5, 3"),
])
def test_layers_of_layers(tmp_path, layers, shape):
    same_outputs(tmp_path, layers, shape)


@pytest.mark.parametrize("layers, shape", [
    ('nn.Dense(4), nn.BatchNormalization(), nn.Activation("relu"), nn.Dense(2)', "5"),
    ('nn.Conv2D(4, 3), nn.BatchNormalization{momentum = 0.5}, nn.Activation("relu"), '
     'nn.MaxPooling2D(2), nn.Flatten(), nn.Dense(2)', "6, 5, 3"),
    ('nn.BatchNormalization{momentum = 0.3, scale = false}', "6, 5, 3"),
    ('nn.BatchNormalization{momentum = 0.3, center = false, epsilon = 0.1}', "6, 3"),
    ('nn.BatchNormalization{momentum = 0.3}', "4, 6, 5, 3"),
    ('nn.LayerNormalization{epsilon = 0.01}', "7"),
    ('nn.Conv2D(4, 3), nn.LayerNormalization{scale = false}', "6, 5, 3"),
    ('nn.LayerNormalization{center = false}', "6, 3"),
    ('nn.Reshape{4, 3, 2}, nn.Conv2D(3, 2), nn.Reshape{18}', "24"),
    ('nn.ZeroPadding2D(2), nn.Conv2D(3, 3), nn.ZeroPadding2D{{0, 1}}', "6, 5, 3"),
    ('nn.Features{squares = true, products = true, sines = true}, nn.Dense(2)', "4"),
    ('nn.Features{products = true}', "3"), ('nn.Features{sines = true, products = true}', "1"),
    ('nn.Features(), nn.Dense(2)', "3"),
])
def test_normalisation_reshaping_and_padding(tmp_path, layers, shape):
    same_outputs(tmp_path, layers, shape)


def test_names_and_metadata(tmp_path):
    run(tmp_path, """
local d = data.digits{n_train = 100, n_test = 20}
local m = nn.Sequential{nn.Flatten(), nn.Dense{8, activation = "relu"}, nn.Dense(10)}
m:compile{loss = "sparse_categorical_crossentropy"}
m:fit{d, epochs = 1, verbose = 0}
put("x", d.x_test:to("float32"))
put("y", m:predict(d.x_test))
m:export_onnx("plain.onnx")
m:export_onnx{"whole.onnx", normalise = true}
""")
    x, y = get(tmp_path / "x"), get(tmp_path / "y")
    assert x.max() > 100
    out, model = infer(tmp_path / "whole.onnx", x)
    np.testing.assert_allclose(out, y, rtol=1e-4, atol=1e-4)
    meta = {p.key: json.loads(p.value) for p in model.metadata_props}
    assert meta["normalise"]["applied"] is True and len(meta["classes"]) == 10
    out, model = infer(tmp_path / "plain.onnx", x)
    assert np.abs(out - y).max() > 1
    meta = {p.key: json.loads(p.value) for p in model.metadata_props}
    given = x * meta["normalise"]["scale"] + meta["normalise"]["offset"]
    np.testing.assert_allclose(infer(tmp_path / "plain.onnx", given.astype(np.float32))[0], y,
                               rtol=1e-4, atol=1e-4)
    assert model.producer_name == "nabla" and model.producer_version
    nodes = [n.name for n in model.graph.node]
    assert nodes == ["flatten/Flatten", "dense/Gemm", "dense/Relu", "dense_1/Gemm"]
    assert len(model.graph.value_info) == len(nodes) - 1
    assert [t.name for t in model.graph.initializer] == ["dense/kernel", "dense/bias",
                                                         "dense_1/kernel", "dense_1/bias"]


# -------------------------------------------------------------------------------- safetensors

def test_the_safetensors_package_reads_our_files(tmp_path):
    run(tmp_path, """
local m = nn.Sequential{nn.Dense{5, activation = "relu"}, nn.Dense(2)}
m:compile{optimizer = "adam", loss = "mse", metrics = {}}
m:fit{tensor.randn{8, 3, seed = 1}, tensor.randn{8, 2, seed = 2}, epochs = 2, verbose = 0}
m:save("m.safetensors")
m:save{"w.safetensors", optimizer = false}
put("kernel", m:parameters()[1])
""")
    tensors = safetensors.numpy.load_file(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(tensors["dense/kernel"], get(tmp_path / "kernel"))
    assert tensors["optimizer/dense_1/bias/velocity"].shape == (2,)
    with safetensors.safe_open(tmp_path / "m.safetensors", "np") as f:
        assert f.metadata()["format"] == "nabla"
        model = json.loads(f.metadata()["nabla.model"])
    assert [row["type"] for row in model["layers"]] == ["Dense", "Dense"]
    assert len(model["history"]["columns"]["loss"]) == 2
    weights = safetensors.numpy.load_file(tmp_path / "w.safetensors")
    assert sorted(weights) == ["dense/bias", "dense/kernel", "dense_1/bias", "dense_1/kernel"]


def torch_order(kernel):
    """A dense kernel (in, out) as PyTorch keeps it."""
    return np.ascontiguousarray(kernel.T)


def loaded_output(folder, layers, shape, tensors, call="m:load_weights('w.safetensors')"):
    """What Nabla computes with weights that the safetensors package wrote, and for which x."""
    safetensors.numpy.save_file(tensors, folder / "w.safetensors")
    run(folder, f"""
local m = nn.Sequential{{{layers}}}
local x = tensor.randn{{4, {shape}, seed = 5}}
m:build{{{shape}}}
{call}
put("x", x)
put("y", m:predict(x))
""")
    return get(folder / "x").astype(np.float64), get(folder / "y")


def dense_pair(dtype=np.float32):
    rng = np.random.default_rng(1)
    return [rng.normal(size=s).astype(dtype) for s in ((3, 5), (5,), (5, 2), (2,))]


TWO = 'nn.Dense{5, activation = "relu"}, nn.Dense(2)'


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_weights_by_name(tmp_path, dtype):
    k, b, k2, b2 = dense_pair(dtype)
    x, y = loaded_output(tmp_path, TWO, "3", {"dense/kernel": k, "dense/bias": b,
                                              "dense_1/kernel": k2, "dense_1/bias": b2})
    want = np.maximum(x @ k.astype(float) + b, 0) @ k2.astype(float) + b2
    np.testing.assert_allclose(y, want, rtol=1e-5, atol=1e-5)


def test_brain_floats_and_halves_bit_for_bit(tmp_path):
    """Every kind of number: subnormal, largest, infinite, negative zero."""
    half = np.array([0x0001, 0x03ff, 0x0400, 0x7bff, 0xfbff, 0x7c00, 0x8000, 0x3555], "<u2")
    brain = np.array([0x0001, 0x3f80, 0x4049, 0x7f7f, 0xff80, 0x8000, 0x3eab, 0xc2f7], "<u2")
    for name, bits, want in (
            ("F16", half, half.view(np.float16).astype("<f4")),
            ("BF16", brain, (brain.astype("<u4") << 16).view("<f4"))):
        rows = {"dense/bias": {"dtype": name, "shape": [8], "data_offsets": [0, 16]},
                "dense/kernel": {"dtype": name, "shape": [1, 8], "data_offsets": [16, 32]}}
        head, data = json.dumps(rows), bits.tobytes() + bits.tobytes()
        (tmp_path / "w.safetensors").write_bytes(struct.pack("<Q", len(head)) + head.encode() + data)
        run(tmp_path, """
local m = nn.Sequential{nn.Dense(8)}
m:build(1)
m:load_weights("w.safetensors")
m:save("m.safetensors")
""")
        back = safetensors.numpy.load_file(tmp_path / "m.safetensors")
        assert back["dense/bias"].tobytes() == want.tobytes(), name


def test_weights_in_the_order_of_the_file(tmp_path):
    k, b, k2, b2 = dense_pair()
    # save_file sorts by name
    x, y = loaded_output(tmp_path, TWO, "3", {"a": k, "b": b, "c": k2, "d": b2})
    np.testing.assert_allclose(y, np.maximum(x @ k + b, 0) @ k2 + b2, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("first, second, call", [
    ("2", "10", "m:load_weights{'w.safetensors', layout = 'pytorch'}"),
    ("fc1", "fc2", "m:load_weights{'w.safetensors', layout = 'pytorch'}"),
    ("features.0", "classifier.1", "m:load_weights{'w.safetensors', layout = 'pytorch', "
                                   "modules = {'features.0', 'classifier.1'}}"),
])
def test_weights_of_pytorch_modules(tmp_path, first, second, call):
    k, b, k2, b2 = dense_pair()
    x, y = loaded_output(tmp_path, TWO, "3", {
        first + ".weight": torch_order(k), first + ".bias": b,
        second + ".weight": torch_order(k2), second + ".bias": b2}, call)
    np.testing.assert_allclose(y, np.maximum(x @ k + b, 0) @ k2 + b2, rtol=1e-5, atol=1e-5)


def test_a_dense_layer_behind_flatten_counts_channels_first_in_pytorch(tmp_path):
    rng = np.random.default_rng(2)
    w = rng.normal(size=(3, 2 * 4 * 5)).astype(np.float32)  # of (c, h, w) = (2, 4, 5)
    b = rng.normal(size=3).astype(np.float32)
    x, y = loaded_output(tmp_path, "nn.Flatten(), nn.Dropout(0.1), nn.Dense(3)", "4, 5, 2",
                         {"1.weight": w, "1.bias": b},
                         "m:load_weights{'w.safetensors', layout = 'pytorch'}")
    want = x.transpose(0, 3, 1, 2).reshape(4, -1) @ w.T + b
    np.testing.assert_allclose(y, want, rtol=1e-5, atol=1e-5)


def convolve(x, w, b, groups=1):
    """PyTorch's own definition: x (n, c, h, w), w (oc, c / groups, kh, kw), no padding."""
    n, c, height, width = x.shape
    oc, part, kh, kw = w.shape
    y = np.zeros((n, oc, height - kh + 1, width - kw + 1))
    for o in range(oc):
        first = o // (oc // groups) * part
        for i in range(y.shape[2]):
            for j in range(y.shape[3]):
                window = x[:, first:first + part, i:i + kh, j:j + kw]
                y[:, o, i, j] = (window * w[o]).sum((1, 2, 3)) + b[o]
    return y


@pytest.mark.parametrize("layer, c, shape, groups", [
    ("nn.Conv2D(4, {3, 2})", 2, (4, 2, 3, 2), 1),
    ("nn.Conv2D{4, 3, groups = 2}", 6, (4, 3, 3, 3), 2),
    ("nn.DepthwiseConv2D{2, depth_multiplier = 2}", 3, (6, 1, 2, 2), 3),
])
def test_weights_of_a_convolutional_network_of_pytorch(tmp_path, layer, c, shape, groups):
    """Images that PyTorch sees as (c, h, w), and its Flatten behind the convolution."""
    rng = np.random.default_rng(3)
    w, b = rng.normal(size=shape).astype(np.float32), rng.normal(size=shape[0]).astype(np.float32)
    features = shape[0] * (6 - shape[2]) * (7 - shape[3])
    w2, b2 = rng.normal(size=(3, features)).astype(np.float32), rng.normal(size=3).astype(np.float32)
    x, y = loaded_output(
        tmp_path, f'{layer}, nn.Activation("relu"), nn.Flatten(), nn.Dense(3)', f"5, 6, {c}",
        {"conv.weight": w, "conv.bias": b, "fc.weight": w2, "fc.bias": b2},
        "m:load_weights{'w.safetensors', layout = 'pytorch'}")
    deep = np.maximum(convolve(x.transpose(0, 3, 1, 2), w, b, groups), 0)
    np.testing.assert_allclose(y, deep.reshape(4, -1) @ w2.T + b2, rtol=1e-4, atol=1e-4)


def test_batch_normalisation_of_pytorch(tmp_path):
    rng = np.random.default_rng(4)
    k, b, _, _ = dense_pair()
    gamma, beta, mean = (rng.normal(size=5).astype(np.float32) for _ in range(3))
    variance = rng.uniform(0.5, 2, size=5).astype(np.float32)
    x, y = loaded_output(
        tmp_path, "nn.Dense(5), nn.BatchNormalization{epsilon = 1e-5}", "3",
        {"0.weight": torch_order(k), "0.bias": b, "1.weight": gamma, "1.bias": beta,
         "1.running_mean": mean, "1.running_var": variance,
         "1.num_batches_tracked": np.array(7, np.int64)},
        "m:load_weights{'w.safetensors', layout = 'pytorch'}")
    want = (x @ k + b - mean) / np.sqrt(variance + 1e-5) * gamma + beta
    np.testing.assert_allclose(y, want, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("tensors, layout, says", [
    ({"0.weight": (5, 3), "0.bias": (5,), "2.weight": (2, 5), "2.bias": (2,)}, "nabla",
     "«0.bias» tiene forma (5,) y para dense/kernel se espera (3, 5)"),
    ({"0.weight": (5, 3), "1.bias": (5,), "2.weight": (2, 5), "3.bias": (2,)}, "nabla",
     "layout = \"pytorch\""),
    ({"0.weight": (5, 3), "2.weight": (2, 5)}, "pytorch", "no tiene «0.bias»"),
    ({"0.weight": (5, 3), "0.bias": (5,), "2.weight": (2, 5), "2.bias": (2,), "4.bias": (1,)},
     "pytorch", "3 módulos con pesos y el modelo 2 capas"),
    ({"0.weight": (5, 3), "0.bias": (5,), "0.alpha": (1,), "2.weight": (2, 5), "2.bias": (2,)},
     "pytorch", "«0.alpha»"),
    ({"0.weight": (5, 4), "0.bias": (5,), "2.weight": (2, 5), "2.bias": (2,)}, "pytorch",
     "«0.weight» tiene forma (5, 4) y para dense/kernel se espera (5, 3)"),
    ({"a": (3, 5)}, "nabla", "1 tensores de pesos y el modelo 4 parámetros"),
    ({"dense/kernel": (3, 5)}, "nabla", "no tiene «dense/bias»"),
])
def test_weights_that_do_not_fit_are_named(tmp_path, tensors, layout, says):
    save = {name: np.zeros(shape, np.float32) for name, shape in tensors.items()}
    if layout == "nabla" and "1.bias" in save:  # the order of the file is that of the names
        save = {str(i): v for i, v in enumerate(save.values())}
    safetensors.numpy.save_file(save, tmp_path / "w.safetensors")
    said = run(tmp_path, f"""
local m = nn.Sequential{{{TWO}}}
m:build(3)
local x = tensor.randn{{2, 3, seed = 1}}
local was = m:predict(x)
local ok, why = pcall(function() m:load_weights{{"w.safetensors", layout = "{layout}"}} end)
assert(not ok and m:predict(x) == was)
print(why)
""")
    assert says in said


def test_weights_of_layers_of_layers(tmp_path):
    k, b, k2, b2 = dense_pair()
    tensors = {"body.0.weight": torch_order(k), "body.0.bias": b, "body.2.weight": torch_order(k2),
               "body.2.bias": b2, "skip.weight": torch_order(k @ k2), "skip.bias": b2}
    x, y = loaded_output(
        tmp_path, 'nn.Residual{nn.Dense{5, activation = "relu"}, nn.Dense(2), shortcut = nn.Dense(2)}',
        "3", tensors, "m:load_weights{'w.safetensors', layout = 'pytorch'}")
    want = np.maximum(x @ k + b, 0) @ k2 + b2 + x @ (k @ k2) + b2
    np.testing.assert_allclose(y, want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("inside", ["nn.Residual{nn.Dense(8)}, nn.Dense(2)",
                                    "nn.Concatenate{nn.Dense(8), nn.Dropout(0.1)}, nn.Dense(2)"])
def test_an_order_that_cannot_be_known_is_refused(tmp_path, inside):
    zeros = {"0.weight": np.zeros((8, 8), np.float32), "0.bias": np.zeros(8, np.float32)}
    safetensors.numpy.save_file(zeros, tmp_path / "w.safetensors")
    said = run(tmp_path, f"""
local m = nn.Sequential{{nn.Flatten(), {inside}}}
m:build{{2, 2, 2}}
print(select(2, pcall(function() m:load_weights{{"w.safetensors", layout = "pytorch"}} end)))
""")
    assert "imagen aplanada" in said
