"""Losses of ten full-batch steps of a small network, by NumPy in float64 and derivatives written
out by hand: nothing is shared with the engine. Writes mlp_losses.h beside this file.

    python3 make_mlp_losses.py
"""
import pathlib

import numpy as np

N, IN, HIDDEN, OUT, STEPS = 12, 20, 16, 10, 10


def start():
    grid = lambda a, b, rows, cols: a * np.arange(rows)[:, None] + b * np.arange(cols)[None, :]
    single = lambda v: v.astype(np.float32).astype(np.float64)  # what the engine is given
    x = single(np.sin(grid(0.7, 1.3, N, IN)))
    w1 = single(0.3 * np.cos(grid(1.1, 0.5, IN, HIDDEN) + 0.2))
    w2 = single(0.3 * np.cos(grid(0.9, 1.7, HIDDEN, OUT) + 0.4))
    label = (np.arange(N) * 7 + 3) % OUT
    return x, label, [w1, np.zeros(HIDDEN), w2, np.zeros(OUT)]


def relu(z):
    return np.maximum(z, 0), lambda a, g: g * (a > 0)


def tanh(z):
    return np.tanh(z), lambda a, g: g * (1 - a * a)


def sigmoid(z):
    return 1 / (1 + np.exp(-z)), lambda a, g: g * a * (1 - a)


def cross_entropy(z, label):
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    hot = np.eye(OUT)[label]
    return -np.mean(np.log(p[np.arange(N), label])), (p - hot) / N


def squared(z, label):
    d = z - np.eye(OUT)[label]
    return np.mean(d * d), 2 * d / d.size


def gradients(activation, loss, x, label, w):
    a, back = activation(x @ w[0] + w[1])
    value, dz2 = loss(a @ w[2] + w[3], label)
    dz1 = back(a, dz2 @ w[2].T)
    return value, [x.T @ dz1, dz1.sum(0), a.T @ dz2, dz2.sum(0)]


def sgd(rate, momentum, nesterov=False):
    velocity = [0, 0, 0, 0]

    def step(t, w, g):
        for i in range(4):
            velocity[i] = momentum * velocity[i] - rate * g[i]
            w[i] = w[i] + (momentum * velocity[i] - rate * g[i] if nesterov else velocity[i])

    return step


def adam(rate, beta1=0.9, beta2=0.999, epsilon=1e-7):
    m, v = [0, 0, 0, 0], [0, 0, 0, 0]

    def step(t, w, g):
        for i in range(4):
            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] ** 2
            size = rate * np.sqrt(1 - beta2**t) / (1 - beta1**t)  # epsilon as in Keras
            w[i] = w[i] - size * m[i] / (np.sqrt(v[i]) + epsilon)

    return step


RUNS = [
    ("relu_xent_sgd", relu, cross_entropy, sgd(0.1, 0.0)),
    ("relu_xent_momentum", relu, cross_entropy, sgd(0.05, 0.9)),
    ("tanh_xent_nesterov", tanh, cross_entropy, sgd(0.05, 0.9, True)),
    ("relu_xent_adam", relu, cross_entropy, adam(0.01)),
    ("sigmoid_mse_adam", sigmoid, squared, adam(0.02)),
]


def main():
    lines = ["/* Written by make_mlp_losses.py (NumPy " + np.__version__ + ", float64). */"]
    for name, activation, loss, step in RUNS:
        x, label, w = start()
        values = []
        for t in range(1, STEPS + 1):
            value, g = gradients(activation, loss, x, label, w)
            values.append(value)
            step(t, w, g)
        lines.append(f"static const double {name}[{STEPS}] = {{")
        lines += [f"    {v:.17g}," for v in values]
        lines.append("};")
    out = pathlib.Path(__file__).with_name("mlp_losses.h")
    out.write_text("\n".join(lines) + "\n")


main()
