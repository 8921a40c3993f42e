"""debug_request: on control, answered by the thread that runs cells, one after the other."""
from client import types_of


def send(kernel, command, seq=1):
    return kernel.send("control", "debug_request",
                       {"type": "request", "seq": seq, "command": command, "arguments": {}})


def finish(kernel, msg_id):
    return kernel.reply(msg_id, "control"), kernel.until_idle(msg_id)


def test_answered_with_its_event_between_busy_and_idle(kernel):
    reply, out = finish(kernel, send(kernel, "initialize", 7))
    assert reply.type == "debug_reply" and reply.content["success"] is True
    assert reply.content["body"]["seq"] == 7
    assert types_of(out) == ["busy", "debug_event", "idle"]
    assert out[1].content["event"] == "seen"


def test_while_a_cell_runs(kernel):
    long = kernel.execute("sleep 30")
    kernel.wait_for("execute_input", long)
    for i in range(10):
        reply, _ = finish(kernel, send(kernel, "inspectVariables", i))
        assert reply.content["body"]["seq"] == i
    kernel.send("control", "interrupt_request")
    assert kernel.reply(long).content["ename"] == "KeyboardInterrupt"


def test_an_interrupt_while_it_is_answered_is_the_cell_s(kernel):
    long = kernel.execute("sleep 30")
    kernel.wait_for("execute_input", long)
    slow = send(kernel, "slow")
    kernel.wait_for("status", slow)  # busy: it is being answered
    kernel.request("interrupt_request", channel="control")
    assert kernel.reply(long).content["ename"] == "KeyboardInterrupt"
    assert kernel.alive()


def test_in_order_and_control_stays_free(kernel):
    ids = [send(kernel, "slow", i) for i in range(3)]
    info = kernel.send("control", "kernel_info_request")
    first = kernel.recv("control")
    assert first.parent_id == info, "other requests do not wait for the debugger"
    assert [kernel.recv("control").parent_id for _ in ids] == ids


def test_a_busy_interpreter_delays_the_answer_alone(kernel):
    stuck = kernel.execute("stuck 0.5")
    kernel.wait_for("execute_input", stuck)
    asked = send(kernel, "initialize")
    reply, _ = kernel.request("kernel_info_request", channel="control")
    assert reply.content["status"] == "ok"
    assert kernel.reply(asked, "control").content["success"] is True


def test_shutdown_with_a_request_waiting(kernel):
    stuck = kernel.execute("stuck 0.5")
    kernel.wait_for("execute_input", stuck)
    send(kernel, "initialize")
    assert kernel.shutdown() == 0


def test_content_that_is_no_request(kernel):
    reply, _ = kernel.request("debug_request", {}, channel="control")
    assert reply.type == "debug_reply"
    assert kernel.alive()
