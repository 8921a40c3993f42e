"""The boxes of a Jupyter kernel, one function each: it passes, raises AssertionError with
what it saw, or NotOffered. They run against any kernelspec; table.py prints what comes out.

Sources: the messaging specification (sections named in the titles), JEP 65 (welcome), 66
(handshake), 80 (control), 91 (subshells), 106 (connection files).
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

import proc
from client import DELIM, Client
from dialects import BY_LANGUAGE
from kernel_client import Lab, Late

ROWS = []
PORTS = ("shell", "control", "stdin", "iopub", "hb")


class NotOffered(Exception):
    """The kernel does not say that it can do this, or its language has no word for it."""


def row(box, title):
    def add(check):
        ROWS.append((box, title, check))
        return check
    return add


class Words(dict):
    def __missing__(self, word):
        raise NotOffered(f"no «{word}» in this language")


class Guest(Lab):
    """What its messages lack in form has a row of its own: it fails no other."""

    def __init__(self, name, faults, **options):
        self.faults = faults
        super().__init__(name, **options)

    def check(self, msg):
        try:
            super().check(msg)
        except Exception as why:
            self.faults.append(f"{msg['msg_type']}: {str(why).splitlines()[0]}")


class Probe:
    """One kernelspec, a kernel of it that rows share, and what its language is called."""

    def __init__(self, name, quick=False):
        self.name, self.quick = name, quick
        self.spec = KernelSpecManager().get_kernel_spec(name)
        self.words = Words(BY_LANGUAGE.get(self.spec.language.lower(), {}))
        self._lab = None
        self.faults = []

    @property
    def lab(self):
        if self._lab is None:
            self._lab = Guest(self.name, self.faults)
        return self._lab

    def lives(self):
        """False when the kernel that the rows share has ended by itself."""
        return self._lab is None or self._lab.manager.is_alive()

    def forget(self):
        """The next row starts with a kernel of its own."""
        if self._lab is not None:
            with contextlib.suppress(Exception):
                self._lab.manager.shutdown_kernel(now=True)
            with contextlib.suppress(Exception):
                self._lab.close()
        self._lab = None

    @contextlib.contextmanager
    def own(self, **options):
        lab = Guest(self.name, self.faults, **options)
        try:
            yield lab
        finally:
            if lab.manager.is_alive():
                lab.manager.shutdown_kernel(now=True)
            lab.client.stop_channels()
            lab.manager.cleanup_resources()

    @contextlib.contextmanager
    def bare(self, **options):
        info = dict(self.lab.manager.get_connection_info())
        info["key"] = info["key"].decode() if isinstance(info["key"], bytes) else info["key"]
        client = Client(info, welcome=False, **options)
        client.sockets["iopub"].poll(300)  # its welcome, or the end of the subscription's way
        try:
            yield client
        finally:
            client.close()

    @contextlib.contextmanager
    def process(self, info, **more):
        """The kernelspec's own command on a file of ours: the process and the file's path.
        more: environment variables."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "kernel.json"
            path.write_text(json.dumps(info))
            words = [w.replace("{connection_file}", str(path)) for w in self.spec.argv]
            if words[0] in ("python", "python3"):  # as jupyter_client has it
                words[0] = sys.executable
            env = {**os.environ, **self.spec.env, "JUPYTER_RUNTIME_DIR": folder}
            env.pop("JPY_PARENT_PID", None)
            env.update(more)
            p = subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 start_new_session=True)
            try:
                yield p, path
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(p.pid, signal.SIGKILL)
                p.wait()

    def running(self, word, **options):
        """A cell of this kind, begun and known to be under way."""
        code = self.words[word]
        cell = self.lab.begin(code, **options)
        if word in ("input", "password"):
            self.lab.until(lambda: cell.input_requests, 10, "input_request")
        else:
            self.lab.until(lambda: cell.stdout, 15, "the first output")
        return cell

    def alive(self):
        cell = self.lab.run(self.words["print"].format("vivo"), patience=10)
        assert "vivo" in cell.stdout, "after that no cell runs"


def free_ports():
    """Five ports that were free a moment ago."""
    with zmq.Context() as context, contextlib.ExitStack() as stack:
        return {f"{c}_port": stack.enter_context(context.socket(zmq.ROUTER))
                .bind_to_random_port("tcp://127.0.0.1") for c in PORTS}


def plain_info(**fields):
    return {"transport": "tcp", "ip": "127.0.0.1", "key": "k" * 20, "kernel_name": "x",
            "signature_scheme": "hmac-sha256", **free_ports(), **fields}


