"""SIGINT and interrupt_request, in every state the kernel can be in."""
import signal
import time

import pytest

from client import SOON, types_of

BOTH = pytest.mark.parametrize("how", ["signal", "message"])


def interrupt(kernel, how):
    if how == "signal":
        kernel.signal(signal.SIGINT)
    else:
        reply, out = kernel.request("interrupt_request", channel="control")
        assert reply.content == {"status": "ok"} and reply.type == "interrupt_reply"


@BOTH
def test_idle_is_harmless(kernel, how):
    for _ in range(50):
        interrupt(kernel, how)
        reply, _ = kernel.run("sleep 0.001")
        assert reply.content["status"] == "ok", reply


@BOTH
@pytest.mark.parametrize("code", ["sleep 30", "flood"])
def test_running(kernel, how, code):
    msg_id = kernel.execute(code)
    kernel.wait_for("execute_input", msg_id)
    start = time.monotonic()
    interrupt(kernel, how)
    reply = kernel.reply(msg_id)
    assert reply.content["ename"] == "KeyboardInterrupt"
    assert time.monotonic() - start < SOON
    assert kernel.alive()


@BOTH
def test_as_soon_as_busy_is_seen(kernel, how):
    """Between busy and the cell's first step nothing is lost."""
    for _ in range(40):
        msg_id = kernel.execute("sleep 30")
        while kernel.recv("iopub").parent_id != msg_id:
            pass
        kernel.signal(signal.SIGINT) if how == "signal" else kernel.send(
            "control", "interrupt_request")
        assert kernel.reply(msg_id).content["ename"] == "KeyboardInterrupt"
        kernel.until_idle(msg_id)


@BOTH
def test_queue_is_aborted(kernel, how):
    ids = [kernel.execute("sleep 30"), kernel.execute("echo no"), kernel.execute("echo no")]
    kernel.wait_for("execute_input", ids[0])
    kernel.request("kernel_info_request", channel="control")
    interrupt(kernel, how)
    got = [kernel.reply(i).content["ename"] for i in ids]
    assert got == ["KeyboardInterrupt", "ExecutionAborted", "ExecutionAborted"]
    assert kernel.alive()


@BOTH
def test_a_storm(kernel, how):
    """Whatever the timing, every request is answered and the kernel lives."""
    ids = [kernel.execute("echo 1", stop_on_error=False) for _ in range(100)]
    for _ in range(100):
        kernel.signal(signal.SIGINT) if how == "signal" else kernel.send(
            "control", "interrupt_request")
    for i in ids:
        kernel.reply(i)
    for i in ids:
        assert types_of(kernel.until_idle(i))[-1] == "idle"
    assert kernel.alive()


@BOTH
def test_variables_stay(kernel, how):
    kernel.run("echo 1")
    msg_id = kernel.execute("sleep 30")
    kernel.wait_for("execute_input", msg_id)
    interrupt(kernel, how)
    kernel.reply(msg_id)
    # 2 when the interrupt came before the cell's first step
    assert kernel.run("count")[1][2].content["data"]["text/plain"] in ("2", "3")


def test_a_cell_that_ignores_it(kernel):
    msg_id = kernel.execute("stuck 0.3")
    kernel.wait_for("execute_input", msg_id)
    interrupt(kernel, "message")
    assert kernel.reply(msg_id).content["status"] == "ok"
    assert kernel.run("sleep 0.01")[0].content["status"] == "ok"
