"""Ten steps of every optimizer, and learning rate schedules, by Keras 3 itself on its NumPy backend
(float32): nothing is shared with the engine. Writes optim_steps.h beside this file.

    KERAS_BACKEND=numpy python3 make_optim_steps.py        (pip install keras numpy scipy jax)
"""
import os
import pathlib

os.environ["KERAS_BACKEND"] = "numpy"
import keras
import numpy as np

SIZES, STEPS = (7, 3), 10
O = keras.optimizers
S = keras.optimizers.schedules

OPTIMIZERS = [
    ("sgd", O.SGD(learning_rate=0.05)),
    ("sgd_momentum_decay", O.SGD(learning_rate=0.05, momentum=0.9, weight_decay=0.1)),
    ("sgd_nesterov", O.SGD(learning_rate=0.05, momentum=0.8, nesterov=True)),
    ("sgd_clipnorm", O.SGD(learning_rate=0.05, clipnorm=0.7)),
    ("sgd_global_clipnorm", O.SGD(learning_rate=0.05, global_clipnorm=0.7)),
    ("sgd_clipvalue", O.SGD(learning_rate=0.05, clipvalue=0.3)),
    ("adam", O.Adam(learning_rate=0.02, epsilon=1e-3)),
    ("adam_amsgrad", O.Adam(learning_rate=0.02, beta_2=0.6, amsgrad=True, weight_decay=0.05)),
    ("adamw", O.AdamW(learning_rate=0.02)),
    ("rmsprop", O.RMSprop(learning_rate=0.01, epsilon=1e-3)),
    ("rmsprop_momentum_centered",
     O.RMSprop(learning_rate=0.01, rho=0.8, momentum=0.5, centered=True, weight_decay=0.1)),
    ("adagrad", O.Adagrad(learning_rate=0.05, epsilon=1e-3)),
    ("sgd_schedule", O.SGD(learning_rate=S.ExponentialDecay(0.1, 4, 0.5))),
]
AT = [0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 14, 15, 19, 20, 25]
SCHEDULES = [
    ("exponential", S.ExponentialDecay(0.1, 5, 0.5)),
    ("stairs", S.ExponentialDecay(0.1, 5, 0.5, staircase=True)),
    ("cosine", S.CosineDecay(0.1, 20, alpha=0.1)),
    ("cosine_warmup", S.CosineDecay(0.0, 15, alpha=0.1, warmup_target=0.2, warmup_steps=5)),
    ("piecewise", S.PiecewiseConstantDecay([5, 14], [0.1, 0.02, 0.003])),
]


def gradient(w, parameter, t):
    return np.sin(3 * w + 0.7 * np.arange(w.size) + parameter) + 0.1 * t * np.cos(w)


def run(optimizer):
    w = [keras.Variable(0.4 * np.cos(1.3 * np.arange(n) + k))
         for k, n in enumerate(SIZES)]
    optimizer.build(w)
    for t in range(STEPS):
        optimizer.apply([gradient(keras.ops.convert_to_numpy(v), k, t) for k, v in enumerate(w)])
    return np.concatenate([keras.ops.convert_to_numpy(v) for v in w])


def row(name, values, size):
    lines = [f"static const double {name}[{size}] = {{"]
    return lines + [f"    {v:.9g}," for v in values] + ["};"]


def main():
    lines = [f"/* Written by make_optim_steps.py (Keras {keras.__version__}, float32). */"]
    for name, optimizer in OPTIMIZERS:
        lines += row("steps_" + name, run(optimizer), sum(SIZES))
    lines += row("rate_at", AT, len(AT))
    for name, schedule in SCHEDULES:
        lines += row("rate_" + name, [float(schedule(t)) for t in AT], len(AT))
    pathlib.Path(__file__).with_name("optim_steps.h").write_text("\n".join(lines) + "\n")


main()