def first_answer(info, patience=20):
    """A client whose kernel_info_request has been answered on shell."""
    client = Client(info, welcome=False)
    client.reply(client.send("shell", "kernel_info_request"), deadline=patience)
    return client


# ---------------------------------------------------------------- A1: sockets, process


@row("A1", "heartbeat echoes the same bytes while a cell runs")
def heartbeat(p):
    cell = p.running("loop")
    with p.bare() as c:
        for word in (b"ping", b"", b"\0\xff" * 50):
            c.sockets["hb"].send(word)
            assert c.sockets["hb"].poll(2000 * proc.SLACK), "no beat"
            assert c.sockets["hb"].recv() == word, "other bytes"
    p.lab.interrupt_by_signal()
    p.lab.finish(cell, 10)


@row("A1", "control is answered while a cell runs")
def control_while_busy(p):
    cell = p.running("loop")
    assert p.lab.finish(p.lab.control("kernel_info_request"), 3).status == "ok"
    p.lab.interrupt_by_signal()
    p.lab.finish(cell, 10)


@row("A1", "opens its five ports, on the address it was given, and no others")
def only_five_ports(p):
    pid, ports = p.lab.pid, {p.lab.manager.get_connection_info()[f"{c}_port"] for c in PORTS}
    inodes = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            inodes.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    listening = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
            address, port = fields[1].split(":")
            assert address == "0100007F", f"listens on {address}"
            listening.add(int(port, 16))
    assert listening == ports, f"also {sorted(listening - ports)}"


@row("A1", "ipc transport")
def ipc(p):
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        with p.own(transport="ipc") as lab:
            assert lab.run(p.words["print"].format("x")).stdout.strip() == "x"


@row("A1", "ports as texts, port 0 and absent ports are chosen and written back")
def chosen_ports(p):
    info = {"transport": "tcp", "ip": "127.0.0.1", "key": "k", "shell_port": "0",
            "iopub_port": 0, "signature_scheme": "hmac-sha256", "unknown": {"kept": 1}}
    with p.process(info) as (process, path):
        end = time.monotonic() + 15 * proc.SLACK
        while time.monotonic() < end and process.poll() is None:
            now = json.loads(path.read_text() or "{}")
            if all(int(now.get(f"{c}_port", 0)) > 0 for c in PORTS):
                client = Client(now, welcome=False)
                reply = client.reply(client.send("shell", "kernel_info_request"))
                assert reply.content["status"] == "ok"
                client.close()
                return
            time.sleep(0.05)
        raise AssertionError("the process ended" if process.poll() is not None
                             else "the file was never written back")


@row("A1", "CurveZMQ on all five sockets")
def curve(p):
    offered = (p.spec.metadata or {}).get("supported_encryption") or []
    if "curve" not in offered:
        raise NotOffered("metadata.supported_encryption")
    with p.own(transport_encryption="required") as lab:
        assert lab.run(p.words["print"].format("x")).stdout.strip() == "x"
        assert lab.client.is_alive(), "no heartbeat"


@row("A1", "ends with its parent process, within 3 s")
def parent_death(p):
    parent = subprocess.Popen(["sleep", "600"])
    info = plain_info()
    with p.process(info, JPY_PARENT_PID=str(parent.pid)) as (process, _):
        client = first_answer(info)
        parent.kill()
        parent.wait()
        client.close()
        try:
            process.wait(3 * proc.SLACK)
        except subprocess.TimeoutExpired:
            raise AssertionError("it lives on") from None


@row("A1", "the same identity comes back while a cell runs")
def handover(p):
    with p.bare(identity=b"portatil") as first:
        first.execute(p.words["short sleep"])
        while b"ya" not in first.sockets["iopub"].recv_multipart()[-1]:
            pass
        first.open("shell")  # a second socket of that identity, as after a lost connection
        asked = first.send("shell", "kernel_info_request")
        first.reply(asked, deadline=5)


@row("A1", "started and stopped again and again, nothing is left behind")
def cycles(p):
    for _ in range(3 if p.quick else int(os.environ.get("CYCLES", "20"))):
        manager = KernelManager(kernel_name=p.name)
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=30 * proc.SLACK)
        pid, path = manager.provisioner.pid, manager.connection_file
        client.stop_channels()
        manager.shutdown_kernel()
        manager.cleanup_resources()
        assert proc.wait_gone(pid, 5), f"processes {proc.session_members(pid)}"
        assert not os.path.exists(path), path


