"""A Jupyter client made of raw sockets and its own signatures, to see every frame.

    with Kernel() as k:
        reply, outputs = k.run("echo 1")

Nothing sleeps: every wait is for a message, with a deadline.
"""
import hashlib
import hmac
import json
import os
import select
import signal
import subprocess
import tempfile
import time
import uuid

import zmq

FAKE = os.environ.get("FAKE_KERNEL", "build/release/tests/protocol/fake_kernel")
SLOW = float(os.environ.get("PROTOCOL_SLOW", "1"))  # sanitizers need patience
DEADLINE = 30 * SLOW
SOON = 10 * SLOW  # what should come at once, on a machine that has much else to do
SLACK = float(os.environ.get("SLACK", "1"))  # on the deadlines that a test names
os.environ.setdefault("TSAN_OPTIONS", "suppressions=" + os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "tsan.supp"))
DELIM = b"<IDS|MSG>"
PORTS = ["shell", "control", "stdin", "iopub", "hb"]


class Timeout(AssertionError):
    pass


class Message:
    def __init__(self, frames):
        cut = frames.index(DELIM)
        self.ids, self.signature = frames[:cut], frames[cut + 1]
        self.raw = frames[cut + 2:cut + 6]
        self.header, self.parent, self.metadata, self.content = map(json.loads, self.raw)
        self.buffers = frames[cut + 6:]
        self.type = self.header["msg_type"]
        self.parent_id = (self.parent or {}).get("msg_id")  # null: xeus's welcome

    def __repr__(self):
        return f"<{self.type} {self.content}>"


class Client:
    """Sockets to a running kernel. One identity for shell and stdin."""

    def __init__(self, info, identity=None, subscribe=b"", welcome=True):
        self.info, self.context = info, zmq.Context()
        self.session = uuid.uuid4().hex
        self.identity = identity or uuid.uuid4().hex.encode()
        self.sockets, self.sent = {}, 0
        for name in PORTS:
            self.open(name, subscribe)
        if welcome:
            first = self.recv("iopub")
            assert first.type == "iopub_welcome", first
            self.welcome = first

    def url(self, name):
        mark = ":" if self.info["transport"] == "tcp" else "-"
        return f"{self.info['transport']}://{self.info['ip']}{mark}{self.info[name + '_port']}"

    def open(self, name, subscribe=b""):
        kind = {"iopub": zmq.SUB, "hb": zmq.REQ}.get(name, zmq.DEALER)
        s = self.context.socket(kind)
        s.linger = 0
        s.sndhwm = s.rcvhwm = 0
        if name in ("shell", "stdin", "control"):
            s.identity = self.identity
        if name == "iopub":
            s.subscribe(subscribe)
        s.connect(self.url(name))
        self.sockets[name] = s

    def sign(self, parts):
        key = self.info["key"].encode()
        if not key:
            return b""
        algorithm = self.info.get("signature_scheme", "hmac-sha256").split("-", 1)[1]
        mac = hmac.new(key, digestmod=getattr(hashlib, algorithm))
        for p in parts:
            mac.update(p)
        return mac.hexdigest().encode()

    def frames(self, msg_type, content=None, parent=None, metadata=None, header=None):
        self.sent += 1
        head = {"msg_id": f"{self.session}_{self.sent}", "msg_type": msg_type,
                "username": "test", "session": self.session,
                "date": "2026-01-01T00:00:00.000000Z", "version": "5.4"}
        head.update(header or {})
        parts = [json.dumps(p, ensure_ascii=False).encode()
                 for p in (head, parent or {}, metadata or {}, content or {})]
        return head["msg_id"], [DELIM, self.sign(parts)] + parts

    def send(self, channel, msg_type, content=None, buffers=(), **kw):
        msg_id, frames = self.frames(msg_type, content, **kw)
        self.sockets[channel].send_multipart(frames + list(buffers))
        return msg_id

    def recv(self, channel, deadline=None):
        s = self.sockets[channel]
        if not s.poll((deadline * SLACK if deadline else DEADLINE) * 1000):
            raise Timeout(f"nothing on {channel}")
        m = Message(s.recv_multipart())
        assert m.signature == self.sign(m.raw), "bad signature from the kernel"
        return m

    def reply(self, msg_id, channel="shell", deadline=None):
        while True:
            m = self.recv(channel, deadline)
            if m.parent_id == msg_id:
                return m

    def until_idle(self, msg_id, deadline=None):
        """Every iopub message of the request, from busy to idle."""
        got = []
        while True:
            m = self.recv("iopub", deadline)
            if m.parent_id != msg_id:
                continue
            got.append(m)
            if m.type == "status" and m.content["execution_state"] == "idle":
                return got

    def wait_for(self, msg_type, msg_id=None, deadline=None):
        while True:
            m = self.recv("iopub", deadline)
            if m.type == msg_type and (msg_id is None or m.parent_id == msg_id):
                return m

    def request(self, msg_type, content=None, channel="shell", deadline=None, **kw):
        msg_id = self.send(channel, msg_type, content, **kw)
        return self.reply(msg_id, channel, deadline), self.until_idle(msg_id, deadline)

    def execute(self, code, **content):
        return self.send("shell", "execute_request", {"code": code, **content})

    def run(self, code, deadline=None, **content):
        return self.request("execute_request", {"code": code, **content}, deadline=deadline)

    def alive(self):
        reply, _ = self.run("echo alive", store_history=False)
        assert reply.content["status"] == "ok", reply
        return True

    def quiet(self, channel, seconds=0.2):
        """Nothing comes: the one place where time has to pass."""
        return not self.sockets[channel].poll(seconds * 1000)

    def close(self):
        for s in self.sockets.values():
            s.close(0)
        self.context.term()


