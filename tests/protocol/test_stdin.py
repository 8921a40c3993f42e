"""input(): the question, the answer, and what may come between."""
import signal
import time

import pytest

from client import SOON, Client, text_of


def ask(kernel, code="input ¿nombre?", **content):
    msg_id = kernel.execute(code, allow_stdin=True, **content)
    return msg_id, kernel.recv("stdin")


def answer(kernel, question, value, **kw):
    kernel.send("stdin", "input_reply", {"value": value}, parent=question.header, **kw)


def result(kernel, msg_id):
    reply = kernel.reply(msg_id)
    out = kernel.until_idle(msg_id)
    values = [m.content["data"]["text/plain"] for m in out if m.type == "execute_result"]
    return reply.content, values, out


def test_input(kernel):
    msg_id, q = ask(kernel)
    assert q.type == "input_request" and q.parent_id == msg_id
    assert q.content == {"prompt": "¿nombre?", "password": False}
    stream = kernel.wait_for("stream", msg_id)  # shown before the answer is given
    assert stream.content["text"] == "before"
    answer(kernel, q, "Ana")
    assert result(kernel, msg_id)[1] == ["Ana"]


def test_password(kernel):
    msg_id, q = ask(kernel, "password clave:")
    assert q.content == {"prompt": "clave:", "password": True}
    answer(kernel, q, "s3creto")
    assert result(kernel, msg_id)[1] == ["s3creto"]


@pytest.mark.parametrize("content", [{}, {"allow_stdin": False}])
def test_not_allowed(kernel, content):
    reply, _ = kernel.run("input x", **content)
    assert reply.content["ename"] == "StdinNotAllowed"
    assert not kernel.sockets["stdin"].poll(0)


def test_end_of_input(kernel):
    msg_id, q = ask(kernel)
    answer(kernel, q, "\x04")
    assert result(kernel, msg_id)[0]["ename"] == "EOFError"


def test_stale_answers_are_dropped(kernel):
    kernel.send("stdin", "input_reply", {"value": "too early"})
    kernel.request("kernel_info_request", channel="control")
    msg_id, q = ask(kernel)
    answer(kernel, q, "one")
    assert result(kernel, msg_id)[1] == ["one"]
    answer(kernel, q, "again")  # to a question that was answered
    msg_id, q2 = ask(kernel)
    answer(kernel, q, "again")  # names the older question
    answer(kernel, q2, "two")
    assert result(kernel, msg_id)[1] == ["two"]


def test_answer_of_another_client_is_dropped(kernel):
    other = Client(kernel.info)
    msg_id, q = ask(kernel)
    answer(other, q, "intruder")
    other.request("kernel_info_request", channel="control")
    answer(kernel, q, "mine")
    assert result(kernel, msg_id)[1] == ["mine"]
    other.close()


def test_answer_without_parent(kernel):
    msg_id, _ = ask(kernel)
    kernel.send("stdin", "input_reply", {"value": "bare"})
    assert result(kernel, msg_id)[1] == ["bare"]


def test_junk_is_ignored(kernel):
    msg_id, q = ask(kernel)
    kernel.sockets["stdin"].send_multipart([b"junk"])
    kernel.send("stdin", "kernel_info_request", {})
    answer(kernel, q, "fine")
    assert result(kernel, msg_id)[1] == ["fine"]


@pytest.mark.parametrize("how", ["signal", "message"])
def test_interrupt(kernel, how):
    msg_id, q = ask(kernel)
    start = time.monotonic()
    if how == "signal":
        kernel.signal(signal.SIGINT)
    else:
        kernel.send("control", "interrupt_request")
    assert result(kernel, msg_id)[0]["ename"] == "KeyboardInterrupt"
    assert time.monotonic() - start < SOON
    answer(kernel, q, "late")  # must not answer the next question
    msg_id, q = ask(kernel)
    answer(kernel, q, "new")
    assert result(kernel, msg_id)[1] == ["new"]


def test_shutdown_while_asking(kernel):
    ask(kernel)
    assert kernel.shutdown() == 0


def test_value_that_is_not_text(kernel):
    msg_id, q = ask(kernel)
    kernel.send("stdin", "input_reply", {"value": 3})
    assert result(kernel, msg_id)[1] == [""]
