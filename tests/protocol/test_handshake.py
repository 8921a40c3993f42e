"""The start-up handshake (JEP 66): the kernel chooses its ports and tells its launcher."""
import hashlib
import hmac
import json
import os
import subprocess
import time
import uuid

import pytest
import zmq

from client import DEADLINE, DELIM, FAKE, PORTS, Client


class Registrar:
    """A launcher's registration socket, and a kernel that it starts."""

    def __init__(self, folder, transport="tcp", key=None, as_text=True, **fields):
        self.folder, self.key = folder, uuid.uuid4().hex if key is None else key
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.linger = 0
        info = {"kernel_id": "c0ffee-1", "transport": transport, "key": self.key,
                "signature_scheme": "hmac-sha256"}
        if transport == "tcp":
            port = self.socket.bind_to_random_port("tcp://127.0.0.1")
            info.update(registration_ip="127.0.0.1",
                        registration_port=str(port) if as_text else port)
        else:
            self.socket.bind(f"ipc://{folder}/registrar-7")
            info.update(registration_ip=f"{folder}/registrar", registration_port=7,
                        ip=f"{folder}/kernel")
        info.update(fields)
        self.path = folder / "registration.json"
        self.path.write_text(json.dumps(info))
        self.info = info
        self.process = None

    def start(self):
        env = {**os.environ, "JUPYTER_RUNTIME_DIR": str(self.folder / "run")}
        self.process = subprocess.Popen([FAKE, "-f", self.path], env=env, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        start_new_session=True)

    def sign(self, content):
        if not self.key:
            return b""
        return hmac.new(self.key.encode(), content, hashlib.sha256).hexdigest().encode()

    def receive(self):
        assert self.socket.poll(DEADLINE * 1000), "no registration"
        self.peer, delimiter, signature, content = self.socket.recv_multipart()
        assert delimiter == DELIM and signature == self.sign(content)
        return json.loads(content)

    def answer(self, content=b'{"status": "ok"}', signature=None):
        signature = self.sign(content) if signature is None else signature
        self.socket.send_multipart([self.peer, DELIM, signature, content])

    def own_file(self, kernel_id="c0ffee-1"):
        path = self.folder / "run" / f"kernel-{kernel_id}.json"
        end = time.monotonic() + DEADLINE
        while not path.exists():
            assert self.process.poll() is None, self.process.stderr.read()
            assert time.monotonic() < end, "no connection file"
            time.sleep(0.002)
        return path

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.socket.close()
        self.context.term()


@pytest.mark.parametrize("fields", [
    {}, {"transport": "ipc"}, {"as_text": False}, {"key": ""},
    {"shell_port": 1, "hb_port": 2}])  # ports in the file mean nothing
def test_handshake(tmp_path, fields):
    with Registrar(tmp_path, **fields) as launcher:
        told = launcher.receive()
        assert told.pop("kernel_id") == "c0ffee-1"
        assert set(told) == {name + "_port" for name in PORTS}
        assert all(isinstance(port, str) and int(port) > 0 for port in told.values())
        assert len(set(told.values())) == 5
        assert "shell_port" not in fields or told["shell_port"] != "1"
        launcher.answer()
        path = launcher.own_file()
        info = json.loads(path.read_text())
        assert path.stat().st_mode & 0o777 == 0o600
        assert {name: str(info[name]) for name in told} == told
        assert not [name for name in info if name.startswith("registration")]
        client = Client(info)
        assert client.alive()
        client.send("control", "shutdown_request", {"restart": False})
        assert launcher.process.wait(DEADLINE) == 0
        client.close()
        assert not path.exists() and launcher.path.exists()
        assert launcher.process.stdout.read() == ""


def test_nothing_starts_before_the_acknowledgement(tmp_path):
    with Registrar(tmp_path) as launcher:
        told = launcher.receive()
        launcher.answer(signature=b"0" * 64)
        launcher.answer(signature=b"")
        launcher.socket.send_multipart([launcher.peer, b"noise"])
        with zmq.Context() as context, context.socket(zmq.REQ) as heart:
            heart.linger = 0
            heart.connect(f"tcp://127.0.0.1:{told['hb_port']}")
            heart.send(b"?")
            assert not heart.poll(100)
            assert launcher.process.poll() is None
            assert not (tmp_path / "run").exists()
            launcher.answer()
            assert heart.poll(DEADLINE * 1000) and heart.recv() == b"?"


@pytest.mark.parametrize("answer,said", [(None, "no respond"), (b"0" * 64, "firma")])
def test_a_launcher_that_does_not_acknowledge(tmp_path, answer, said):
    with Registrar(tmp_path) as launcher:
        launcher.receive()
        begin = time.monotonic()
        if answer:
            launcher.answer(signature=answer)
        assert launcher.process.wait(DEADLINE) == 1
        assert time.monotonic() - begin > 4.5
        words = launcher.process.stderr.read()
        assert said in words and words.count("\n") == 1
        assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("fields,said", [
    ({"registration_port": 0}, "registration_port"),
    ({"registration_port": "x"}, "registration_port"),
    ({"registration_ip": 5}, "registration_ip"), ({"kernel_id": []}, "kernel_id"),
    ({"registration_ip": "no such host"}, "no such host")])
def test_bad_registration_files(tmp_path, fields, said):
    with Registrar(tmp_path, **fields) as launcher:
        assert launcher.process.wait(DEADLINE) == 1
        assert said in launcher.process.stderr.read()


def test_a_name_that_is_no_file_name(tmp_path):
    with Registrar(tmp_path, kernel_id="../../x") as launcher:
        assert launcher.receive()["kernel_id"] == "../../x"
        launcher.answer()
        launcher.own_file(launcher.process.pid)
