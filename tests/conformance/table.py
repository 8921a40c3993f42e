"""Prints the boxes of the protocol (boxes.py) and which of them each kernel ticks.

    python tests/conformance/table.py nabla python3        any names of `jupyter kernelspec list`
    python tests/conformance/table.py --quick --only A5 nabla
"""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "protocol"), str(HERE)]

import proc  # noqa: E402
import sandbox  # noqa: E402
from boxes import ROWS, NotOffered, Probe  # noqa: E402

ROW_SECONDS = int((180 + 4 * int(os.environ.get("CYCLES", "0"))) * proc.SLACK)
MARK = {"pass": "✓", "fail": "✗", "not offered": "–"}


class Hung(BaseException):
    """The row's time is over; no row catches this by chance."""


@contextlib.contextmanager
def deadline(seconds):
    """Whatever it waits in, without a deadline of its own: a kernel that neither answers nor
    ends holds up no more than its row."""
    def ring(*_):
        raise Hung(f"nothing after {seconds} s")
    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def judge(probe, check):
    """("pass" | "fail" | "not offered", why)"""
    try:
        with deadline(ROW_SECONDS):
            check(probe)
            assert probe.lives(), "the process ended"
    except NotOffered as why:
        return "not offered", str(why)
    except (Exception, Hung) as why:  # a kernel may fail in any way
        probe.forget()
        text = " ".join(str(why).split()) or type(why).__name__
        return "fail", text[:110]
    return "pass", ""


def called(probe):
    """Implementation and version, as the kernel tells them."""
    try:
        with deadline(ROW_SECONDS):
            info = probe.lab.ask("kernel_info_request")
        return f"{info['implementation']} {info['implementation_version']}"
    except (Exception, Hung):
        probe.forget()
        return probe.name


def run(name, rows, quick):
    """What the kernel calls itself, and its column."""
    probe = Probe(name, quick)
    who, out = called(probe), []
    for box, title, check in rows:
        out.append(judge(probe, check))
        print(f"  {MARK[out[-1][0]]} {name}: {box} {title} {out[-1][1]}", file=sys.stderr)
    probe.forget()
    return who, out


def show(names, rows, columns):
    print("| box | | " + " | ".join(names) + " |")
    print("| --- | --- |" + " --- |" * len(names))
    for i, (box, title, _) in enumerate(rows):
        print(f"| {box} | {title} | "
              + " | ".join(" ".join((MARK[c[i][0]], c[i][1])).strip() for c in columns) + " |")
    for name, column in zip(names, columns):
        count = {kind: sum(x[0] == kind for x in column) for kind in MARK}
        print(f"{name}: " + ", ".join(f"{n} {kind}" for kind, n in count.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", default=["nabla", "python3"])
    parser.add_argument("--quick", action="store_true", help="short loops and floods")
    parser.add_argument("--only", default="", help="boxes (A5) or words of a title")
    options = parser.parse_args()
    rows = [r for r in ROWS if options.only in (r[0], "") or options.only in r[1]]
    with tempfile.TemporaryDirectory() as folder:
        elsewhere = os.environ.get("JUPYTER_PATH")
        sandbox.enter(folder)
        if elsewhere:
            os.environ["JUPYTER_PATH"] += os.pathsep + elsewhere
        titles, columns = zip(*(run(name, rows, options.quick) for name in options.names))
    show(titles, rows, columns)
    own = [c for name, c in zip(options.names, columns) if name == sandbox.KERNEL]
    return any(x[0] == "fail" for column in own for x in column)


if __name__ == "__main__":
    sys.exit(main())
