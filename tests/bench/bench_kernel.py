"""Nabla beside ipykernel, in one run, taking turns: start of the process to the first
kernel_info_reply, round trip of a cell, 100 000 prints, memory and processor time at rest.
A bare ZeroMQ echo (bench_echo.c) takes its turn in the round trips. Then thirty kernels
started at once, and how long a training takes to stop. Prints measurements and ratios; it is no test and fails for no number.

The client is the same bare one for both: requests are signed ahead, replies are taken as
they come and not parsed, so that the ratio is the kernels' and not the client's.

    bench_kernel.py [--starts 15] [--trips 600] [--stops 15] [--floods 5]
"""

import json
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import zmq
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.session import Session

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import proc  # noqa: E402
import sandbox  # noqa: E402
from kernel_client import Lab  # noqa: E402

NAMES = {"Nabla": sandbox.KERNEL, "ipykernel": "python3"}
BLOCK = 50  # cells in a row before it is the other kernel's turn

TRAIN = """lab.seed(1)
digitos = data.digits()
red = nn.Sequential{ nn.Flatten(), nn.Dense{128, activation = "relu"}, nn.Dense{10, activation = "softmax"} }
red:compile{ optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = {"accuracy"} }"""
FIT = "red:fit{ digitos, epochs = 100000, batch_size = 64 }"