def text_of(outputs, name="stdout"):
    return "".join(m.content["text"] for m in outputs
                   if m.type == "stream" and m.content["name"] == name)


def types_of(outputs):
    return [m.type if m.type != "status" else m.content["execution_state"] for m in outputs]


class Kernel(Client):
    """A process of its own, and a client of it."""

    def __init__(self, fields=None, args=(), env=None, connect=True, directory=None,
                 wrapper=()):
        self.directory = tempfile.TemporaryDirectory(dir=directory)
        self.path = os.path.join(self.directory.name, "kernel.json")
        info = {"transport": "tcp", "ip": "127.0.0.1", "key": uuid.uuid4().hex,
                "signature_scheme": "hmac-sha256", "kernel_name": "fake"}
        info.update(fields or {})
        with open(self.path, "w") as f:
            json.dump(info, f)
        self.log = tempfile.TemporaryFile(mode="w+", dir=self.directory.name)
        environment = {k: v for k, v in os.environ.items() if k != "JPY_PARENT_PID"}
        environment.update(env or {})
        self.started = time.monotonic()
        self.process = subprocess.Popen([*wrapper, FAKE, "-f", self.path, *args],
                                        stdin=subprocess.DEVNULL, stderr=self.log,
                                        env=environment, start_new_session=True)
        if connect:
            super().__init__(self.wait_for_ports())

    def wait_for_ports(self):
        """The kernel chooses its ports and writes the file anew."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            with open(self.path) as f:
                info = json.load(f)
            if int(info.get("hb_port", 0)) > 0:
                return info
            select.select([], [], [], 0.002)
            assert self.process.poll() is None, self.logged()
        raise Timeout("the connection file has no ports")

    def logged(self):
        self.log.seek(0)
        return self.log.read()

    def signal(self, number=signal.SIGINT):
        os.kill(self.process.pid, number)

    def wait(self, deadline=None):
        return self.process.wait(deadline or DEADLINE)

    def shutdown(self):
        self.send("control", "shutdown_request", {"restart": False})
        return self.wait()

    def close(self):
        super().close()

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        clean = True
        if self.process.poll() is None:
            if kind is None:
                clean = self.shutdown() == 0
            else:
                self.process.kill()
                self.process.wait()
        if hasattr(self, "context"):
            self.close()
        log = self.logged()
        self.log.close()
        self.directory.cleanup()
        if kind is None:
            assert clean, f"exit status {self.process.returncode}: {log}"
            assert "ERROR: " not in log and "WARNING: ThreadSanitizer" not in log, log
        elif log:
            print(log)
