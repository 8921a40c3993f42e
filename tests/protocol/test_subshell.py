"""Subshells (JEP 91): made and deleted on control, served while the parent shell is busy."""
import time

import pytest

from client import text_of, types_of


def create(kernel):
    reply, out = kernel.request("create_subshell_request", channel="control")
    assert reply.type == "create_subshell_reply" and types_of(out) == ["busy", "idle"]
    assert reply.content["status"] == "ok"
    return reply.content["subshell_id"]


def in_shell(shell, code, **content):
    return dict(msg_type="execute_request", content={"code": code, **content},
                header={"subshell_id": shell})


def send(kernel, shell, code, **content):
    return kernel.send("shell", **in_shell(shell, code, **content))


def run(kernel, shell, code, **content):
    return kernel.request(**in_shell(shell, code, **content))


def test_advertised(kernel):
    reply, _ = kernel.request("kernel_info_request")
    assert "kernel subshells" in reply.content["supported_features"]


def test_create_list_delete(kernel):
    ids = [create(kernel) for _ in range(3)]
    assert len(set(ids)) == 3
    reply, _ = kernel.request("list_subshell_request", channel="control")
    assert reply.content == {"status": "ok", "subshell_id": ids}
    reply, _ = kernel.request("delete_subshell_request", {"subshell_id": ids[1]},
                              channel="control")
    assert reply.content == {"status": "ok"}
    reply, _ = kernel.request("list_subshell_request", channel="control")
    assert reply.content["subshell_id"] == [ids[0], ids[2]]


@pytest.mark.parametrize("content", [{}, {"subshell_id": "nobody"}, {"subshell_id": 3}])
def test_delete_what_is_not_there(kernel, content):
    reply, _ = kernel.request("delete_subshell_request", content, channel="control")
    assert reply.content["status"] == "error" and reply.content["ename"] == "SubshellError"
    assert kernel.alive()


def test_a_limit(kernel):
    for _ in range(64):
        create(kernel)
    reply, _ = kernel.request("create_subshell_request", channel="control")
    assert reply.content["status"] == "error" and "64" in reply.content["evalue"]
    assert kernel.alive()


def test_unknown_subshell(kernel):
    reply, out = run(kernel, "nobody", "echo 1")
    assert reply.content["status"] == "error" and types_of(out) == ["busy", "idle"]
    assert reply.parent["msg_id"] and kernel.alive()


def test_counts_of_their_own(kernel):
    a, b = create(kernel), create(kernel)
    assert [run(kernel, s, "echo 1")[0].content["execution_count"]
            for s in (a, a, b, None, a)] == [1, 2, 1, 1, 3]


def test_parent_header_is_echoed_whole(kernel):
    a = create(kernel)
    reply, out = run(kernel, a, "say hello")
    assert reply.parent["subshell_id"] == a
    assert all(m.parent["subshell_id"] == a for m in out)


def test_answers_while_the_parent_is_busy(kernel):
    a = create(kernel)
    long = kernel.execute("sleep 30")
    kernel.wait_for("execute_input", long)
    reply, out = run(kernel, a, "say inside")
    assert reply.content["status"] == "ok" and text_of(out) == "inside"
    reply, _ = kernel.request("complete_request", {"code": "e", "cursor_pos": 1},
                              header={"subshell_id": a})
    assert reply.content["matches"]
    kernel.request("interrupt_request", channel="control")
    assert kernel.reply(long).content["ename"] == "KeyboardInterrupt"
    assert kernel.alive()


def test_parent_answers_while_a_subshell_is_busy(kernel):
    a = create(kernel)
    long = send(kernel, a, "sleep 30")
    kernel.wait_for("execute_input", long)
    reply, _ = kernel.run("echo 1")
    assert reply.content["status"] == "ok"
    kernel.request("interrupt_request", channel="control")
    assert kernel.reply(long).content["ename"] == "KeyboardInterrupt"


def test_two_sleeps_at_once(kernel):
    """A visit's sleep takes nothing from the one it interrupted."""
    a = create(kernel)
    start = time.monotonic()
    first = kernel.execute("sleep 0.4")
    kernel.wait_for("execute_input", first)
    second = send(kernel, a, "sleep 0.4")
    kernel.until_idle(second)
    kernel.until_idle(first)
    assert time.monotonic() - start >= 0.4


def test_output_belongs_to_its_request(kernel):
    a = create(kernel)
    long = kernel.execute("sleep 30")
    kernel.wait_for("execute_input", long)
    visit = send(kernel, a, "say visit")
    got = kernel.until_idle(visit)
    assert text_of(got) == "visit"
    kernel.send("control", "interrupt_request")
    assert text_of(kernel.until_idle(long)) == ""


def test_sequential_within(kernel):
    a = create(kernel)
    long = kernel.execute("sleep 30")
    kernel.wait_for("execute_input", long)
    ids = [send(kernel, a, f"echo {i}") for i in range(20)]
    got = [kernel.recv("shell").parent_id for _ in ids]
    assert got == ids
    kernel.request("interrupt_request", channel="control")


def test_an_error_aborts_its_own_shell_alone(kernel):
    a = create(kernel)
    first = send(kernel, a, "sleep 0.3")
    kernel.wait_for("execute_input", first)
    bad, after = send(kernel, a, "error x"), send(kernel, a, "echo no")
    parent = kernel.execute("echo yes")
    replies = {}
    while len(replies) < 4:
        m = kernel.recv("shell")
        replies[m.parent_id] = m.content
    assert replies[bad]["ename"] == "Error"
    assert replies[after]["ename"] == "ExecutionAborted"
    assert replies[parent]["status"] == replies[first]["status"] == "ok"


def test_during_input(kernel):
    a = create(kernel)
    asking = kernel.execute("input name?", allow_stdin=True)
    question = kernel.recv("stdin")
    assert run(kernel, a, "echo 1")[0].content["status"] == "ok"
    reply, _ = run(kernel, a, "input me too", allow_stdin=True)
    assert reply.content["status"] == "error", "one question at a time"
    kernel.send("stdin", "input_reply", {"value": "Ana"}, parent=question.header)
    assert kernel.reply(asking).content["status"] == "ok"


def test_deleted_while_requests_wait(kernel):
    a = create(kernel)
    running = send(kernel, a, "sleep 0.3")
    kernel.wait_for("execute_input", running)
    waiting = send(kernel, a, "echo 1")
    kernel.request("list_subshell_request", channel="control")
    kernel.request("delete_subshell_request", {"subshell_id": a}, channel="control")
    replies = {m.parent_id: m.content for m in (kernel.recv("shell"), kernel.recv("shell"))}
    assert replies[running]["status"] == "ok"
    assert replies[waiting]["ename"] in ("SubshellError",)
    assert kernel.alive()


def test_history_of_its_own(kernel):
    a = create(kernel)
    kernel.run("echo parent")
    run(kernel, a, "echo visit")
    ask = {"hist_access_type": "range", "session": 0, "start": 0, "stop": -1, "raw": True,
           "output": False}
    reply, _ = kernel.request("history_request", ask)
    assert [h[2] for h in reply.content["history"]] == ["echo parent"]
    reply, _ = kernel.request("history_request", ask, header={"subshell_id": a})
    assert [h[2] for h in reply.content["history"]] == ["echo visit"]


def test_shutdown_while_visiting(kernel):
    a = create(kernel)
    kernel.wait_for("execute_input", kernel.execute("sleep 30"))
    kernel.wait_for("execute_input", send(kernel, a, "sleep 30"))
    assert kernel.shutdown() == 0
