"""Convolution, pooling and normalisation of small images, and the losses of ten steps of a
convolutional network, by NumPy in float64 from the definitions, derivatives written out by hand:
nothing is shared with the engine. Writes image_ops.h beside this file.

    python3 make_image_ops.py
"""
import pathlib

import numpy as np


def numbers(*shape, a=0.7, b=0.3):
    return np.sin(a * np.arange(int(np.prod(shape))) + b).reshape(shape)


def frame(size, window, stride, dilation, same):
    """Output size and zeros before and after, as TensorFlow documents "same" and "valid"."""
    reach = (window - 1) * dilation + 1
    if not same:
        return (size - reach) // stride + 1, 0, 0
    out = -(-size // stride)
    total = max((out - 1) * stride + reach - size, 0)
    return out, total // 2, total - total // 2


def windows(x, window, stride=(1, 1), dilation=(1, 1), same=False, fill=0.0):
    """(n, oh, ow, kh, kw, c): what lies under the window at every place."""
    (oh, top, bottom), (ow, left, right) = (
        frame(x.shape[1 + i], window[i], stride[i], dilation[i], same) for i in (0, 1))
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=fill)
    rows = np.arange(oh)[:, None] * stride[0] + np.arange(window[0]) * dilation[0]
    cols = np.arange(ow)[:, None] * stride[1] + np.arange(window[1]) * dilation[1]
    return x[:, rows[:, None, :, None], cols[None, :, None, :]]


def conv(x, k, groups=1, **frame_of):
    parts = zip(np.split(x, groups, 3), np.split(k, groups, 3))
    return np.concatenate([np.einsum("nijuvc,uvco->nijo", windows(a, k.shape[:2], **frame_of), b)
                           for a, b in parts], 3)


def pool(x, f, fill, window, **frame_of):
    return f(windows(x, window, fill=fill, **frame_of), axis=(3, 4))


def normal(x, axes, mean=None, variance=None, epsilon=1e-3):
    mean = x.mean(axes, keepdims=True) if mean is None else mean
    variance = x.var(axes, keepdims=True) if variance is None else variance
    return (x - mean) / np.sqrt(variance + epsilon)


def ops():
    x = numbers(2, 7, 6, 4)
    k, wide, deep = (numbers(*s, a=1.1, b=0.2) for s in ((3, 2, 4, 3), (3, 3, 2, 6), (3, 3, 1, 8)))
    bias = numbers(3, a=0.9)
    gamma, beta, mean, variance = (numbers(4, a=0.4, b=b) + c
                                   for b, c in ((0.1, 1), (0.5, 0), (0.9, 0), (1.3, 2)))
    yield "conv_valid", conv(x, k) + bias
    yield "conv_same", conv(x, k, same=True)
    yield "conv_stride", conv(x, k, stride=(2, 3), same=True)
    yield "conv_dilated", conv(x, k, dilation=(2, 3))
    yield "conv_groups", conv(x, wide, groups=2, stride=(1, 2), same=True)
    yield "conv_depthwise", conv(x, deep, groups=4)
    yield "max_same", pool(x, np.max, -np.inf, (3, 2), stride=(2, 2), same=True)
    yield "mean_same", pool(x, np.nanmean, np.nan, (3, 4), stride=(2, 2), same=True)
    yield "global_max", x.max((1, 2))
    yield "global_mean", x.mean((1, 2))
    yield "batch_train", gamma * normal(x, (0, 1, 2)) + beta
    yield "batch_infer", gamma * normal(x, (0, 1, 2), mean, variance) + beta
    yield "moving_mean", 0.9 * mean + 0.1 * x.mean((0, 1, 2))
    yield "moving_variance", 0.9 * variance + 0.1 * x.var((0, 1, 2))
    yield "layer", gamma * normal(x, 3) + beta


# ---- conv 3x3 relu, max pooling, conv 2x2 same, batch normalisation, relu, dense, cross-entropy

