"""bench_torch.py: training speed of Nabla beside PyTorch, step by step in one run.

    python tests/bench/bench_torch.py BENCH_TRAIN [--nets mlp1,...] [--threads 1,2] [--rounds N]
                                      [--epoch-samples N] [--no-epoch] [--no-curve]

Both train the same networks with plain SGD. Their samples take turns, each sleeping while the other
runs; a sample during which the process was preempted is taken again. PyTorch runs in each of its ways
(memory layout, kind of optimizer step, number of threads up to the one asked for) and the fastest
counts. Numbers are samples/s; a ratio is Nabla's median over PyTorch's. On one thread the ratio of
processor time stands beside it: it holds when other programs take the processor away.
"""
import argparse
import math
import os
import resource
import statistics
import subprocess
import sys
import time

PAUSE = 0.008  # seconds in which the other side's threads stop spinning
SAMPLE = 0.004  # seconds that a sample lasts at least
LONG = 0.03  # a sample that lasts longer is not repeated: something will always interrupt it
RETRIES = 6
PILOT = 4
EPOCH_ROUNDS = 3

# name: shape of an example, batch, layers, samples of an epoch, floating-point operations of a step,
# goals (step at 1 and 2 threads, epoch) from the project's own list
CONV1, CONV2 = 28 * 28 * 9 * 32, 196 * 288 * 64
NETS = {
    "mlp1": dict(shape=(1, 28, 28), batch=64, layers=[128], samples=60000,
                 flop=4 * 64 * (784 * 128 + 1280) + 2 * 64 * 1280, goals=(2.1, 2.8, 5)),
    "mlp2": dict(shape=(1, 28, 28), batch=128, layers=[512, 256], samples=60000,
                 flop=4 * 128 * (784 * 512 + 512 * 256 + 2560) + 2 * 128 * (512 * 256 + 2560),
                 goals=(1.35, 1.5, 2.5)),
    "cnn-a": dict(shape=(1, 28, 28), batch=64, layers=["c32", "p", "c64", "p", 128], samples=6400,
                  flop=2 * 64 * (2 * CONV1 + 3 * CONV2 + 3 * 3136 * 128 + 3 * 1280), goals=(2.2, 2.2, 2.5)),
    "cnn-b": dict(shape=(3, 32, 32), batch=64, layers=["c32", "c32", "p", "c64", "c64", "p", 512], samples=1920,
                  flop=2 * 64 * (2 * 1024 * 27 * 32 + 3 * 1024 * 288 * 32 + 3 * 256 * 288 * 64
                                 + 3 * 256 * 576 * 64 + 3 * 4096 * 512 + 3 * 5120), goals=(1.8, 1.8, 2)),
}


class Nabla:
    """The engine's own process; it answers a line with a line."""

    def __init__(self, program):
        self.p = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.p.stdin.write(" ".join(map(str, words)) + "\n")
        self.p.stdin.flush()
        line = self.p.stdout.readline()
        if not line or line.startswith("error"):
            sys.exit(f"bench_train: {line.strip()}")
        return line.split()

    def step(self, net, threads, n):
        seconds, processor, lost = self.ask("step", net, threads, n)
        return float(seconds) / n, float(processor) / n, int(lost)

    def epoch(self, net, threads, samples):
        return tuple(map(float, self.ask("epoch", net, threads, samples)[:2]))

    def peak(self, threads):
        return float(self.ask("peak", threads)[0])

    def close(self):
        self.p.stdin.close()
        self.p.wait()


