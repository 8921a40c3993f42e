"""execute_request: order, counter, silent, errors, user_expressions, payloads, output."""
import json
import re

from client import Kernel, Timeout, text_of, types_of

import pytest


def test_order_and_fields(kernel):
    reply, out = kernel.run("echo hola")
    assert types_of(out) == ["busy", "execute_input", "execute_result", "idle"]
    assert out[1].content == {"code": "echo hola", "execution_count": 1}
    assert out[2].content == {"execution_count": 1, "metadata": {},
                              "data": {"text/plain": "hola"}}
    assert reply.type == "execute_reply"
    assert reply.content == {"status": "ok", "execution_count": 1, "payload": [],
                             "user_expressions": {}}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", reply.metadata["started"])


def test_headers(kernel):
    a, out_a = kernel.run("echo 1")
    b, out_b = kernel.run("echo 2")
    everything = [a, b, *out_a, *out_b, kernel.welcome]
    sessions = {m.header["session"] for m in everything}
    assert len(sessions) == 1 and kernel.session not in sessions
    assert len({m.header["msg_id"] for m in everything}) == len(everything)
    for m in everything:
        assert m.header["version"] == "5.5"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", m.header["date"])


def test_parent_header_is_a_faithful_copy(kernel):
    msg_id, frames = kernel.frames("execute_request", {"code": "echo 1"})
    head = json.loads(frames[2])
    frames[2] = json.dumps({"x-unknown": [1, {"y": "ñ"}], **head}, indent=1).encode()
    frames[1] = kernel.sign(frames[2:6])
    kernel.sockets["shell"].send_multipart(frames)
    assert kernel.reply(msg_id).raw[1] == frames[2]
    assert {m.raw[1] for m in kernel.until_idle(msg_id)} == {frames[2]}


def test_counter_and_store_history(kernel):
    assert kernel.run("echo a", store_history=False)[0].content["execution_count"] == 0
    assert kernel.run("echo a")[0].content["execution_count"] == 1
    assert kernel.run("echo a", store_history=False)[0].content["execution_count"] == 1
    assert kernel.run("error x")[0].content["execution_count"] == 2
    assert kernel.run("echo a", silent=True)[0].content["execution_count"] == 2
    assert kernel.run("echo a")[0].content["execution_count"] == 3


@pytest.mark.parametrize("code", ["echo a", "print 10", "error x", "display", "clear"])
def test_silent_shows_nothing(kernel, code):
    reply, out = kernel.run(code, silent=True)
    assert types_of(out) == ["busy", "idle"]
    assert reply.content["status"] == ("error" if code == "error x" else "ok")


def test_error(kernel):
    reply, out = kernel.run("error boom")
    assert types_of(out) == ["busy", "execute_input", "error", "idle"]
    same = {"ename": "Error", "evalue": "boom", "traceback": ["\x1b[31mtrace\x1b[0m"]}
    assert out[2].content == same
    assert reply.content == {"status": "error", "execution_count": 1, **same}


def test_code_missing(kernel):
    reply, out = kernel.request("execute_request", {"silent": 3})
    assert reply.content["status"] == "error" and types_of(out) == ["busy", "idle"]
    assert kernel.alive()


def test_user_expressions(kernel):
    reply, _ = kernel.run("echo a", user_expressions={"good": "echo 1", "bad": "error e"})
    got = reply.content["user_expressions"]
    assert got["good"] == {"status": "ok", "data": {"text/plain": "1"}, "metadata": {}}
    assert got["bad"]["status"] == "error" and got["bad"]["evalue"] == "e"
    reply, _ = kernel.run("error x", user_expressions={"good": "echo 1"})
    assert "user_expressions" not in reply.content


def test_payloads(kernel):
    reply, _ = kernel.run("page help text")
    assert reply.content["payload"] == [
        {"source": "page", "data": {"text/plain": "help text"}, "start": 0}]
    reply, _ = kernel.run("next second")
    assert reply.content["payload"] == [
        {"source": "set_next_input", "text": "second", "replace": True}]
    assert kernel.run("echo 1")[0].content["payload"] == []


