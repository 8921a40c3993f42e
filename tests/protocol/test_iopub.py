"""Welcome (JEP 65), subscriptions, reconnecting."""
import json

import zmq

from client import DEADLINE, Client, Kernel, text_of


def test_welcome_of_the_first_and_of_others(kernel):
    assert kernel.welcome.content == {"subscription": ""}
    assert kernel.welcome.raw[1] == b"{}"
    for _ in range(3):
        other = Client(kernel.info)  # asserts that its first message is the welcome
        assert other.welcome.content == {"subscription": ""}
        other.run("echo 1")
        other.close()
    assert kernel.alive()


def test_named_subscription(kernel):
    other = Client(kernel.info, subscribe=b"stream")
    assert other.welcome.content == {"subscription": "stream"}
    assert other.welcome.ids == [b"stream"]
    msg_id = kernel.execute("say hola")
    m = other.recv("iopub")
    assert m.type == "stream" and m.parent_id == msg_id
    other.close()


def test_topic_that_is_not_text(kernel):
    other = Client(kernel.info, subscribe=b"\xff\xfe", welcome=False)
    assert kernel.alive()
    assert other.quiet("iopub")
    other.close()


def test_welcome_comes_first_in_the_middle_of_a_flood(kernel):
    msg_id = kernel.execute("update 100000")
    kernel.wait_for("display_data", msg_id)
    for _ in range(5):
        Client(kernel.info).close()
    kernel.send("control", "interrupt_request")
    kernel.until_idle(msg_id)


def test_handover_while_busy(kernel):
    """A front end that comes back with its identity gets the reply of the running cell."""
    first = Client(kernel.info, identity=b"laptop")
    msg_id = first.execute("sleep 0.5")
    kernel.wait_for("execute_input")
    old = first.sockets["shell"]
    first.open("shell")  # same identity, the old socket still open
    info = first.send("shell", "kernel_info_request")
    assert first.reply(msg_id).content["status"] == "ok"
    assert first.reply(info).content["status"] == "ok"
    old.close(0)
    first.close()


def test_two_clients_at_once(kernel):
    other = Client(kernel.info)
    a, b = kernel.execute("echo a"), other.execute("echo b")
    assert kernel.reply(a).content["status"] == other.reply(b).content["status"] == "ok"
    for c in (kernel, other):
        seen = {m.parent_id for m in c.until_idle(b)} | {a}
        assert b in seen
    other.close()


def test_heartbeat_echoes_the_same_bytes(kernel):
    for data in (b"ping", b"", b"\x00\xff" * 1000):
        kernel.sockets["hb"].send(data)
        assert kernel.sockets["hb"].poll(DEADLINE * 1000)
        assert kernel.sockets["hb"].recv() == data


def test_heartbeat_while_busy(kernel):
    msg_id = kernel.execute("stuck 0.3")
    kernel.wait_for("execute_input", msg_id)
    kernel.sockets["hb"].send(b"x")
    assert kernel.sockets["hb"].recv() == b"x"
    assert kernel.sockets["shell"].poll(0) == 0
    kernel.reply(msg_id)


def test_starting_once():
    """A client that is there before the kernel sees starting, once."""
    with Kernel() as k:
        states = []
        k.alive()
        k.alive()
        other = Client(k.info)
        msg_id = other.execute("echo 1")
        states = [m.content["execution_state"] for m in other.until_idle(msg_id)
                  if m.type == "status"]
        assert states == ["busy", "idle"]
        other.close()
