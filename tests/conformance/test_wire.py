"""Bare sockets against the real kernel: what is signed wrongly, sent twice or no message at
all is dropped and the kernel goes on; a lost connection is taken up again; the heartbeat
beats while a cell runs; the kernel ends with its parent."""

import json
import os
import subprocess
import sys

import pytest
import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.session import Session

import proc
import sandbox
from kernel_client import Lab

DELIMITER = b"<IDS|MSG>"


class Wire:
    """Bare sockets to the kernel of a Lab."""

    def __init__(self, lab):
        self.info = lab.manager.get_connection_info()
        self.context = zmq.Context()
        self.session = Session(key=self.info["key"], signature_scheme=self.info["signature_scheme"])

    def socket(self, kind, channel, identity=None):
        socket = self.context.socket(kind)
        socket.linger = 0
        socket.rcvtimeo = 5000
        if identity:
            socket.identity = identity
        socket.connect(f"tcp://{self.info['ip']}:{self.info[channel + '_port']}")
        return socket

    def frames(self, code, session=None):
        session = session or self.session
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {},
                   "allow_stdin": False, "stop_on_error": False}
        return session.serialize(session.msg("execute_request", content))

    def reply(self, socket):
        _, frames = self.session.feed_identities(socket.recv_multipart())
        return self.session.deserialize(frames)

    def close(self):
        self.context.destroy(linger=0)


@pytest.fixture
def wire(lab):
    bare = Wire(lab)
    yield bare
    bare.close()


def dropped(wire, lab, frames):
    """Sends what must be dropped, then what must be answered: only the second is."""
    shell = wire.socket(zmq.DEALER, "shell")
    shell.send_multipart(frames)
    good = wire.frames("'bien'")
    shell.send_multipart(good)
    answer = wire.reply(shell)
    shell.close()
    return answer["parent_header"]["msg_id"] == json.loads(good[2])["msg_id"]


@pytest.mark.parametrize("frames", [
    [b""], [b"x"], [b"x"] * 3, [DELIMITER], [DELIMITER, b""], [DELIMITER] * 6,
    [b"id", DELIMITER, b"sig", b"{}", b"{}"], [DELIMITER, b"", b"{}", b"{}", b"{}", b"{}"],
    [DELIMITER, b"ab", b"{}", b"{}", b"{}", b"{}"], [b"\xff" * 300] * 20, [b"x" * 20_000_000],
], ids=range(11))
@pytest.mark.parametrize("channel", ["shell", "control", "stdin"])
def test_garbage_is_dropped(lab, wire, channel, frames):
    socket = wire.socket(zmq.DEALER, channel)
    socket.send_multipart(frames)
    if channel == "shell":
        assert dropped(wire, lab, frames)
    lab.check_alive()


@pytest.mark.parametrize("header", [
    b"", b"{", b"[]", b"null", b"{}", b'{"msg_type": 3}', b'{"msg_type": "execute_request"}',
    b'{"msg_id": "\xff", "msg_type": "x"}', b'{"msg_id": null, "msg_type": null}', b"[" * 5000,
], ids=range(10))
def test_signed_nonsense_is_survived(lab, wire, header):
    parts = [header, b"{}", b"{}", b"{}"]
    socket = wire.socket(zmq.DEALER, "shell")
    socket.send_multipart([DELIMITER, wire.session.sign(parts), *parts])
    lab.check_alive()


@pytest.mark.parametrize("content", [
    {}, {"code": 3}, {"code": None}, {"code": "1", "user_expressions": []},
    {"code": "1", "silent": "sí"}, {"code": "1", "allow_stdin": {}},
])
def test_strange_content_is_survived(lab, content):
    cell = lab.shell("execute_request", content)
    lab.until(lambda: cell.idle_at, 5, "idle")
    lab.check_alive()


def test_wrong_key_is_refused(lab, wire):
    stranger = Session(key=b"another key", signature_scheme="hmac-sha256")
    assert dropped(wire, lab, wire.frames("intruso = 1", stranger))
    unsigned = wire.frames("intruso = 1")
    unsigned[1] = b""
    assert dropped(wire, lab, unsigned)
    short = wire.frames("intruso = 1")
    short[1] = short[1][:10]
    assert dropped(wire, lab, short)
    lab.fails("intruso")


def test_a_message_counts_once(lab, wire):
    lab.ok("veces = 0")
    shell = wire.socket(zmq.DEALER, "shell")
    frames = wire.frames("veces = veces + 1")
    shell.send_multipart(frames)
    wire.reply(shell)
    assert dropped(wire, lab, frames)
    assert lab.ok("veces").result == "1"