@row("A1", "SIGINT in idle is harmless")
def idle_interrupt(p):
    pid = p.lab.pid
    p.lab.run(p.words["set"].format(8))
    for _ in range(5):
        p.lab.interrupt_by_signal()
        p.lab.ask("kernel_info_request")
    assert p.lab.manager.is_alive() and p.lab.pid == pid, "the process ended"
    p.alive()


# ---------------------------------------------------------------- A2: wire and signatures


@row("A2", "every hash of a signature scheme: sha512, sha1, md5")
def schemes(p):
    for scheme in ("hmac-sha512", "hmac-sha1", "hmac-md5"):
        info = plain_info(signature_scheme=scheme)
        with p.process(info):
            first_answer(info).close()


@row("A2", "an empty key switches signatures off")
def no_key(p):
    info = plain_info(key="")
    with p.process(info):
        first_answer(info).close()


def dropped(p, *messages):
    """None of these messages (frames) is answered or kills the kernel; the next one is."""
    with p.bare() as c:
        for frames in messages:
            c.sockets["shell"].send_multipart(frames)
        asked = c.send("shell", "kernel_info_request")
        assert c.recv("shell", 5).parent_id == asked, "it was answered"
    assert p.lab.manager.is_alive(), "the process ended"
    p.alive()


@row("A2", "a wrong, a short and an empty signature are refused")
def bad_signatures(p):
    with p.bare() as c:
        good = [c.frames("kernel_info_request")[1] for _ in range(3)]
    for frames, signature in zip(good, (b"0" * 64, good[1][1][:10], b"")):
        frames[1] = signature
    dropped(p, *good)


@row("A2", "a message that comes twice counts once")
def replay(p):
    with p.bare() as c:
        _, frames = c.frames("kernel_info_request")
        c.sockets["shell"].send_multipart(frames)
        c.recv("shell", 5)
        c.sockets["shell"].send_multipart(frames)
        asked = c.send("shell", "kernel_info_request")
        assert c.recv("shell", 5).parent_id == asked, "it was answered again"


@row("A2", "no delimiter, too few frames, 20 MB of noise: dropped")
def garbage(p):
    dropped(p, [b""], [b"x"] * 3, [DELIM], [DELIM, b"sig", b"{}"], [b"\xff" * 300] * 20,
            [DELIM, b"", b"{}", b"{}", b"{}", b"{}"], [b"x" * 20_000_000])


@row("A2", "a frame of 100 MB is survived")
def oversized(p):
    with p.bare() as c:
        c.sockets["shell"].send_multipart([DELIM, b"x" * 64, b"{}", b"{}", b"{}", b"x" * 100_000_000])
        c.sockets["shell"].poll(1000)  # as long as it is on its way the client stays
    assert p.lab.manager.is_alive(), "the process ended"
    p.alive()


@row("A2", "signed nonsense (no JSON, no object, no type): dropped")
def nonsense(p):
    with p.bare() as c:
        bad = []
        for header in (b"", b"{", b"[]", b"{}", b'{"msg_type": 3}', b"\xff", b"[" * 5000):
            parts = [header, b"{}", b"{}", b"{}"]
            bad.append([DELIM, c.sign(parts), *parts])
    dropped(p, *bad)


@row("A2", "garbage on control and stdin is survived")
def garbage_elsewhere(p):
    with p.bare() as c:
        for channel in ("control", "stdin"):
            for frames in ([b""], [DELIM], [DELIM, b"a", b"b"], [b"\xff"] * 10):
                c.sockets[channel].send_multipart(frames)
        asked = c.send("control", "kernel_info_request")
        c.reply(asked, "control", 5)
    p.alive()


@row("A2", "one session id per process, its own")
def session_id(p):
    with p.bare() as c:
        replies = [c.reply(c.send("shell", "kernel_info_request")) for _ in range(2)]
        sessions = {m.header["session"] for m in replies}
        assert len(sessions) == 1, "it changes"
        assert sessions != {c.session}, "it is the client's"


@row("A2", "parent_header is the request's, unknown fields included")
def parent_header(p):
    with p.bare() as c:
        asked = c.send("shell", "kernel_info_request", header={"unknown_field": [1, "ñ"]})
        assert c.reply(asked).parent.get("unknown_field") == [1, "ñ"]


@row("A2", "dates are ISO 8601 in UTC with six digits")
def dates(p):
    with p.bare() as c:
        for _ in range(10):
            date = c.reply(c.send("shell", "kernel_info_request")).header["date"]
            time.strptime(date[:19], "%Y-%m-%dT%H:%M:%S")
            assert date[19] == "." and len(date[20:26]) == 6 and date[20:26].isdigit(), date
            assert date[26:] in ("Z", "+00:00"), date


