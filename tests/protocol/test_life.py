"""Start and end: connection files, shutdown, signals, the parent's death, what is left."""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from client import DEADLINE, FAKE, SLOW, SOON, Client, Kernel, types_of


@pytest.mark.parametrize("restart", [True, False])
@pytest.mark.parametrize("channel", ["control", "shell"])
def test_shutdown(restart, channel):
    with Kernel() as k:
        msg_id = k.send(channel, "shutdown_request", {"restart": restart})
        reply = k.reply(msg_id, channel)
        assert reply.type == "shutdown_reply"
        assert reply.content == {"status": "ok", "restart": restart}
        out = k.until_idle(msg_id)
        assert types_of(out) == ["busy", "shutdown_reply", "idle"]
        assert out[1].content == reply.content
        assert k.wait() == 0


@pytest.mark.parametrize("channel", ["control", "shell"])
def test_shutdown_while_busy(channel):
    with Kernel() as k:
        cell = k.execute("sleep 30")
        waiting = k.execute("echo no")
        k.wait_for("execute_input", cell)
        k.request("kernel_info_request", channel="control")
        start = time.monotonic()
        k.send(channel, "shutdown_request", {"restart": False})
        assert k.reply(cell).content["ename"] == "KeyboardInterrupt"
        assert k.reply(waiting).content["ename"] == "ExecutionAborted"
        assert k.wait() == 0
        assert time.monotonic() - start < SOON


def test_shutdown_of_a_cell_that_does_not_stop():
    with Kernel() as k:
        cell = k.execute("stuck 60")
        k.wait_for("execute_input", cell)
        start = time.monotonic()
        msg_id = k.send("control", "shutdown_request", {"restart": False})
        assert k.reply(msg_id, "control").content["status"] == "ok"
        assert types_of(k.until_idle(msg_id))[-1] == "idle"
        assert k.wait() == 0
        assert time.monotonic() - start < SOON


@pytest.mark.parametrize("code", [None, "sleep 30", "flood", "input x"])
def test_sigterm(code):
    with Kernel() as k:
        if code:
            cell = k.execute(code, allow_stdin=True)
            k.wait_for("execute_input", cell)
        k.signal(signal.SIGTERM)
        assert k.wait() == 0


def test_sigint_then_shutdown_as_the_launcher_does():
    with Kernel() as k:
        k.alive()
        k.signal(signal.SIGINT)
        assert k.shutdown() == 0


def parent_of(k):
    """A process that is the kernel's parent by name, and ends when told."""
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


@pytest.mark.parametrize("code", [None, "sleep 30", "stuck 60"])
def test_parent_death(code):
    parent = parent_of(None)
    with Kernel(env={"JPY_PARENT_PID": str(parent.pid)}) as k:
        assert k.alive()
        if code:
            k.wait_for("execute_input", k.execute(code))
        parent.kill()
        parent.wait()
        assert k.wait() == 0


@pytest.mark.parametrize("value", ["1", "0", "", "abc", "-5", "999999999"])
def test_parents_that_are_not_watched(value):
    with Kernel(env={"JPY_PARENT_PID": value}) as k:
        assert k.alive()


def test_ports_as_strings_and_unknown_fields():
    with Kernel() as k:
        ports = {n + "_port": str(k.info[n + "_port"])
                 for n in ("shell", "iopub", "stdin", "control", "hb")}
    with Kernel({**ports, "something": {"else": [1]}}) as k:
        assert k.info["something"] == {"else": [1]}
        assert k.info["shell_port"] == ports["shell_port"]  # nothing chosen: not rewritten
        assert k.alive()


def held_port():
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    return taken, taken.getsockname()[1]


def test_a_port_in_use_is_waited_for():
    """What had it may be the kernel before a restart, or a connection that was given it."""
    taken, port = held_port()
    release = threading.Timer(0.5, taken.close)
    release.start()
    with Kernel({"shell_port": port}) as k:
        k.run("echo x")
    release.join()


def test_a_port_that_stays_in_use_is_said():
    taken, port = held_port()
    with taken, Kernel({"shell_port": port}, connect=False) as k:
        assert k.wait() == 1
        assert f"127.0.0.1:{port}" in k.logged() and "en uso" in k.logged()


def test_port_zero_is_written_back():
    with Kernel({"shell_port": 0, "iopub_port": "0", "kernel_name": "x"}) as k:
        assert k.info["shell_port"] > 0 and k.info["kernel_name"] == "x"
        assert os.stat(k.path).st_mode & 0o777 == 0o600
        assert k.alive()