def test_display_and_clear(kernel):
    _, out = kernel.run("display")
    shown = out[2]
    assert shown.type == "display_data"
    assert shown.content["data"] == {"text/plain": "picture", "image/png": "iVBORw==",
                                     "application/vnd.vegalite.v5+json": {"a": [1, 2]}}
    assert shown.content["metadata"] == {"caption": "c"}
    assert shown.content["transient"] == {}
    _, out = kernel.run("display fig1")
    assert out[2].content["transient"] == {"display_id": "fig1"}
    assert kernel.run("clear wait")[1][2].content == {"wait": True}
    assert kernel.run("clear")[1][2].content == {"wait": False}


def test_json_that_is_not(kernel):
    """NaN, a bad MIME type, NUL and bytes that are not UTF-8."""
    _, out = kernel.run("nan")
    assert out[2].content["data"] == {"text/plain": "nan \ufffd!"}


def test_outputs_come_before_the_reply_is_needed(kernel):
    """A client that reads the reply first gets each iopub message within 0.1 s. On a machine
    that has much else to do, one time of five."""
    for code in ("print 3", "say x", "display", "update 5", "print 20000"):
        for last in (False, False, False, False, True):
            msg_id = kernel.execute(code)
            kernel.reply(msg_id)
            try:
                kernel.until_idle(msg_id, deadline=0.1)
                break
            except Timeout:
                if last:
                    raise
                kernel.until_idle(msg_id)


def test_streams_are_joined_and_whole(kernel):
    _, out = kernel.run("print 100000")
    assert text_of(out) == "".join(f"{i}\n" for i in range(100000))
    assert len(out) < 40


def test_streams_keep_their_order(kernel):
    _, out = kernel.run("say a")
    assert types_of(out) == ["busy", "execute_input", "stream", "idle"]
    assert kernel.run("warn b")[1][2].content == {"name": "stderr", "text": "b"}


@pytest.mark.parametrize("raw,clean", [
    ("c3b1", "ñ"), ("f09f9880", "😀"), ("c3", "\ufffd"), ("ff41", "\ufffdA"),
    ("6100080762", "ab"), ("1b5b33316d781b5b306d", "\x1b[31mx\x1b[0m"),
    ("1b5b324b41", "A"), ("1b5d303b7469746c650741", "A"), ("c28541", "A"),
    ("0d0a09", "\r\n\t"), ("1b", ""), ("eda080", "\ufffd\ufffd\ufffd")])
def test_text_is_cleaned_across_pieces(kernel, raw, clean):
    assert text_of(kernel.run("raw " + raw)[1]) == clean


def test_output_cap():
    with Kernel(args=["--cap", "5000"]) as k:
        _, out = k.run("print 100000")
        text = text_of(out)
        assert text.startswith("0\n1\n2\n") and len(text) < 5300
        assert "Salida recortada" in text and text.endswith("]\n")
        assert text.count("Salida recortada") == 1
        assert text_of(k.run("print 2")[1]) == "0\n1\n"


def test_flood_of_outputs_stays_under_the_limits(kernel):
    """Updates give way to newer ones, the last one is always sent."""
    _, out = kernel.run("update 3000", deadline=20)
    shown = [m.content["data"]["text/plain"] for m in out if "display" in m.type]
    assert shown[0] == "0" and shown[-1] == "2999" and len(shown) < 100
    assert shown == sorted(shown, key=int)


def test_outputs_that_cannot_be_joined_all_arrive(kernel):
    _, out = kernel.run("shout 1000", deadline=20)
    assert sum(m.type == "display_data" for m in out) == 1000


def test_late_output_keeps_its_parent(kernel):
    first = kernel.execute("keep")
    kernel.until_idle(first)
    second = kernel.execute("speak late")
    m = kernel.wait_for("stream")
    assert m.parent_id == first and m.content["text"] == "late"
    kernel.until_idle(second)


def test_code_with_nul_and_astral(kernel):
    reply, out = kernel.run("echo 😀 ñ")
    assert out[2].content["data"]["text/plain"] == "😀 ñ"
    assert kernel.run("say a\x00b")[0].content["status"] == "ok"