# ---------------------------------------------------------------- A3: start


@row("A3", "iopub_welcome is the first message, to a second client too")
def welcome(p):
    assert p.lab  # the first client
    for subscription in (b"", b"kernel"):
        with p.bare(subscribe=subscription) as c:
            assert c.sockets["iopub"].poll(3000), "nothing came"
            m = c.recv("iopub")
            assert m.type == "iopub_welcome", f"the first message is {m.type}"
            assert m.content["subscription"] == subscription.decode() and m.parent == {}


@row("A3", "status starting once, and nothing until asked")
def starting(p):
    info = plain_info()
    with p.process(info):
        client, states, end = first_answer(info), [], time.monotonic() + 5
        while "idle" not in states and time.monotonic() < end:
            client.send("shell", "kernel_info_request")
            while client.sockets["iopub"].poll(300):
                m = client.recv("iopub")
                if m.type == "status":
                    states.append(m.content["execution_state"])
        client.close()
        assert states.count("starting") <= 1 and states[-2:] == ["busy", "idle"], states


@row("A3", "start-up handshake (JEP 66)")
def handshake(p):
    import hashlib
    import hmac
    version = tuple(int(x) for x in (p.spec.kernel_protocol_version or "0").split("."))
    if version < (5, 5):
        raise NotOffered(f"kernel_protocol_version {p.spec.kernel_protocol_version or '—'}")
    with zmq.Context() as context, context.socket(zmq.ROUTER) as socket:
        socket.linger = 0
        port = socket.bind_to_random_port("tcp://127.0.0.1")
        info = {"kernel_id": "abc", "transport": "tcp", "registration_ip": "127.0.0.1",
                "registration_port": str(port), "signature_scheme": "hmac-sha256", "key": "k"}
        with p.process(info):
            assert socket.poll(15000), "the registrar hears nothing"
            peer, delimiter, signature, content = socket.recv_multipart()
            want = hmac.new(b"k", content, hashlib.sha256).hexdigest().encode()
            assert delimiter == DELIM and signature == want
            told = json.loads(content)
            assert told.pop("kernel_id") == "abc"
            ack = b"{}"
            sign = hmac.new(b"k", ack, hashlib.sha256).hexdigest().encode()
            socket.send_multipart([peer, DELIM, sign, ack])
            ready = {"ip": "127.0.0.1", "transport": "tcp", "key": "k", **told}
            first_answer(ready).close()


# ---------------------------------------------------------------- A4: order


@row("A4", "execute: busy, execute_input, output, reply, idle, in this order")
def order(p):
    with p.bare() as c:
        asked = c.execute(p.words["print"].format("hola"))
        types = [m.content.get("execution_state", m.type) for m in c.until_idle(asked, 10)]
        assert types == ["busy", "execute_input", "stream", "idle"], types


@row("A4", "busy and idle around a request on control")
def control_states(p):
    with p.bare() as c:
        asked = c.send("control", "kernel_info_request")
        c.reply(asked, "control", 5)
        types = [m.content.get("execution_state", m.type) for m in c.until_idle(asked, 3)]
        assert types == ["busy", "idle"], types


@row("A4", "an unknown request: busy, idle, no reply")
def unknown(p):
    with p.bare() as c:
        asked = c.send("shell", "no_such_request")
        types = [m.content.get("execution_state", m.type) for m in c.until_idle(asked, 3)]
        assert types == ["busy", "idle"], types
        asked = c.send("shell", "kernel_info_request")
        assert c.recv("shell").parent_id == asked, "it was answered"


# ---------------------------------------------------------------- A5: execute


@row("A5", "silent: no input, no output, no error message, no count")
def silent(p):
    with p.bare() as c:
        count = c.run(p.words["print"].format(1))[0].content["execution_count"]
        for code in (p.words["value"][0], p.words["error"]):
            _, out = c.run(code, silent=True)
            types = [m.content.get("execution_state", m.type) for m in out]
            assert types == ["busy", "idle"], types
        after = c.run(p.words["print"].format(1))[0].content["execution_count"]
        assert after == count + 1, f"{count} then {after}"


@row("A5", "the first cell is 1; store_history=false does not count")
def counts(p):
    with p.own() as lab:
        code = p.words["print"].format(1)
        one = lab.run(code).content["execution_count"]
        lab.run(code, store_history=False)
        two = lab.run(code).content["execution_count"]
        assert (one, two) == (1, 2), (one, two)


@row("A5", "execute_result of the last expression, with text/plain")
def result(p):
    code, want = p.words["value"]
    assert p.lab.run(code).result == want