def test_ipc(tmp_path):
    with Kernel({"transport": "ipc", "ip": str(tmp_path / "sock")}) as k:
        assert os.path.exists(f"{tmp_path}/sock-{k.info['shell_port']}")
        assert k.alive()
    assert os.listdir(tmp_path) == []


def test_ipv6():
    with Kernel({"ip": "::1"}, connect=False) as k:
        k.wait_for_ports()
        k.signal(signal.SIGTERM)
        assert k.wait() == 0


@pytest.mark.parametrize("text,said", [
    ("", "JSON"), ("[1]", "JSON"), ("{", "JSON"), ('{"shell_port": -1}', "shell_port"),
    ('{"hb_port": 70000}', "hb_port"), ('{"iopub_port": "x"}', "iopub_port"),
    ('{"iopub_port": []}', "iopub_port"), ('{"transport": "udp"}', "udp"),
    ('{"key": 3}', "key"), ('{"ip": "no.such.address.invalid"}', "no.such"),
    ('{"transport": "ipc", "ip": "' + "x" * 300 + '"}', "ipc://"), ("x" * 70000, "65536")])
def test_bad_files_end_with_one_line(tmp_path, text, said):
    path = tmp_path / "k.json"
    path.write_text(text)
    done = subprocess.run([FAKE, "-f", str(path)], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert said in done.stderr and done.stderr.count("\n") == 1


def test_missing_file():
    done = subprocess.run([FAKE, "-f", "/nonexistent/k.json"], capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 1 and "/nonexistent/k.json" in done.stderr


def test_port_in_use():
    with Kernel() as k:
        path = k.path + ".second"
        with open(path, "w") as f:
            json.dump(k.info, f)
        done = subprocess.run([FAKE, "-f", path], capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == 1 and str(k.info["shell_port"]) in done.stderr
        assert k.alive()


def test_no_file_given(tmp_path):
    env = {**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path / "run")}
    p = subprocess.Popen([FAKE], stdout=subprocess.PIPE, text=True, env=env,
                         start_new_session=True)
    lines = p.stdout.readline() + p.stdout.readline()
    name = f"kernel-{p.pid}.json"
    assert f"--existing {name}" in lines
    path = tmp_path / "run" / name
    assert os.stat(path).st_mode & 0o777 == 0o600
    client = Client(json.loads(path.read_text()))
    assert client.alive()
    client.send("control", "shutdown_request", {"restart": False})
    assert p.wait(DEADLINE) == 0
    client.close()
    assert not path.exists()


def test_nothing_is_left(tmp_path):
    before = set(os.listdir(tmp_path))
    for _ in range(10):
        with Kernel(directory=tmp_path) as k:
            assert k.alive()
    assert set(os.listdir(tmp_path)) == before


def test_stderr_and_stdout_may_be_gone():
    """A launcher that has closed its ends: writing a log line must not end the kernel."""
    with Kernel() as k:
        info = dict(k.info)
    info = {n: v for n, v in info.items() if not n.endswith("_port")}
    path = "/tmp/nabla-broken-pipe-%d.json" % os.getpid()
    with open(path, "w") as f:
        json.dump(info, f)
    p = subprocess.Popen([FAKE, "-f", path, "--debug"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, start_new_session=True)
    p.stdout.close()
    p.stderr.close()
    try:
        helper = Kernel.__new__(Kernel)
        helper.path, helper.process = path, p
        client = Client(helper.wait_for_ports())
        assert client.alive()
        client.sockets["shell"].send_multipart([b"junk"])
        assert client.alive()
        client.send("control", "shutdown_request", {"restart": False})
        assert p.wait(DEADLINE) == 0
        client.close()
    finally:
        os.unlink(path)


def test_idle_costs_nothing(kernel):
    kernel.alive()

    def ticks():
        with open(f"/proc/{kernel.process.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def switches():
        total = 0
        for task in os.listdir(f"/proc/{kernel.process.pid}/task"):
            with open(f"/proc/{kernel.process.pid}/task/{task}/status") as f:
                total += sum(int(x.split()[1]) for x in f if "ctxt_switches" in x)
        return total

    if SLOW > 1:
        return  # a sanitizer has a thread of its own
    kernel.quiet("iopub", 0.3)
    a, t = switches(), ticks()
    assert kernel.quiet("iopub", 0.5)
    assert switches() == a and ticks() == t
