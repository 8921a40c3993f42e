"""A fatal signal ends the process, and every request has its answer before."""
import os
import signal

import pytest

from client import FAKE, Kernel, text_of, types_of

# A sanitizer wants these signals for itself: its builds leave them alone.
pytestmark = pytest.mark.skipif("san/" in FAKE, reason="left out: the sanitizer's own signals")


def ended(k, number=signal.SIGSEGV):
    """The process is gone by that signal, its file removed or not, nothing in its way."""
    assert k.wait() == -number
    return True


@pytest.mark.parametrize("word,number", [
    ("null", signal.SIGSEGV), ("abort", signal.SIGABRT), ("thread", signal.SIGSEGV)]
    + [(str(int(n)), n) for n in (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)])
def test_a_crash_is_an_error(word, number):
    with Kernel(args=["--debug"]) as k:
        assert k.alive()
        cell = k.execute(f"crash {word}")
        reply = k.reply(cell)
        outputs = k.until_idle(cell)
        assert reply.type == "execute_reply" and reply.content["status"] == "error"
        assert reply.content["ename"] == "Crash" and reply.content["execution_count"] == 1
        assert number.name in reply.content["evalue"] and "word 2" in reply.content["evalue"]
        assert any(f"saved {word}" in line for line in reply.content["traceback"])
        assert types_of(outputs) == ["busy", "execute_input", "stream", "error", "idle"]
        assert text_of(outputs) == "last words"
        error = outputs[-2].content
        assert error == {name: reply.content[name] for name in error}
        assert ended(k, number)


@pytest.mark.parametrize("word", ["hang", "again"])
def test_what_cannot_be_saved_holds_nobody_up(word):
    with Kernel() as k:
        cell = k.execute(f"crash {word}")
        reply = k.reply(cell)
        assert reply.content["ename"] == "Crash" and "word 1" in reply.content["evalue"]
        assert not any("saved" in line for line in reply.content["traceback"])
        k.until_idle(cell)
        assert ended(k)


def test_whatever_waits_is_answered():
    with Kernel() as k:
        running = k.execute("sleep 30")
        k.wait_for("execute_input", running)
        waiting = [k.execute("echo 1"), k.execute("echo 2")]
        other = k.send("shell", "complete_request", {"code": "e", "cursor_pos": 1})
        k.request("kernel_info_request", channel="control")
        k.signal(signal.SIGSEGV)
        assert k.reply(running).content["ename"] == "Crash"
        for cell in waiting:
            assert k.reply(cell).content["ename"] == "ExecutionAborted"
        assert k.reply(other).content["status"] == "error"
        assert types_of(k.until_idle(other))[-1] == "idle"
        assert ended(k)


def test_a_crash_inside_of_a_visit_ends_both():
    with Kernel() as k:
        made, _ = k.request("create_subshell_request", channel="control")
        running = k.execute("sleep 30")
        k.wait_for("execute_input", running)
        inside = k.send("shell", "execute_request", {"code": "crash 11"},
                        header={"subshell_id": made.content["subshell_id"]})
        replies = {m.parent_id: m.content["ename"] for m in (k.recv("shell"), k.recv("shell"))}
        assert replies == {running: "Crash", inside: "Crash"}
        k.until_idle(running)
        assert ended(k)


def test_silent_and_idle():
    with Kernel() as k:
        assert k.alive()
        cell = k.send("shell", "execute_request", {"code": "crash 11", "silent": True})
        assert k.reply(cell).content["ename"] == "Crash"
        assert types_of(k.until_idle(cell)) == ["busy", "idle"]
        assert ended(k)
    with Kernel() as k:
        assert k.alive()
        k.signal(signal.SIGSEGV)
        assert ended(k)


def test_files_are_removed(tmp_path):
    with Kernel({"transport": "ipc", "ip": str(tmp_path / "sock")}) as k:
        k.reply(k.execute("crash 11"))
        assert ended(k)
    assert os.listdir(tmp_path) == []