@row("A5", "user_expressions, each error for itself")
def expressions(p):
    code, want = p.words["value"]
    got = p.lab.run(p.words["print"].format(1), user_expressions={"a": code, "b": "x = = 1"})
    a, b = (got.content["user_expressions"][x] for x in "ab")
    assert a["status"] == "ok" and a["data"]["text/plain"] == want
    assert b["status"] == "error" and b["ename"]


@row("A5", "an error: one error message, the same in the reply, with a traceback")
def error(p):
    cell = p.lab.run(p.words["error"])
    assert cell.status == "error", cell.status
    assert [m["msg_type"] for m in cell.outputs] == ["error"]
    assert cell.error == {k: cell.content[k] for k in ("ename", "evalue", "traceback")}
    assert cell.content["execution_count"] > 0 and cell.content["traceback"]


@row("A5", "100 queued cells are aborted in under 50 ms; reply and idle for each")
def abort(p):
    with p.bare() as c:
        first = c.execute(p.words["short sleep"] + "\n" + p.words["error"])
        queue = [c.execute(p.words["print"].format("no")) for _ in range(100)]
        c.reply(first, deadline=15)
        began, raw = time.monotonic(), []
        while len(raw) < 100 and c.sockets["shell"].poll(15000):
            raw.append(c.sockets["shell"].recv_multipart())
        took = time.monotonic() - began
        replies = [json.loads(frames[-1]) for frames in raw]
        assert len(replies) == 100 and all(r["status"] != "ok" for r in replies), "they ran"
        idle = set()
        while len(idle & set(queue)) < 100:
            m = c.recv("iopub", 5)
            if m.content.get("execution_state") == "idle":
                idle.add(m.parent_id)
        assert took < 0.05, f"{1000 * took:.0f} ms"


@row("A5", "aborted: status error with ename, evalue and execution_count")
def aborted_shape(p):
    first = p.lab.begin(p.words["short sleep"] + "\n" + p.words["error"])
    second = p.lab.begin(p.words["print"].format("no"))
    p.lab.finish(first, 15)
    content = p.lab.finish(second).content
    assert content["status"] == "error", f"status {content['status']}"
    assert content["ename"] and "execution_count" in content


@row("A5", "only cells are aborted, not completion or kernel_info")
def abort_others(p):
    first = p.lab.begin(p.words["short sleep"] + "\n" + p.words["error"])
    info = p.lab.shell("kernel_info_request", {})
    later = p.lab.shell("is_complete_request", {"code": p.words["complete"]})
    p.lab.finish(first, 15)
    assert p.lab.finish(info).status == "ok"
    assert p.lab.finish(later).status == "complete"
    p.alive()


@row("A5", "stop_on_error=false aborts nothing")
def no_abort(p):
    first = p.lab.begin(p.words["short sleep"] + "\n" + p.words["error"], stop_on_error=False)
    second = p.lab.begin(p.words["print"].format("sigue"))
    p.lab.finish(first, 15)
    assert "sigue" in p.lab.finish(second).stdout


@row("A5", "page payload")
def page(p):
    payload = p.lab.run(p.words["page"]).content["payload"]
    assert payload and payload[0]["source"] == "page" and "text/plain" in payload[0]["data"]


@row("A5", "NaN and infinity: strict JSON everywhere")
def not_a_number(p):
    cell = p.lab.run(p.words["not a number"])
    assert cell.status == "ok" and cell.result


def interrupt_row(word, title):
    for how, method in (("SIGINT", "interrupt_by_signal"), ("message", "interrupt_by_message")):
        def check(p, word=word, method=method):
            lab, pid = p.lab, p.lab.pid
            lab.run(p.words["set"].format(7))
            cell = p.running(word, allow_stdin=True)
            getattr(lab, method)()
            try:
                lab.finish(cell, 5)
            except Late:
                raise AssertionError("not stopped within 5 s") from None
            assert cell.status == "error", cell.status
            assert cell.content["ename"] == "KeyboardInterrupt", cell.content["ename"]
            assert lab.manager.is_alive() and lab.pid == pid, "the process ended"
            kept = lab.run(p.words["get"], patience=10)
            assert "7" in (kept.result or "") + kept.stdout, "variables are lost"
        ROWS.append(("A5", f"{how} in {title} stops the cell and keeps the kernel", check))


for _word, _title in (("loop", "a loop"), ("inside C", "library code"), ("pattern", "a pattern"),
                      ("sleep", "a sleep"), ("input", "input()"), ("flood", "a flood of prints")):
    interrupt_row(_word, _title)