class Torch:
    """One network in one of PyTorch's ways."""

    def __init__(self, net, threads, layout, optim):
        import torch

        self.torch, self.net, self.threads, self.layout = torch, NETS[net], threads, layout
        self.name = f"{layout} {optim} {threads}T"
        torch.manual_seed(1)
        self.model = self.build()
        if layout == "nhwc":
            self.model = self.model.to(memory_format=torch.channels_last)
        how = {} if optim == "loop" else {optim: True}
        if optim == "loop":
            how = {"foreach": False}
        self.optim = torch.optim.SGD(self.model.parameters(), lr=0.01, **how)
        self.loss = torch.nn.CrossEntropyLoss()
        self.x = self.as_input(torch.rand(self.net["batch"], *self.net["shape"]))
        self.y = torch.randint(0, 10, (self.net["batch"],))

    def build(self):
        nn = self.torch.nn
        channels, rows, _ = self.net["shape"]
        layers, flat = [], not str(self.net["layers"][0]).startswith("c")
        width = channels * rows * rows
        for item in self.net["layers"]:
            if item == "p":
                layers.append(nn.MaxPool2d(2))
                rows //= 2
            elif str(item).startswith("c"):
                out = int(item[1:])
                layers += [nn.Conv2d(channels, out, 3, padding=1), nn.ReLU()]
                channels = out
            else:
                if not flat:
                    layers.append(nn.Flatten())
                    width, flat = channels * rows * rows, True
                layers += [nn.Linear(width, item), nn.ReLU()]
                width = item
        return nn.Sequential(*layers, nn.Linear(width, 10))

    def as_input(self, x):
        if not str(self.net["layers"][0]).startswith("c"):
            return x.reshape(x.shape[0], -1)
        if self.layout == "nhwc":
            return x.contiguous(memory_format=self.torch.channels_last)
        return x

    def one(self, x, y):
        self.optim.zero_grad()
        loss = self.loss(self.model(x), y)
        loss.backward()
        self.optim.step()

    def step(self, n):
        self.torch.set_num_threads(self.threads)
        self.one(self.x, self.y)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
        start, processor = time.perf_counter(), time.process_time()
        for _ in range(n):
            self.one(self.x, self.y)
        seconds, processor = time.perf_counter() - start, time.process_time() - processor
        return seconds / n, processor / n, resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw - before

    def epoch(self, data, workers):
        self.torch.set_num_threads(self.threads)
        start, processor = time.perf_counter(), time.process_time()
        loader = self.torch.utils.data.DataLoader(data, batch_size=self.net["batch"], shuffle=True,
                                                  num_workers=workers)
        for x, y in loader:
            self.one(x, y)
        return time.perf_counter() - start, time.process_time() - processor

    def data(self, samples):
        x = self.as_input(self.torch.rand(samples, *self.net["shape"]))
        return self.torch.utils.data.TensorDataset(x, self.torch.randint(0, 10, (samples,)))


def quiet(sample):
    """The sample taken again while the process lost its processor in it; the best of them at last:
    seconds, and seconds of processor."""
    taken = []
    for _ in range(RETRIES):
        time.sleep(PAUSE)
        seconds, processor, lost = sample()
        taken.append((seconds, processor))
        if lost == 0 or seconds > LONG:
            return taken[-1]
    return min(taken)


def quantile(values, q):
    return sorted(values)[int(q * (len(values) - 1))]


def median(samples, column=0):
    return statistics.median(sample[column] for sample in samples)


def figure(value):
    """A ratio, or a dash where there is none."""
    return "    -" if math.isnan(value) else f"{value:5.2f}"


def torch_ways(net, threads):
    images = str(NETS[net]["layers"][0]).startswith("c")
    return [Torch(net, t, layout, optim)
            for t in range(1, threads + 1)
            for layout in (("nchw", "nhwc") if images else ("flat",))
            for optim in ("loop", "foreach", "fused")]


def steps_for(seconds):
    return max(1, round(SAMPLE / seconds))


def fastest(ways):
    """The fastest by its best pilot sample, and the next one or the fastest with another number of threads;
    the others leave memory."""
    found = []
    for way in ways:
        once = way.step(1)[0]
        n = steps_for(once)
        found.append((min(way.step(n)[0] for _ in range(1 if once > LONG else PILOT)), way))
    found.sort(key=lambda pair: pair[0])
    first, others = found[0][1], [way for _, way in found[1:]]
    return [first, next((way for way in others if way.threads != first.threads), others[0])]


