"""Losses of ten full-batch steps of three networks, by PyTorch in float64: its layers, losses,
optimizers and automatic derivatives. Writes torch_losses.h beside this file. PyTorch is not among
the packages of the tests: the table is made once and kept.

    pip install torch; python3 make_torch_losses.py

Weights and data come from formulas, rounded to float32 once, so that both sides start equal.
"""
import pathlib

import torch
from torch import nn

STEPS = 10


def wave(shape, *frequency, scale=1.0, phase=0.0, f=torch.cos):
    """scale f(phase + sum of frequency_k times index_k), as float32 numbers in float64."""
    total = torch.full(shape, phase, dtype=torch.float64)
    for axis, w in enumerate(frequency):
        view = [1] * len(shape)
        view[axis] = -1
        total = total + w * torch.arange(shape[axis], dtype=torch.float64).view(view)
    return (scale * f(total)).float().double()


def labels(n):
    return (torch.arange(n) * 7 + 3) % 10


def put(layer, weight):
    """Keras' order of axes becomes PyTorch's: (in, out), or (kh, kw, in, out)."""
    order = (1, 0) if weight.dim() == 2 else (3, 2, 0, 1)
    layer.double()
    with torch.no_grad():
        layer.weight.copy_(weight.permute(order))
        layer.bias.zero_()
    return layer


def mlp():
    net = nn.Sequential(put(nn.Linear(20, 16), wave((20, 16), 1.1, 0.5, scale=0.3, phase=0.2)),
                        nn.ReLU(),
                        put(nn.Linear(16, 10), wave((16, 10), 0.9, 1.7, scale=0.3, phase=0.4)))
    x = wave((12, 20), 0.7, 1.3, f=torch.sin)
    return net, x, labels(12)


class ChannelsLast(nn.Module):
    """(n, c, h, w) to (n, h w c), as a network with channels last flattens."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


def cnn():
    kernel1 = wave((3, 3, 2, 6), 0.8, 1.9, 0.6, 1.3, scale=0.3, phase=0.1)
    kernel2 = wave((3, 3, 6, 5), 1.2, 0.7, 0.9, 2.1, scale=0.2, phase=0.3)
    dense = wave((45, 10), 0.37, 1.1, scale=0.2, phase=0.2)
    net = nn.Sequential(put(nn.Conv2d(2, 6, 3, padding=1), kernel1), nn.ReLU(), nn.MaxPool2d(2),
                        put(nn.Conv2d(6, 5, 3), kernel2), nn.ReLU(), ChannelsLast(),
                        put(nn.Linear(45, 10), dense))
    x = wave((6, 11, 11, 2), 0.7, 1.3, 0.9, 2.3, f=torch.sin)
    return net, x.permute(0, 3, 1, 2), labels(6)


def regression():
    net = nn.Sequential(put(nn.Linear(6, 12), wave((6, 12), 1.1, 0.5, scale=0.5, phase=0.2)),
                        nn.GELU(),
                        put(nn.Linear(12, 8), wave((12, 8), 0.9, 1.7, scale=0.4, phase=0.4)),
                        nn.GELU(),
                        put(nn.Linear(8, 1), wave((8, 1), 0.6, 1.0, scale=0.5, phase=0.1)))
    x = wave((15, 6), 0.7, 1.3, f=torch.sin)
    return net, x, wave((15, 1), 0.9, 1.0, scale=1.5, f=torch.sin)


RUNS = [
    ("torch_mlp_momentum", mlp, nn.CrossEntropyLoss(),
     lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
    ("torch_mlp_smoothed", mlp, nn.CrossEntropyLoss(label_smoothing=0.1),
     lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
    ("torch_cnn_adam", cnn, nn.CrossEntropyLoss(),
     lambda p: torch.optim.Adam(p, lr=0.01, eps=1e-12)),
    ("torch_regression_rmsprop", regression, nn.HuberLoss(delta=0.5),
     lambda p: torch.optim.RMSprop(p, lr=0.003, alpha=0.9, eps=1e-15)),
]


def main():
    version = torch.__version__.split("+")[0]
    lines = [f"/* Written by make_torch_losses.py (PyTorch {version}, float64). */"]
    for name, make, loss, optimizer in RUNS:
        net, x, y = make()
        opt = optimizer(net.parameters())
        values = []
        for _ in range(STEPS):
            opt.zero_grad()
            value = loss(net(x), y)
            value.backward()
            opt.step()
            values.append(value.item())
        lines.append(f"static const double {name}[{STEPS}] = {{")
        lines += [f"    {v:.17g}," for v in values]
        lines.append("};")
    out = pathlib.Path(__file__).with_name("torch_losses.h")
    out.write_text("\n".join(lines) + "\n")


main()
