"""Every request that is not execute, on shell and on control."""
from client import types_of

import pytest


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_kernel_info(kernel, channel):
    reply, out = kernel.request("kernel_info_request", channel=channel)
    assert types_of(out) == ["busy", "idle"]
    assert reply.type == "kernel_info_reply"
    assert reply.content == {
        "status": "ok", "protocol_version": "5.5", "implementation": "fake",
        "implementation_version": "0.0.1", "banner": "fake", "supported_features": ["kernel subshells", "debugger"],
        "debugger": True, "help_links": [{"text": "help", "url": "https://example.org"}],
        "language_info": {"name": "fake", "version": "1.0", "mimetype": "text/x-fake",
                          "file_extension": ".fake", "pygments_lexer": "text",
                          "codemirror_mode": "text", "nbconvert_exporter": "script"}}


def test_control_answers_while_a_cell_runs(kernel):
    msg_id = kernel.execute("stuck 0.6")
    kernel.wait_for("execute_input", msg_id)
    for _ in range(20):
        info = kernel.send("control", "kernel_info_request")
        assert kernel.reply(info, "control").content["status"] == "ok"
    assert not kernel.sockets["shell"].poll(0)
    assert kernel.reply(msg_id).content["status"] == "ok"


def test_complete(kernel):
    code = "a 😀 ñe"
    reply, out = kernel.request("complete_request", {"code": code, "cursor_pos": 6})
    c = reply.content
    assert (c["status"], c["matches"], c["cursor_start"], c["cursor_end"]) == (
        "ok", ["echo", "error"], 5, 6)
    types = c["metadata"]["_jupyter_types_experimental"]
    assert [t["text"] for t in types] == c["matches"]
    assert types[0]["type"] == "function" and types[1]["type"] == ""
    assert types_of(out) == ["busy", "idle"]


@pytest.mark.parametrize("pos,seen", [(0, 0), (3, 3), (99, 4), (-5, 0), (None, 4), ("x", 4)])
def test_cursor_is_kept_inside(kernel, pos, seen):
    content = {"code": "echo"} if pos is None else {"code": "echo", "cursor_pos": pos}
    reply, _ = kernel.request("inspect_request", {**content, "detail_level": 1})
    assert reply.content["found"] is True
    assert reply.content["data"]["text/plain"] == f"cursor {seen} detail 1"


def test_inspect_not_found(kernel):
    reply, _ = kernel.request("inspect_request", {"code": "zzz", "cursor_pos": 1})
    assert reply.content == {"status": "ok", "found": False, "data": {}, "metadata": {}}


@pytest.mark.parametrize("code,answer", [
    ("echo 1", {"status": "complete"}), ("f(", {"status": "incomplete", "indent": "  "}),
    ("x)", {"status": "invalid"}), ("", {"status": "complete"})])
def test_is_complete(kernel, code, answer):
    assert kernel.request("is_complete_request", {"code": code})[0].content == answer


@pytest.mark.parametrize("name", ["complete", "inspect", "is_complete", "history"])
def test_requests_without_fields(kernel, name):
    reply, out = kernel.request(name + "_request", {})
    assert reply.type == name + "_reply" and reply.content["status"] == "error"
    assert types_of(out) == ["busy", "idle"]


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_unknown_type(kernel, channel):
    msg_id = kernel.send(channel, "frobnicate_request", {})
    assert types_of(kernel.until_idle(msg_id)) == ["busy", "idle"]
    assert kernel.quiet(channel, 0.05)
    assert kernel.alive()


def test_unknown_subshell(kernel):
    msg_id = kernel.send("shell", "execute_request", {"code": "echo 1"},
                         header={"subshell_id": "nope"})
    reply = kernel.reply(msg_id)
    assert reply.content["status"] == "error" and reply.parent["subshell_id"] == "nope"
    assert types_of(kernel.until_idle(msg_id)) == ["busy", "idle"]


def test_connect(kernel):
    reply, _ = kernel.request("connect_request")
    for name in ("shell", "iopub", "stdin", "control", "hb"):
        assert reply.content[name + "_port"] == kernel.info[name + "_port"]


def test_usage(kernel):
    reply, _ = kernel.request("usage_request", channel="control")
    c = reply.content
    assert c["pid"] == kernel.process.pid and c["kernel_memory"] > 1e6
    assert c["host_virtual_memory"]["total"] > c["host_virtual_memory"]["available"] > 0