@row("A5", "an interrupt stops a training, a second one the cell")
def training(p):
    lab = p.lab
    cell = p.running("training")
    lab.interrupt_by_message()
    lab.interrupt_by_signal()
    lab.finish(cell, 10)
    assert cell.content["ename"] == "KeyboardInterrupt"
    p.alive()


# ---------------------------------------------------------------- A6: other requests


@row("A6", "kernel_info: everything a front end reads, on shell and control")
def info(p):
    for content in (p.lab.ask("kernel_info_request"),
                    p.lab.finish(p.lab.control("kernel_info_request")).content):
        assert content["status"] == "ok"
        for name in ("protocol_version", "implementation", "implementation_version", "banner",
                     "help_links"):
            assert content.get(name), name
        for name in ("name", "version", "mimetype", "file_extension"):
            assert content["language_info"].get(name), f"language_info.{name}"
        assert isinstance(content.get("supported_features"), list), "supported_features"


@row("A6", "completion replaces the right text")
def completion(p):
    code = p.words["name"]
    got = p.lab.complete(code)
    whole = {code[:got["cursor_start"]] + m + code[got["cursor_end"]:] for m in got["matches"]}
    assert any(w.rstrip("( ").endswith(p.words["match"]) for w in whole), got["matches"][:5]
    assert isinstance(got["metadata"], dict)


@row("A6", "cursors are counted in code points (two emoji before)")
def astral(p):
    code = p.words["astral"]
    got = p.lab.complete(code)
    whole = {code[:got["cursor_start"]] + m + code[got["cursor_end"]:] for m in got["matches"]}
    want = code[:-len("form")] + "format"
    assert any(w.startswith(want) for w in whole), sorted(whole)[:3]


@row("A6", "completion types, index-aligned with the matches")
def types(p):
    got = p.lab.complete(p.words["name"])
    kinds = got["metadata"].get("_jupyter_types_experimental")
    if not kinds:
        raise NotOffered("metadata._jupyter_types_experimental")
    assert [k["text"] for k in kinds] == got["matches"] and all(k.get("type") for k in kinds)


@row("A6", "inspect finds, and says when it does not")
def inspect(p):
    got = p.lab.inspect(p.words["object"])
    assert got["found"] and got["data"].get("text/plain")
    assert p.lab.inspect("no_existe_nada_así")["found"] is False


@row("A6", "is_complete: complete, incomplete, invalid")
def is_complete(p):
    for kind in ("complete", "incomplete", "invalid"):
        got = p.lab.ask("is_complete_request", code=p.words[kind])
        assert got["status"] == kind, f"{kind}: {got['status']}"


@row("A6", "history: tail, range of the own session, search by glob")
def history(p):
    lab = p.lab
    first, second = p.words["print"].format("uno_1"), p.words["print"].format("dos_2")
    lab.run(first)
    lab.run(second)
    tail = lab.history("tail", n=2)
    assert [h[2] for h in tail] == [first, second], tail
    session, line = tail[0][:2]
    got = lab.history("range", session=session, start=line, stop=line + 1)
    assert len(got) == 1 and list(got[0]) == [session, line, first], f"range: {got}"
    found = lab.history("search", pattern="*uno?1*", unique=True)
    assert [h[2] for h in found] == [first], f"search: {found}"


@row("A6", "comm_info_request, and an unknown target is closed")
def comm(p):
    assert p.lab.ask("comm_info_request")["comms"] is not None
    with p.bare() as c:
        asked = c.send("shell", "comm_open", {"comm_id": "x1", "target_name": "nada", "data": {}})
        out = c.until_idle(asked, 5)
        closed = [m for m in out if m.type == "comm_close"]
        assert closed and closed[0].content["comm_id"] == "x1", [m.type for m in out]


@row("A6", "connect_request")
def connect(p):
    with p.bare() as c:
        asked = c.send("shell", "connect_request")
        assert c.reply(asked, deadline=3).content["shell_port"] == c.info["shell_port"]


@row("A6", "usage_request")
def usage(p):
    try:
        content = p.lab.finish(p.lab.control("usage_request"), 3).content
    except Late:
        raise NotOffered("no reply") from None
    assert content["kernel_memory"] > 0 and content["pid"] == p.lab.pid


@row("A6", "shutdown while a cell runs: reply, iopub too, gone within 2.5 s")
def shutdown(p):
    p.running("loop")
    pid = p.lab.pid
    cell = p.lab.control("shutdown_request", {"restart": True})
    p.lab.until(lambda: cell.reply, 3, "shutdown_reply")
    assert cell.content["restart"] is True
    p.lab.until(lambda: cell.of("shutdown_reply"), 3, "shutdown_reply on iopub")
    assert proc.wait_gone(pid, 2.5), "it lives on"
    p.forget()