class Kernel:
    """A kernel process and the bare sockets to it."""

    def __init__(self, name, folder, context, echo=None, chooses=False):
        """chooses: the kernel takes free ports itself. Of many that are picked here, one may be
        taken by the time a kernel binds it."""
        key = uuid.uuid4().hex.encode()
        file, self.info = write_connection_file(str(folder / f"{uuid.uuid4().hex}.json"), key=key)
        if chooses:
            self.info.update({port: 0 for port in self.info if port.endswith("_port")})
            Path(file).write_text(json.dumps(self.info | {"key": key.decode()}))
        self.session = Session(key=key)
        argv = [word.replace("{connection_file}", file)
                for word in KernelSpecManager().get_kernel_spec(name).argv] if not echo else [
                    echo, *(str(self.info[f"{c}_port"]) for c in ("shell", "iopub", "control"))]
        if argv[0] in ("python", "python3"):  # jupyter_client takes it for its own Python
            argv[0] = sys.executable
        self.began = time.perf_counter()
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        if not chooses:
            self.open(context)
        self.file = file

    def chosen(self, context):
        """Reads the ports that the kernel chose, and connects."""
        while self.info["hb_port"] == 0:
            self.info = json.loads(Path(self.file).read_text())
            time.sleep(0.001)
        self.open(context)

    def open(self, context):
        self.shell = self.connect(context, zmq.DEALER, "shell_port")
        self.control = self.connect(context, zmq.DEALER, "control_port")
        self.iopub = self.connect(context, zmq.SUB, "iopub_port")
        self.iopub.subscribe(b"")

    def connect(self, context, kind, port):
        socket = context.socket(kind)
        socket.linger = 0
        socket.reconnect_ivl = 1  # milliseconds: what is measured is the kernel, not our retry
        socket.rcvtimeo = 30000
        socket.connect(f"tcp://{self.info['ip']}:{self.info[port]}")
        return socket

    def frames(self, msg_type, content):
        return self.session.serialize(self.session.msg(msg_type, content))

    def ready(self):
        """Seconds from the start of the process to its first reply."""
        self.shell.send_multipart(self.frames("kernel_info_request", {}))
        self.shell.recv_multipart()
        return time.perf_counter() - self.began

    def cell(self, code):
        return self.frames("execute_request", {
            "code": code, "silent": False, "store_history": True, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": True})

    def idle(self):
        """Takes what is published up to the next idle."""
        while b'"idle"' not in self.iopub.recv_multipart()[-1]:
            pass

    def trip(self, frames):
        """Seconds until both the reply and idle are here."""
        began = time.perf_counter()
        self.shell.send_multipart(frames)
        self.shell.recv_multipart()
        self.idle()
        return time.perf_counter() - began

    def settle(self):
        """After this the published messages begin with those of the next request."""
        self.iopub.rcvtimeo = 300
        try:
            while True:
                self.iopub.recv_multipart()
        except zmq.Again:
            self.iopub.rcvtimeo = 30000

    def close(self):
        self.control.send_multipart(self.frames("shutdown_request", {"restart": False}))
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for socket in (self.shell, self.control, self.iopub):
            socket.close()


def measure_starts(n, folder, context):
    seconds = {name: [] for name in NAMES}
    for i in range(n + 1):
        for name, spec in NAMES.items():
            kernel = Kernel(spec, folder, context)
            taken = kernel.ready()
            kernel.close()
            if i > 0:  # the first one warms the file cache
                seconds[name].append(taken)
    return seconds


def measure_trips(kernels, n):
    seconds = {name: [] for name in kernels}
    for turn in range(n // BLOCK + 1):
        for name, kernel in kernels.items():
            requests = [kernel.cell("1+1") for _ in range(BLOCK)]
            times = [kernel.trip(frames) for frames in requests]
            if turn > 0:
                seconds[name] += times
    return seconds


def measure_floods(kernels, n):
    """Seconds of 100 000 prints, to idle; what arrives is counted."""
    code = {"Nabla": "for i = 1, 100000 do print(i) end",
            "ipykernel": "for i in range(1, 100001): print(i)"}
    seconds = {name: [] for name in kernels}
    for turn in range(n + 1):
        for name, kernel in kernels.items():
            began, lines = time.perf_counter(), 0
            kernel.shell.send_multipart(kernel.cell(code[name]))
            while b'"idle"' not in (last := kernel.iopub.recv_multipart()[-1]):
                lines += last.count(b"\\n")
            taken = time.perf_counter() - began
            kernel.shell.recv_multipart()
            assert lines >= 100000, f"{name}: {lines} of 100000 lines"
            if turn > 0:
                seconds[name].append(taken)
    return seconds


def measure_many(folder, context, n=30):
    """Seconds until n kernels started at once have all answered."""
    began = time.perf_counter()
    kernels = [Kernel(sandbox.KERNEL, folder, context, chooses=True) for _ in range(n)]
    for kernel in kernels:
        kernel.chosen(context)
        kernel.ready()
    taken = time.perf_counter() - began
    for kernel in kernels:
        kernel.close()
    return taken


def measure_idle(kernels, seconds=5):
    """Processor seconds that each takes while nothing is asked."""
    before = {name: proc.cpu_seconds(k.process.pid) for name, k in kernels.items()}
    time.sleep(seconds)
    return {name: proc.cpu_seconds(k.process.pid) - before[name] for name, k in kernels.items()}


def measure_stops(n):
    """Milliseconds from interrupt_request to the idle of a cell that trains."""
    lab = Lab()
    lab.ok(TRAIN)
    taken = []
    for i in range(n):
        cell = lab.begin(FIT)
        # A different moment of the training each time.
        wanted = 1 + i % 3
        lab.until(lambda c=cell, w=wanted: len(c.of("update_display_data")) >= w, 30, "a frame")
        began = time.monotonic()
        lab.interrupt_by_message()
        lab.finish(cell)
        taken.append(1000 * (cell.idle_at - began))
    lab.close()
    return taken


def percentile(values, p):
    return sorted(values)[min(len(values) - 1, int(len(values) * p / 100))]


def line(what, unit, values, ratio=None, goal=None):
    text = f"{what:<34}" + "".join(f"{values[name]:>11.2f}" for name in NAMES) + f" {unit:<3}"
    if ratio is not None:
        text += f"{ratio:>8.1f} x"
    if goal is not None:
        text += f"   goal {goal:g} x: {'reached' if ratio >= goal else 'NOT reached'}"
    print(text)


def reached(yes):
    return "reached" if yes else "NOT reached"


def report_more(trips, floods, memory, idle, many):
    s = {name: statistics.median(v) for name, v in floods.items()}
    line("100 000 prints, median", "s", s, s["ipykernel"] / s["Nabla"], 5)
    if "echo" in trips:
        echo, ours = (statistics.median(trips[name]) for name in ("echo", "Nabla"))
        print(f"round trip of 1+1 beside a bare echo ({1000 * echo:.2f} ms): {ours / echo:.2f} x"
              f"   goal at most 2 x: {reached(ours / echo <= 2)}")
    mb = memory["Nabla"]["rss"] / 1e6
    print(f"memory at rest {mb:.1f} MB   goal at most 15 MB: {reached(mb <= 15)}")
    print(f"processor time in 5 s at rest: {idle['Nabla']:.2f} s (ipykernel "
          f"{idle['ipykernel']:.2f} s)   goal 0: {reached(idle['Nabla'] == 0)}")
    print(f"30 kernels started at once: {many:.2f} s   goal 2 s: {reached(many < 2)}")


def report(starts, trips, memory):
    print(f"\n{'':<34}" + "".join(f"{name:>11}" for name in NAMES) + "         ratio")
    ms = {name: 1000 * statistics.median(v) for name, v in starts.items()}
    line("start to kernel_info_reply, median", "ms", ms, ms["ipykernel"] / ms["Nabla"], 50)
    ms = {name: 1000 * statistics.median(v) for name, v in trips.items()}
    line("round trip of 1+1, median", "ms", ms, ms["ipykernel"] / ms["Nabla"], 10)
    ms = {name: 1000 * percentile(v, 99) for name, v in trips.items()}
    line("round trip of 1+1, p99", "ms", ms, ms["ipykernel"] / ms["Nabla"])
    for kind, goal in (("rss", 5), ("pss", None)):
        mb = {name: m[kind] / 1e6 for name, m in memory.items()}
        line(f"memory at rest, {kind.upper()}", "MB", mb, mb["ipykernel"] / mb["Nabla"], goal)


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=15)
    parser.add_argument("--trips", type=int, default=600)
    parser.add_argument("--stops", type=int, default=15)
    parser.add_argument("--floods", type=int, default=5)
    return parser.parse_args()


def main():
    wanted = options()
    with tempfile.TemporaryDirectory(prefix="nabla-bench-") as folder:
        sandbox.enter(folder)
        context = zmq.Context()
        starts = measure_starts(wanted.starts, Path(folder), context)
        kernels = {name: Kernel(spec, Path(folder), context) for name, spec in NAMES.items()}
        for kernel in kernels.values():
            kernel.ready()
            kernel.settle()
        idle = measure_idle(kernels)
        echo = os.environ.get("ECHO")
        turns = dict(kernels)
        if echo:
            turns["echo"] = Kernel("python3", Path(folder), context, echo=echo)
            turns["echo"].ready()
            turns["echo"].settle()
        trips = measure_trips(turns, wanted.trips)
        memory = {name: proc.memory(k.process.pid) for name, k in kernels.items()}
        floods = measure_floods(kernels, wanted.floods)
        for kernel in turns.values():
            kernel.close()
        many = measure_many(Path(folder), context)
        report(starts, trips, memory)
        report_more(trips, floods, memory, idle, many)
        stops = measure_stops(wanted.stops)
        print(f"stop while training, to idle: median {statistics.median(stops):.1f} ms, "
              f"max {max(stops):.1f} ms of {len(stops)}   goal 100 ms: "
              f"{'reached' if max(stops) <= 100 else 'NOT reached'}")
        context.term()


if __name__ == "__main__":
    main()
