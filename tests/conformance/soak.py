"""Thousands of mixed cells in one kernel, and its memory before, between and after.

    python tests/conformance/soak.py [--cells 2000] [--growth 8]

Every kind of cell takes its turn: values, prints, errors of every shape, figures, trainings,
abandoned coroutines, 100 GB asked for, completion, inspection, history, a subshell, a comm that
is closed again; the costly kinds (an endless recursion, an interrupt, live figures, input) a
rarer one. It fails when the resident memory after the first quarter grows by more than
--growth megabytes.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import proc  # noqa: E402
import sandbox  # noqa: E402
from kernel_client import Lab  # noqa: E402

SETUP = """lab.seed(1)
d = data.gauss{n = 60}
m = nn.Sequential{nn.Dense{8, activation = "relu"}, nn.Dense(2)}
m:compile{loss = "sparse_categorical_crossentropy", metrics = {"accuracy"}}"""

CELLS = [
    ("1 + 1", "ok"), ("x = {}; for i = 1, 1000 do x[i] = {i} end; #x", "ok"),
    ("for i = 1, 300 do print(i, 'ñandú') end", "ok"), ("error('boom')", "error"),
    ("error(nil)", "error"), ("error({codigo = 3})", "error"), ("x = = 1", "error"),
    ("os.exit(3)", "error"),
    ("tensor.zeros(160000, 160000)", "error"), ("('x'):rep(1e15)", "error"),
    ("co = coroutine.create(function() for i = 1, 10 do coroutine.yield(('x'):rep(1000)) end end) "
     "coroutine.resume(co)", "ok"),
    ("local co = coroutine.wrap(function() local x <close> = setmetatable({}, {__close = print}) "
     "local w = var(tensor.randn(50, 50)); local y = (w * w):sum(); coroutine.yield(y) end) co()",
     "ok"),
    ("local a = tensor.randn(100, 100); a:matmul(a):sum():item() ~= nil", "ok"),
    ("m:fit{d, epochs = 2, verbose = 0}", "ok"), ("m:evaluate(d)", "ok"),
    ("display{1, display_id = 'fila'}", "ok"),
    ("html('<b>x</b>')", "ok"), ("io.stderr:write('aviso\\n')", "ok"),
    ("os.execute('echo hijo')", "ok"), ("help('nn.Dense')", "ok"), ("?tostring", "ok"),
    ("w = var(2.0); y = w * w + sigmoid(w); y:backward(); w.grad", "ok"),
]


def recursion(lab):
    lab.fails("local function f() return f() + 1 end f()")


def figures(lab):
    lab.ok("plot.line{{1, 4, 9, 16}}")
    lab.ok("local w = var(2.0); local y = sigmoid(w * w); y:backward(); display(graph(y)); chain(y, w)")
    lab.ok("m:fit{d, epochs = 3}")


def question(lab):
    cell = lab.begin("input('¿Quién? ')", allow_stdin=True)
    lab.answer(cell, "ñandú")
    assert lab.finish(cell).status == "ok"


def interrupted(lab):
    cell = lab.begin("print('ya'); while true do end")
    lab.until(lambda: cell.stdout, 20, "the loop")
    lab.interrupt_by_message()
    assert lab.finish(cell).content["ename"] == "KeyboardInterrupt"


def subshell(lab):
    made = lab.finish(lab.control("create_subshell_request")).content["subshell_id"]
    assert lab.finish(lab.send_to(made, "execute_request", {"code": "1 + 1"})).result == "2"
    lab.finish(lab.control("delete_subshell_request", {"subshell_id": made}))


def questions(lab):
    assert lab.complete("nn.De")["matches"] and lab.inspect("nn.Dense")["found"]
    assert lab.history("tail", n=5) and lab.ask("is_complete_request", code="for")["status"]
    opened = lab.shell("comm_open", {"comm_id": "x", "target_name": "nada", "data": {}})
    lab.until(lambda: opened.idle_at, 10, "idle")
    lab.finish(lab.control("usage_request"))


RARE = [(recursion, 300), (interrupted, 200), (figures, 100), (question, 50), (subshell, 25),
        (questions, 10)]


def step(lab, i):
    """One turn; the cells that it took."""
    for special, every in RARE:
        if i % every == every - 1:
            special(lab)
    code, status = CELLS[i % len(CELLS)]
    cell = lab.run(code, patience=60)
    assert cell.status == status, f"{code!r}: {cell.content}"
    lab.cells.clear()
    lab.stray.clear()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cells", type=int, default=2000)
    parser.add_argument("--growth", type=float, default=8.0, help="MB allowed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sandbox.enter(folder)
        lab = Lab()
        lab.ok(SETUP)
        sizes, began = [], time.monotonic()

        def note(cells):
            sizes.append(proc.memory(lab.pid)["rss"] / 1e6)
            print(f"{cells:>7} cells  {sizes[-1]:6.1f} MB  {time.monotonic() - began:6.0f} s",
                  flush=True)
        note(0)
        for i in range(options.cells):
            step(lab, i)
            if (i + 1) % max(1, options.cells // 20) == 0:
                note(i + 1)
        lab.close()
        growth = max(sizes[-2:]) - max(sizes[:len(sizes) // 4 + 1])
        print(f"after the first quarter: {growth:+.1f} MB")
        return growth > options.growth


if __name__ == "__main__":
    sys.exit(main())