# ---------------------------------------------------------------- A7: stdin


@row("A7", "input: question, answer, password")
def stdin(p):
    for word, secret in (("input", False), ("password", True)):
        cell = p.running(word, allow_stdin=True)
        assert cell.input_requests[0]["content"]["password"] is secret
        p.lab.answer(cell, "ñandú")
        assert p.lab.finish(cell).status == "ok" and "ñandú" in cell.result


@row("A7", "input where the front end allows none is an error at once")
def no_stdin(p):
    assert p.lab.run(p.words["input"], patience=5).status == "error"
    p.alive()


# ---------------------------------------------------------------- A8: output


@row("A8", "display with display_id, and its update")
def display(p):
    shown = p.lab.run(p.words["display"]).of("display_data")[0]
    name = shown["transient"]["display_id"]
    changed = p.lab.run(p.words["update"]).of("update_display_data")[0]
    assert changed["transient"]["display_id"] == name and "dos" in str(changed["data"])


@row("A8", "clear_output")
def clear(p):
    assert p.lab.run(p.words["clear"]).of("clear_output") == [{"wait": False}]


@row("A8", "stderr is a stream of its own")
def stderr(p):
    assert "oops" in p.lab.run(p.words["stderr"]).stderr


@row("A8", "what a child process prints is output of the cell")
def child(p):
    cell = p.lab.run(p.words["child"])
    assert "hijo" in cell.stdout, "lost, or after idle"


def worst(times, amounts, span=3.0):
    """The most that comes within any span of seconds."""
    most = begin = total = 0
    for end, amount in enumerate(amounts):
        total += amount
        while times[end] - times[begin] > span:
            total -= amounts[begin]
            begin += 1
        most = max(most, total)
    return most


@row("A8", "a flood of prints stays below the server's limits, whole or with a note")
def flood(p):
    n = 100_000 if p.quick else 1_000_000
    cell = p.lab.run(p.words["lines"].format(n), patience=120)
    at = [t for t, m in zip(cell.at, cell.messages) if m["msg_type"] == "stream"]
    size = [len(json.dumps(m["content"]["text"])) for m in cell.messages
            if m["msg_type"] == "stream"]
    lines = cell.stdout.split("\n")
    said = [x for x in lines if x and not x.strip().isdigit()] or cell.stderr
    assert len(lines) >= n or said, f"{len(lines)} of {n} lines, and no word of it"
    assert worst(at, size) <= 3_000_000, f"{worst(at, size) / 3e6:.1f} MB/s"
    assert worst(at, [1] * len(at)) <= 3000, "more than 1000 messages/s"


# ---------------------------------------------------------------- A9 to A11


def features(p):
    return p.lab.ask("kernel_info_request").get("supported_features") or []


@row("A9", "debugger: debugInfo, and the variables without starting it")
def debugger(p):
    if not (p.spec.metadata or {}).get("debugger"):
        raise NotOffered("metadata.debugger")
    p.lab.run(p.words["set"].format(7))

    def ask(command, seq, **arguments):
        return p.lab.finish(p.lab.control("debug_request", {
            "type": "request", "seq": seq, "command": command, "arguments": arguments})).content
    got = ask("debugInfo", 1)
    assert got["success"] and got["body"]["hashMethod"] and got["body"]["isStarted"] is False
    names = [v["name"] for v in ask("inspectVariables", 2)["body"]["variables"]]
    assert "guardado" in names, names


class Debugger:
    """The requests of a front end's debugger, and the events that come."""

    def __init__(self, p):
        if not (p.spec.metadata or {}).get("debugger"):
            raise NotOffered("metadata.debugger")
        self.lab, self.seq = p.lab, 0
        self.ask("initialize", clientID="x", adapterID="", pathFormat="path", linesStartAt1=True,
                 columnsStartAt1=True, supportsVariableType=True)
        self.ask("attach")

    def ask(self, command, **arguments):
        self.seq += 1
        got = self.lab.finish(self.lab.control("debug_request", {
            "type": "request", "seq": self.seq, "command": command, "arguments": arguments}), 15)
        assert got.content.get("success"), f"{command}: {got.content.get('message')}"
        return got.content.get("body") or {}

    def stop_in(self, code, line):
        """The cell, stopped at that line."""
        path = self.ask("dumpCell", code=code)["sourcePath"]
        points = self.ask("setBreakpoints", source={"path": path}, lines=[line],
                          breakpoints=[{"line": line}], sourceModified=False)["breakpoints"]
        assert points[0]["verified"], points
        self.ask("configurationDone")
        before = len(self.stopped())  # of the rows before this one
        cell = self.lab.begin(code)
        self.lab.until(lambda: len(self.stopped()) > before, 15, "the event stopped")
        return cell

    def stopped(self):
        everywhere = [m for c in self.lab.cells.values() for m in c.messages] + self.lab.stray
        return [m for m in everywhere if m["msg_type"] == "debug_event"
                and m["content"].get("event") == "stopped"]


