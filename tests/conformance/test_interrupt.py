"""Stop, in every state a cell can be in, by message and by signal: the cell ends with a
reply and idle, what was defined is still there, and the next cell runs."""

import time

import pytest

import proc
import sandbox

SOON = 2.0 * proc.SLACK  # seconds; the latency itself is printed here and measured by bench-kernel

MODEL = """lab.seed(1)
digitos = data.digits()
red = nn.Sequential{ nn.Flatten(), nn.Dense{32, activation = "relu"}, nn.Dense{10, activation = "softmax"} }
red:compile{ optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = {"accuracy"} }
red:fit{ digitos, epochs = 3, batch_size = 32, verbose = 0 }"""
FIT = "curva = red:fit{ digitos, epochs = 100000, batch_size = 32 }"

# A state is the code, and what shows that the cell has reached it.
STATES = {
    "loop": ("print('ya'); while true do end", "print"),
    "pcall": ("print('ya'); while true do pcall(function() while true do end end) end", "print"),
    "coroutine": ("print('ya'); coroutine.wrap(function() while true do end end)()", "print"),
    "string.rep": ("print('ya'); local n = 0; while true do n = n + #('nabla'):rep(200000) end", "print"),
    "gsub": ("print('ya'); while true do (('x'):rep(1000000)):gsub('x', 'y') end", "print"),
    "sort": ("print('ya'); while true do local t = {} for i = 1, 200000 do t[i] = (i * 7919) % 200003 end "
             "table.sort(t) end", "print"),
    "sleep": ("print('ya'); os.execute('exec sleep 30')", "print"),
    "flood": ("while true do print('una línea que no termina nunca') end", "print"),
    "input": ("input('¿? ')", "input"),
    "tensor": ("print('ya'); local a = tensor.randn(300, 300); while true do a:matmul(a) end", "print"),
}

METHODS = {"message": "interrupt_by_message", "signal": "interrupt_by_signal"}


latencies = []


@pytest.fixture(scope="module", autouse=True)
def report_latency():
    yield
    ms = sorted(1000 * t for t in latencies)
    if ms:
        sandbox.note(f"stop to idle: median {ms[len(ms) // 2]:.0f} ms, "
                     f"longest {ms[-1]:.0f} ms of {len(ms)}")


@pytest.fixture
def trained(lab):
    """The kernel with a network to train, made once while the process lives."""
    if lab.run("red").status == "error":
        lab.ok(MODEL)
    return lab


def reach(lab, cell, mark):
    """Waits until the cell has printed, has drawn, or asks for input."""
    seen = {"print": lambda: cell.stdout, "input": lambda: cell.input_requests,
            "picture": lambda: len(cell.of("update_display_data")) >= 2}
    lab.until(seen[mark], 20, f"the first {mark}")


def stop(lab, cell, method):
    """Interrupts and waits for the end; seconds from the request to idle."""
    began = time.monotonic()
    getattr(lab, METHODS[method])()
    lab.finish(cell, 10)
    taken = cell.idle_at - began
    latencies.append(taken)
    assert taken < SOON
    return taken


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("state", STATES)
def test_interrupt(lab, state, method):
    code, mark = STATES[state]
    lab.ok("guardado = 7")
    cell = lab.begin(code, allow_stdin=True)
    reach(lab, cell, mark)
    stop(lab, cell, method)
    assert cell.status == "error" and cell.content["ename"] == "KeyboardInterrupt"
    assert cell.error["ename"] == "KeyboardInterrupt"
    assert lab.ok("guardado").result == "7"


@pytest.mark.parametrize("method", METHODS)
def test_interrupt_in_idle_is_harmless(lab, method):
    lab.ok("guardado = 8")
    for _ in range(5):
        getattr(lab, METHODS[method])()
    assert lab.ok("local n = 0 for i = 1, 1e6 do n = n + 1 end guardado").result == "8"


@pytest.mark.parametrize("method", METHODS)
def test_training_stops_and_keeps_its_weights(trained, method):
    trained.ok("lo_que_sigue = nil")
    cell = trained.begin(FIT + "; lo_que_sigue = 1")
    reach(trained, cell, "picture")
    stop(trained, cell, method)
    assert cell.status == "ok", "one interrupt ends the training, not the cell"
    assert cell.error is None
    assert trained.ok("lo_que_sigue").result == "1"
    assert float(trained.ok("red:evaluate(digitos).accuracy").result) > 0.5
    assert trained.ok("#curva.history.loss >= 1").result == "true"
    last = cell.pictures[-1]["data"]
    assert "image/png" in last and "application/pdf" in last, "the last figure is drawn"


def test_two_interrupts_end_the_cell(trained):
    cell = trained.begin(f"while true do {FIT} end")
    reach(trained, cell, "picture")
    trained.interrupt_by_message()
    stop(trained, cell, "message")
    assert cell.content["ename"] == "KeyboardInterrupt"
    assert trained.ok("red:evaluate(digitos).accuracy > 0").result == "true"


def test_quiet_training_stops_too(trained):
    quiet = FIT.replace("batch_size", "verbose = 0, batch_size")
    cell = trained.begin("print('ya'); " + quiet)
    reach(trained, cell, "print")
    stop(trained, cell, "message")
    assert cell.status == "ok"


def test_interrupt_ends_the_queue(lab):
    cell = lab.begin("print('ya'); while true do end")
    queued = lab.begin("no_debe_correr = true")
    reach(lab, cell, "print")
    stop(lab, cell, "message")
    assert lab.finish(queued).content["ename"] == "ExecutionAborted"
    lab.fails("no_debe_correr")


def test_an_interrupt_does_not_reach_the_next_cell(lab):
    for _ in range(20):
        cell = lab.begin("print('ya'); while true do end")
        reach(lab, cell, "print")
        lab.interrupt_by_signal()
        lab.finish(cell, 10)
        assert lab.ok("for i = 1, 1000 do end 'libre'").result == "libre"


def test_control_is_answered_while_a_cell_runs(lab):
    cell = lab.begin("print('ya'); while true do end")
    reach(lab, cell, "print")
    began = time.monotonic()
    assert lab.finish(lab.control("kernel_info_request"), 2).status == "ok"
    assert time.monotonic() - began < SOON
    lab.interrupt_by_message()
    lab.finish(cell, 10)