def compare_steps(nabla, net, threads, rounds):
    """Samples in turns: Nabla, the multiply-add loop, PyTorch's two fastest ways."""
    ways = fastest(torch_ways(net, threads))
    mine, peak, theirs = [], [], [[] for _ in ways]
    n_mine = steps_for(nabla.step(net, threads, 4)[0])
    n_theirs = [steps_for(way.step(2)[0]) for way in ways]
    for _ in range(rounds):
        mine.append(quiet(lambda: nabla.step(net, threads, n_mine)))
        peak.append(nabla.peak(threads))
        for way, n, times in zip(ways, n_theirs, theirs):
            times.append(quiet(lambda: way.step(n)))
    best = min(range(len(ways)), key=lambda i: median(theirs[i]))
    return mine, peak, theirs[best], [ways[best], ways[1 - best]]


def spread(samples):
    seconds = [sample[0] for sample in samples]
    return "/".join(f"{q * 1e3:.3f}" for q in (quantile(seconds, 0.1), *statistics.quantiles(seconds, n=4)))


def line_steps(net, threads, mine, peak, theirs, way):
    batch, flop = NETS[net]["batch"], NETS[net]["flop"]
    ratio, processor = median(theirs) / median(mine), median(theirs, 1) / median(mine, 1)
    best, best_theirs = (quantile([s[0] for s in samples], 0.1) for samples in (mine, theirs))
    top = quantile(peak, 0.9)
    share, share_median = flop / best / top, flop / median(mine) / statistics.median(peak)
    if threads == 1:
        share = max(share, flop / min(s[1] for s in mine) / top)
    goal = NETS[net]["goals"][0 if threads == 1 else 1]
    print(f"{net:6} {threads}  {batch / median(mine):9.0f} {batch / median(theirs):9.0f}   {ratio:5.2f}"
          f" {best_theirs / best:5.2f} {figure(processor if threads == 1 else math.nan)} ({goal:.2f})"
          f"   {share_median:4.0%} {share:4.0%}   {spread(mine):28} {spread(theirs):28} {way.name}", flush=True)
    return dict(net=net, threads=threads, kind="step", ratio=ratio, best=best_theirs / best, processor=processor,
                goal=goal, share=share)


def compare_epochs(nabla, net, threads, samples, ways):
    """Whole epochs in turns; PyTorch with its loader in this process and with one worker."""
    loaders = [(ways[0], 0), (ways[0], 1)] + [(way, 0) for way in ways[1:] if way.threads != ways[0].threads]
    data = [way.data(samples) for way, _ in loaders]
    mine, theirs = [], [[] for _ in loaders]
    nabla.epoch(net, threads, samples)
    for _ in range(EPOCH_ROUNDS):
        time.sleep(PAUSE)
        mine.append(nabla.epoch(net, threads, samples))
        for (way, workers), d, times in zip(loaders, data, theirs):
            time.sleep(PAUSE)
            times.append(way.epoch(d, workers))
    best = min(range(len(loaders)), key=lambda i: median(theirs[i]))
    return mine, theirs[best], *loaders[best]


def line_epoch(net, threads, samples, mine, theirs, way, workers):
    goal, ratio, processor = NETS[net]["goals"][2], median(theirs) / median(mine), median(theirs, 1) / median(mine, 1)
    alone = threads == 1 and workers == 0
    print(f"{net:6} {threads}  {samples:6}  {median(mine):8.3f} {median(theirs):8.3f}   {ratio:5.2f}"
          f" {figure(processor if alone else math.nan)} ({goal:.2f})   {way.name}, {workers} workers", flush=True)
    return dict(net=net, threads=threads, kind="epoch", ratio=ratio, best=min(theirs)[0] / min(mine)[0],
                processor=processor if alone else math.nan, goal=goal)


