"""history_request: tail, range, search; across processes; without a usable database."""
import contextlib
import os
import signal
import sqlite3
import subprocess
import time

import pytest

from client import Kernel


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "deep" / "folder" / "history.sqlite")


def ask(kernel, **content):
    reply, _ = kernel.request("history_request", {"output": False, "raw": True, **content})
    assert reply.content["status"] == "ok"
    return reply.content["history"]


def inputs(rows):
    return [r[2] for r in rows]


def written(path):
    """The cells in the file, as any other process sees them."""
    if not os.path.exists(path):
        return []
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'cells'").fetchall():
            return []
        return [row[0] for row in db.execute("SELECT input FROM cells ORDER BY id")]


def test_tail(kernel):
    for i in range(5):
        kernel.run(f"echo {i}")
    rows = ask(kernel, hist_access_type="tail", n=3)
    assert rows == [[1, 3, "echo 2"], [1, 4, "echo 3"], [1, 5, "echo 4"]]
    rows = ask(kernel, hist_access_type="tail", n=1, output=True)
    assert rows == [[1, 5, ["echo 4", "4"]]]
    assert len(ask(kernel, hist_access_type="tail", n=1000)) == 5


def test_what_is_stored(kernel):
    kernel.run("echo silent", silent=True)
    kernel.run("echo unstored", store_history=False)
    kernel.run("error x")
    kernel.run("print 2")
    rows = ask(kernel, hist_access_type="tail", n=10, output=True)
    assert rows == [[1, 1, ["error x", None]], [1, 2, ["print 2", None]]]


def test_search(kernel):
    for code in ("echo aa", "echo ab", "echo aa", "echo [x]", "say echo"):
        kernel.run(code)
    search = lambda **kw: inputs(ask(kernel, hist_access_type="search", **kw))  # noqa: E731
    assert search(pattern="echo a?") == ["echo aa", "echo ab", "echo aa"]
    assert search(pattern="echo a?", unique=True) == ["echo ab", "echo aa"]
    assert search(pattern="echo a?", n=1) == ["echo aa"]
    assert search(pattern="echo") == []  # the whole string, not a part of it
    assert search(pattern="*echo") == ["say echo"]
    assert search(pattern="echo [x]") == ["echo [x]"]  # no character classes
    assert len(search(pattern="*")) == len(search()) == 5
    assert search(pattern="*" * 500 + "zz") == []


def test_range_and_processes(path):
    for n in range(2):
        with Kernel(args=["--history", path]) as k:
            for i in range(4):
                k.run(f"echo {n}.{i}")
    with Kernel(args=["--history", path]) as k:
        k.run("echo now")
        get = lambda **kw: ask(k, hist_access_type="range", **kw)  # noqa: E731
        (current, line, _), = get(session=0, start=0)
        assert line == 1
        last = get(session=-1, start=1)
        assert inputs(last) == ["echo 1.0", "echo 1.1", "echo 1.2", "echo 1.3"]
        assert inputs(get(session=-2, start=2, stop=4)) == ["echo 0.1", "echo 0.2"]
        assert get(session=last[0][0], start=2, stop=3) == [[last[0][0], 2, "echo 1.1"]]
        assert get(session=-3, start=0) == [] and get(session=999, start=0) == []
        assert get(session=-(2**62), start=0) == []
        assert inputs(ask(k, hist_access_type="tail", n=3)) == [
            "echo 1.2", "echo 1.3", "echo now"]
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_two_kernels_share_it(path):
    with Kernel(args=["--history", path]) as a, Kernel(args=["--history", path]) as b:
        for i in range(10):
            a.run(f"echo a{i}")
            b.run(f"echo b{i}")
        a.run("echo x")
        assert ask(b, hist_access_type="tail", n=1)  # a question writes what is pending first
        got = inputs(ask(a, hist_access_type="tail", n=100))
        assert sorted(got) == sorted([f"echo {x}{i}" for x in "ab" for i in range(10)]
                                     + ["echo x"])


def test_kill_leaves_it_whole(path):
    k = Kernel(args=["--history", path])
    k.run("echo before")
    deadline = time.monotonic() + 30
    while written(path) != ["echo before"]:
        assert time.monotonic() < deadline, "a cell reaches the file without being asked for"
    k.run("echo last")
    k.signal(signal.SIGKILL)
    k.wait()
    k.close()
    with Kernel(args=["--history", path]) as k:
        assert inputs(ask(k, hist_access_type="tail", n=10))[0] == "echo before"


def works_in_memory(args, env=None):
    with Kernel(args=args, env=env) as k:
        k.run("echo 1")
        k.run("echo 2")
        assert inputs(ask(k, hist_access_type="tail", n=10)) == ["echo 1", "echo 2"]
        assert len(ask(k, hist_access_type="range", session=0, start=1, stop=2)) == 1
        return k.logged()


def test_corrupt(tmp_path):
    bad = tmp_path / "h.sqlite"
    bad.write_bytes(b"this is no database" * 1000)
    log = works_in_memory(["--history", str(bad)])
    assert log.count("history:") == 1
    assert bad.read_bytes().startswith(b"this is no database")


def test_impossible_place(tmp_path):
    (tmp_path / "file").write_text("x")
    assert works_in_memory(["--history", str(tmp_path / "file" / "h.sqlite")]).count(
        "history:") == 1


def test_locked(path):
    with Kernel(args=["--history", path]) as k:
        k.run("echo 0")
        ask(k, hist_access_type="tail", n=1)  # the database is open
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        assert k.run("echo 1")[0].content["status"] == "ok"
        assert k.run("echo 2")[0].content["status"] == "ok"
        assert inputs(ask(k, hist_access_type="tail", n=10)) == ["echo 1", "echo 2"]
        assert k.logged().count("history:") == 1
        holder.close()


def test_locked_before_it_is_opened(path):
    os.makedirs(os.path.dirname(path))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    log = works_in_memory(["--history", path])
    assert log.count("history:") == 1
    holder.close()


def test_full(path):
    """No file may grow beyond 64 kB: the history stops growing, the cells go on."""
    with Kernel(args=["--history", path], wrapper=["prlimit", "--fsize=65536"]) as k:
        for i in range(40):
            assert k.run(f"echo {i} " + "x" * 10000)[0].content["status"] == "ok"
        last = inputs(ask(k, hist_access_type="tail", n=3))
        assert [code.split()[1] for code in last] == ["37", "38", "39"]
        assert k.logged().count("history:") == 1


def test_full_device():
    assert works_in_memory(["--history", "/dev/full"]).count("history:") == 1


def test_no_home():
    with Kernel(args=["--history", ""], env={"HOME": "", "XDG_DATA_HOME": ""}) as k:
        assert k.alive()


@pytest.mark.skipif(os.geteuid() == 0 and not os.path.exists("/usr/bin/setpriv"),
                    reason="root can write everywhere")
def test_read_only(tmp_path):
    """A file system that cannot be written to, as the user sees it."""
    wrapper = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] \
        if os.geteuid() == 0 else []
    probe = subprocess.run([*wrapper, "true"], check=False)
    if probe.returncode:
        wrapper = []
    folder = tmp_path / "ro"
    folder.mkdir()
    (folder / "h.sqlite").write_bytes(b"")
    (folder / "h.sqlite").chmod(0o400)
    folder.chmod(0o500)
    with Kernel(args=["--history", str(folder / "h.sqlite")], wrapper=wrapper) as k:
        assert k.run("echo 1")[0].content["status"] == "ok"
        assert inputs(ask(k, hist_access_type="tail", n=5)) == ["echo 1"]
    folder.chmod(0o700)
