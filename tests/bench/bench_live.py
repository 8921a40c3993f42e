"""How much the live figure slows a training: the same training, the same seed, with the
figure and without it in turn, in one kernel on one thread. What counts is processor time
of the whole kernel, drawing, packing and sending included: others on the machine do not
disturb it as they do the clock. Prints medians and the ratio of the pairs; it is no test
and fails for no number.

    bench_live.py [--pairs 20] [--epochs 100]
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import proc  # noqa: E402
import sandbox  # noqa: E402
from kernel_client import Lab  # noqa: E402

TRAIN = """
digitos = data.digits()
function entrena(v)
  lab.seed(1)
  local red = nn.Sequential{ nn.Flatten(), nn.Dense{128, activation = "relu"},
                             nn.Dense{10, activation = "softmax"} }
  red:compile{ optimizer = "adam", loss = "sparse_categorical_crossentropy",
               metrics = {"accuracy"} }
  return red:fit{ digitos, epochs = EPOCHS, batch_size = 32, validation_split = 0.2,
                  verbose = v }
end"""


def one(lab, verbose):
    """Processor seconds of the cell, seconds of fit, frames, the last loss."""
    before = proc.cpu_seconds(lab.pid)
    cell = lab.run(f"h = entrena({verbose}); h.seconds, h.history.loss[#h.history.loss]", 120)
    taken = proc.cpu_seconds(lab.pid) - before
    seconds, loss = (float(word) for word in cell.result.replace(",", " ").split()[:2])
    return taken, seconds, len(cell.of("display_data", "update_display_data")), loss


def spread(ratios):
    low, middle, high = statistics.quantiles(ratios, n=4)
    return f"{100 * (middle - 1):+.1f} % (half of the pairs {100 * (low - 1):+.1f} to " \
           f"{100 * (high - 1):+.1f} %)"


def quick(values):
    """The mean of the fastest quarter: what disturbs a run only makes it slower."""
    kept = sorted(values)[:max(1, len(values) // 4)]
    return sum(kept) / len(kept)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=100)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nabla-bench-") as folder:
        os.environ["NABLA_THREADS"] = "1"
        sandbox.enter(folder)
        lab = Lab()
        lab.ok(TRAIN.replace("EPOCHS", str(wanted.epochs)))
        one(lab, 1)
        pairs = []
        for i in range(wanted.pairs):  # each goes first in half of the pairs
            first = i % 2
            taken = {verbose: one(lab, verbose) for verbose in (first, 1 - first)}
            pairs.append((taken[0], taken[1]))
        lab.close()
    silent, drawn = zip(*pairs)
    losses = {loss for *_, loss in silent + drawn}
    assert len(losses) == 1, f"the figure changed the training: {losses}"
    print(f"training without a figure {statistics.median(t[0] for t in silent):.2f} s of "
          f"processor time, with a live one {statistics.median(t[0] for t in drawn):.2f} s "
          f"({statistics.median(t[2] for t in drawn):.0f} frames); {len(pairs)} pairs")
    print("more processor time with the live figure", spread([b[0] / a[0] for a, b in pairs]),
          "  goal at most 2 %")
    share = quick([b[0] for b in drawn]) / quick([a[0] for a in silent])
    print(f"the same of the fastest quarter of each: {100 * (share - 1):+.1f} %")
    print("more time by the clock", spread([b[1] / a[1] for a, b in pairs]))


if __name__ == "__main__":
    main()