def curve(nabla):
    """Microseconds of processor a sample as the data set grows, the sizes in turns."""
    sizes, times = (1000, 3000, 10000, 30000, 60000), {}
    for _ in range(5):
        for n in sizes:
            nabla.epoch("mlp1", 1, n)
            times.setdefault(n, []).append(min(nabla.epoch("mlp1", 1, n)[1] for _ in range(max(1, 6000 // n))) / n)
    print("\nmicroseconds of processor a sample of mlp1, 1 thread, whole epochs of n samples (median of 5)")
    print("  ".join(f"{n}: {statistics.median(t) * 1e6:.2f}" for n, t in times.items()), flush=True)


def memory(program, nets):
    """Peak memory of a fresh process that takes 20 steps and a short epoch, 2 threads."""
    print("\npeak memory of a process that trains, MB: Nabla, PyTorch")
    for net in nets:
        nabla = Nabla(program)
        nabla.step(net, 2, 20)
        nabla.epoch(net, 2, 1280)
        mine = int(nabla.ask("memory")[0])
        nabla.close()
        theirs = subprocess.run([sys.executable, __file__, program, "--memory-of", net], capture_output=True,
                                text=True, check=True).stdout
        print(f"{net:6} {mine / 1e6:6.1f} {float(theirs) / 1e6:6.1f}", flush=True)


def memory_of(net):
    way = Torch(net, 2, "nhwc", "foreach")
    way.step(20)
    way.epoch(way.data(1280), 0)
    with open("/proc/self/status", encoding="ascii") as status:
        print(next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")))


def options():
    o = argparse.ArgumentParser()
    o.add_argument("program")
    o.add_argument("--nets", default=",".join(NETS))
    o.add_argument("--threads", default="1,2")
    o.add_argument("--rounds", type=int, default=40)
    o.add_argument("--epoch-samples", type=int, default=0, help="at most so many; 0: as many as the table says")
    o.add_argument("--no-epoch", action="store_true")
    o.add_argument("--no-curve", action="store_true")
    o.add_argument("--memory-of", choices=NETS)
    return o.parse_args()


def wanted_nets(nabla, asked):
    able = nabla.ask("nets")
    for net in asked:
        if net not in able:
            print(f"{net}: left out, the engine has no layer of that type yet")
    return [net for net in asked if net in able]


def summary(rows):
    print("\nratio to PyTorch: medians, best, processor time (1 thread); goal; share of the peak")
    for r in rows:
        processor = figure(r["processor"] if r["threads"] == 1 else math.nan)
        share = f"{r['share']:4.0%}" if "share" in r else ""
        print(f"  {r['net']:6} {r['threads']}T {r['kind']:6} {r['ratio']:5.2f} {r['best']:5.2f} {processor}"
              f"   {r['goal']:.2f}   {share}")


def main():
    o = options()
    if o.memory_of:
        memory_of(o.memory_of)
        return
    import torch

    nabla, rows = Nabla(o.program), []
    print(f"PyTorch {torch.__version__} ({torch.backends.cpu.get_cpu_capability()}), Nabla "
          f"({nabla.ask('cpu')[0]}), load {os.getloadavg()[0]:.1f}")
    nets = wanted_nets(nabla, o.nets.split(","))
    plan = [(net, int(t)) for net in nets for t in o.threads.split(",")]
    print("step: samples/s of Nabla and PyTorch; ratio of medians, of best deciles, of processor time (goal); share of the peak, "
          "median and best;\n      ms of best decile/quartiles of both")
    ways = {}
    for net, t in plan:
        mine, peak, theirs, ways[net, t] = compare_steps(nabla, net, t, o.rounds)
        rows.append(line_steps(net, t, mine, peak, theirs, ways[net, t][0]))
    if not o.no_epoch:
        print("\nepoch: samples, seconds of Nabla (with accuracy) and PyTorch (DataLoader), ratio, of processor time (goal)")
        for net, t in plan:
            n = min(NETS[net]["samples"], o.epoch_samples or NETS[net]["samples"])
            rows.append(line_epoch(net, t, n, *compare_epochs(nabla, net, t, n, ways[net, t])))
    if not o.no_curve:
        curve(nabla)
        memory(o.program, nets)
    nabla.close()
    summary(rows)


if __name__ == "__main__":
    main()