N, STEPS, RATE, MOMENTUM, EPSILON = 6, 10, 0.05, 0.9, 1e-3


def single(v):  # what the engine is given
    return v.astype(np.float32).astype(np.float64)


def start():
    w = [0.4 * numbers(3, 3, 2, 4, a=1.3), np.zeros(4), 0.4 * numbers(2, 2, 4, 3, a=0.8),
         np.ones(3), np.zeros(3), 0.4 * numbers(27, 5, a=1.9), np.zeros(5)]
    return single(numbers(N, 8, 8, 2, a=0.37)), np.arange(N) * 3 % 5, [single(v) for v in w]


def conv_back(x, k, g, same):
    """dL/dx and dL/dk of conv with steps of one pixel, tap by tap."""
    _, top, bottom = frame(x.shape[1], k.shape[0], 1, 1, same)
    _, left, right = frame(x.shape[2], k.shape[1], 1, 1, same)
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    dx, dk = np.zeros_like(x), np.zeros_like(k)
    for u in range(k.shape[0]):
        for v in range(k.shape[1]):
            seen = np.s_[:, u:u + g.shape[1], v:v + g.shape[2]]
            dk[u, v] = np.einsum("nijc,nijo->co", x[seen], g)
            dx[seen] += g @ k[u, v].T
    return dx[:, top:x.shape[1] - bottom, left:x.shape[2] - right], dk


def step(x, label, w):
    k1, b1, k2, gamma, beta, w3, b3 = w
    a1 = np.maximum(conv(x, k1) + b1, 0)
    under = windows(a1, (2, 2), stride=(2, 2))
    p = under.max((3, 4))
    z2 = conv(p, k2, same=True)
    s = 1 / np.sqrt(z2.var((0, 1, 2)) + EPSILON)
    xn = (z2 - z2.mean((0, 1, 2))) * s
    a2 = np.maximum(gamma * xn + beta, 0)
    z3 = a2.reshape(N, -1) @ w3 + b3
    q = np.exp(z3 - z3.max(1, keepdims=True))
    q /= q.sum(1, keepdims=True)
    loss = -np.mean(np.log(q[np.arange(N), label]))

    g3 = (q - np.eye(5)[label]) / N
    g2 = (g3 @ w3.T).reshape(a2.shape) * (a2 > 0)
    dxn = g2 * gamma
    dz2 = s * (dxn - dxn.mean((0, 1, 2)) - xn * (dxn * xn).mean((0, 1, 2)))
    dp, dk2 = conv_back(p, k2, dz2, True)
    g1 = np.zeros_like(a1)
    for u in (0, 1):
        for v in (0, 1):
            g1[:, u::2, v::2] = dp * (under[:, :, :, u, v] == p)
    g1 *= a1 > 0
    _, dk1 = conv_back(x, k1, g1, False)
    return loss, [dk1, g1.sum((0, 1, 2)), dk2, (g2 * xn).sum((0, 1, 2)), g2.sum((0, 1, 2)),
                  a2.reshape(N, -1).T @ g3, g3.sum(0)]


def losses():
    x, label, w = start()
    velocity = [np.zeros_like(v) for v in w]
    for _ in range(STEPS):
        loss, g = step(x, label, w)
        velocity = [MOMENTUM * v - RATE * d for v, d in zip(velocity, g)]
        w = [a + v for a, v in zip(w, velocity)]
        yield loss


def main():
    lines = [f"/* Written by make_image_ops.py (NumPy {np.__version__}, float64). */"]
    for name, values in [*ops(), ("cnn_losses", np.array(list(losses())))]:
        lines += [f"static const double image_{name}[{values.size}] = {{"]
        lines += [f"    {v:.15g}," for v in values.ravel()] + ["};"]
    pathlib.Path(__file__).with_name("image_ops.h").write_text("\n".join(lines) + "\n")


main()