def test_same_identity_comes_back_while_the_kernel_is_busy(lab, wire):
    first = wire.socket(zmq.DEALER, "shell", b"portatil")
    iopub = wire.socket(zmq.SUB, "iopub")
    iopub.subscribe(b"")
    iopub.recv_multipart()  # the welcome: from here on nothing is missed
    first.send_multipart(wire.frames("print('ya'); local t = os.clock() "
                                     "while os.clock() - t < 0.5 do end 'hecho'"))
    while b"ya" not in iopub.recv_multipart()[-1]:
        pass
    first.close()
    second = wire.socket(zmq.DEALER, "shell", b"portatil")
    question = wire.session.msg("kernel_info_request", {})
    second.send_multipart(wire.session.serialize(question))
    kinds = {wire.reply(second)["msg_type"]}
    while "kernel_info_reply" not in kinds:
        kinds.add(wire.reply(second)["msg_type"])


def test_heartbeat_echoes_while_a_cell_runs(lab, wire):
    cell = lab.begin("print('ya'); while true do end")
    lab.until(lambda: cell.stdout, 5, "the loop")
    beat = wire.socket(zmq.REQ, "hb")
    for word in (b"ping", b"", b"\0\xff" * 50):
        beat.send(word)
        assert beat.recv() == word
    lab.interrupt_by_message()
    lab.finish(cell)


@pytest.mark.parametrize("scheme", ["hmac-sha256", "hmac-sha512", "hmac-sha1", "hmac-md5"])
def test_signature_schemes(kernelspec, scheme):
    lab = Lab(signature_scheme=scheme)
    assert lab.ok("1").result == "1"
    lab.close()


def test_no_key_no_signatures(kernelspec):
    lab = Lab(key=b"")
    assert lab.ok("1").result == "1"
    lab.close()


def test_only_the_five_ports_are_open(lab):
    """The kernel opens nothing but its five ports, on the address it was given."""
    ports = {lab.manager.get_connection_info()[f"{c}_port"]
             for c in ("shell", "iopub", "stdin", "control", "hb")}
    listening = set()
    inodes = {os.readlink(f"/proc/{lab.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{lab.pid}/fd")}
    for line in open("/proc/net/tcp", encoding="ascii").read().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
            address, port = fields[1].split(":")
            assert address == "0100007F", "127.0.0.1"
            listening.add(int(port, 16))
    assert listening == ports


def test_kernel_ends_with_its_parent(kernelspec, tmp_path):
    argv = KernelSpecManager().get_kernel_spec(sandbox.KERNEL).argv
    lab = Lab()  # for a connection file with free ports
    file = tmp_path / "connection.json"
    file.write_text(open(lab.manager.connection_file, encoding="utf-8").read())
    lab.close()
    words = [w.replace("{connection_file}", str(file)) for w in argv]
    parent = subprocess.Popen([sys.executable, "-c", f"""
import os, subprocess, sys
kernel = subprocess.Popen({words!r}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    start_new_session=True, env=dict(os.environ, JPY_PARENT_PID=str(os.getpid())))
print(kernel.pid, flush=True)
sys.stdin.read()
"""], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    session = int(parent.stdout.readline())
    info = json.loads(file.read_text())
    beat = zmq.Context.instance().socket(zmq.REQ)
    beat.rcvtimeo = 60000
    beat.connect(f"tcp://{info['ip']}:{info['hb_port']}")
    beat.send(b"x")
    assert beat.recv() == b"x", "the kernel serves"
    beat.close(linger=0)
    assert proc.session_members(session)
    parent.kill()
    parent.wait()
    assert proc.wait_gone(session, 5)


@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_encryption(kernelspec, transport):
    """CurveZMQ on all five sockets; who has no key gets nothing."""
    lab = Lab(transport=transport, transport_encryption="required")
    try:
        assert lab.run("1 + 1").result == "2"
        info = lab.manager.get_connection_info()
        assert info["curve_publickey"] and info["curve_secretkey"]
        assert lab.client.is_alive(), "the heartbeat is encrypted too"
        with zmq.Context() as context, context.socket(zmq.DEALER) as plain:
            plain.linger = 0
            plain.connect(lab.client.shell_channel.socket.last_endpoint)
            lab.client.session.send(plain, "kernel_info_request", {})
            assert not plain.poll(300)
        assert lab.run("2 + 2").result == "4"
    finally:
        lab.close()