@row("A9", "a breakpoint stops a cell; its frames and variables are shown; it goes on")
def breakpoints(p):
    d = Debugger(p)
    cell = d.stop_in(p.words["steps"], 2)
    thread = d.stopped()[-1]["content"]["body"]["threadId"]
    frame = d.ask("stackTrace", threadId=thread)["stackFrames"][0]
    assert frame["line"] == 2, frame
    values = {}
    for scope in d.ask("scopes", frameId=frame["id"])["scopes"]:
        for v in d.ask("variables", variablesReference=scope["variablesReference"])["variables"]:
            values.setdefault(v["name"], v["value"])
    assert values.get("a") == "7", sorted(values)[:8]
    assert not cell.done
    d.ask("continue", threadId=thread)
    assert "8" in d.lab.finish(cell, 10).stdout
    d.ask("disconnect")


@row("A9", "an interrupt ends a cell that stands at a breakpoint")
def interrupt_at_stop(p):
    d = Debugger(p)
    cell = d.stop_in(p.words["steps"], 2)
    d.lab.interrupt_by_message()
    assert d.lab.finish(cell, 5).content["ename"] == "KeyboardInterrupt"
    p.forget()


@row("A10", "subshells: made, listed, unmade; they answer while a cell runs")
def subshell(p):
    if "kernel subshells" not in features(p):
        raise NotOffered("supported_features")
    lab = p.lab
    made = lab.finish(lab.control("create_subshell_request")).content["subshell_id"]
    assert lab.finish(lab.control("list_subshell_request")).content["subshell_id"] == [made]
    cell = p.running("loop")
    code, want = p.words["value"]
    inside = lab.finish(lab.send_to(made, "execute_request", {"code": code}), 5)
    assert inside.result == want and not cell.done
    lab.interrupt_by_message()
    lab.finish(cell, 10)
    lab.finish(lab.control("delete_subshell_request", {"subshell_id": made}))
    assert lab.finish(lab.control("list_subshell_request")).content["subshell_id"] == []


@row("A10", "a request to a subshell that does not exist is answered")
def no_subshell(p):
    if "kernel subshells" not in features(p):
        raise NotOffered("supported_features")
    cell = p.lab.send_to("nada", "execute_request", {"code": p.words["value"][0]})
    try:
        assert p.lab.finish(cell, 3).status == "error"
    except Late:
        raise AssertionError("no reply") from None


@row("A11", "a comm carries data and buffers both ways")
def comm_buffers(p):
    p.lab.run(p.words["comm"])
    with p.bare() as c:
        c.until_idle(c.send("shell", "comm_open",
                            {"comm_id": "x2", "target_name": "eco", "data": {}}), 5)
        sent = {"comm_id": "x2", "data": {"ñ": [1, 2.5, "x"]}}
        for buffers in ((b"\0\1\xff", b""), (b"x" * 1_000_000,)):
            asked = c.send("shell", "comm_msg", sent, buffers=buffers)
            back = [m for m in c.until_idle(asked, 5) if m.type == "comm_msg"]
            assert len(back) == 1 and back[0].content["data"] == sent["data"], back
            assert back[0].buffers == list(buffers), "other buffers"


# ---------------------------------------------------------------- A13: kernelspec


@row("A13", "kernelspec: names, pictures, interrupt_mode, protocol version")
def kernelspec(p):
    spec, folder = p.spec, Path(p.spec.resource_dir)
    assert spec.display_name and spec.language and "{connection_file}" in spec.argv
    assert spec.interrupt_mode in ("signal", "message")
    assert spec.kernel_protocol_version, "kernel_protocol_version"
    for logo in ("logo-32x32.png", "logo-64x64.png", "logo-svg.svg"):
        assert (folder / logo).exists(), logo


@row("A13", "every message of the rows above fits the schema of jupyter_kernel_test")
def schema(p):
    assert not p.faults, f"{len(p.faults)} do not: {', '.join(sorted(set(p.faults)))}"
