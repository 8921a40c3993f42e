"""Frames that are wrong in every way: the kernel drops them and goes on."""
import json
import os

from client import DELIM, Client, Kernel

import pytest


def good(kernel, code="echo 1"):
    return kernel.frames("execute_request", {"code": code})


def spoil(kernel, name):
    msg_id, f = good(kernel)
    delim, sig, head, parent, meta, content = f
    resign = lambda *parts: [DELIM, kernel.sign(parts), *parts]  # noqa: E731
    return {
        "bad signature": [delim, sig[:-1] + (b"0" if sig[-1:] != b"0" else b"1"), *f[2:]],
        "short signature": [delim, sig[:10], *f[2:]],
        "long signature": [delim, sig + b"00", *f[2:]],
        "empty signature": [delim, b"", *f[2:]],
        "binary signature": [delim, b"\x00" * 64, *f[2:]],
        "upper-case signature": [delim, sig.upper(), *f[2:]],
        "content changed": [*f[:5], b'{"code": "error"}'],
        "no delimiter": f[1:],
        "nothing": [b""],
        "delimiter only": [delim],
        "four frames": f[:5],
        "not JSON": resign(head, parent, meta, b"{"),
        "not UTF-8": resign(head, parent, meta, b'{"code": "\xff"}'),
        "NaN": resign(head, parent, meta, b'{"code": NaN}'),
        "not an object": resign(head, parent, meta, b"[]"),
        "header without type": resign(b'{"msg_id": "x"}', parent, meta, content),
        "header without id": resign(b'{"msg_type": "x"}', parent, meta, content),
        "type is a number": resign(b'{"msg_type": 1, "msg_id": "x"}', parent, meta, content),
        "empty frames": [delim, kernel.sign([b""] * 4), b"", b"", b"", b""],
        "deep": resign(head, parent, meta, b"[" * 100000),
        "deep object": resign(head, parent, meta, b'{"a":' * 2000 + b"1" + b"}" * 2000),
        "many frames": f + [b"x"] * 5000,
        "long identity": [b"i" * 100000, *f[1:]],
    }[name]


@pytest.fixture(scope="module")
def shared():
    with Kernel() as k:
        yield k


NAMES = ["bad signature", "short signature", "long signature", "empty signature",
         "binary signature", "upper-case signature", "content changed", "no delimiter",
         "nothing", "delimiter only", "four frames", "not JSON", "not UTF-8", "NaN",
         "not an object", "header without type", "header without id", "type is a number",
         "empty frames", "deep", "many frames", "long identity"]


@pytest.mark.parametrize("channel", ["shell", "control", "stdin"])
@pytest.mark.parametrize("name", NAMES)
def test_dropped(shared, name, channel):
    executed = shared.run("count")[1][2].content["data"]["text/plain"]
    shared.sockets[channel].send_multipart(spoil(shared, name))
    reply, _ = shared.request("kernel_info_request", channel="control")
    assert reply.content["status"] == "ok"
    assert shared.run("count")[1][2].content["data"]["text/plain"] == str(int(executed) + 1)
    assert "dropped" in shared.logged()


def test_deep_object_is_answered(shared):
    """Nesting that the parser allows must not overflow a small stack."""
    shared.sockets["control"].send_multipart(spoil(shared, "deep object"))
    shared.sockets["shell"].send_multipart(spoil(shared, "deep object"))
    assert shared.alive()


def test_replay(shared):
    msg_id, frames = good(shared, "echo once")
    shared.sockets["shell"].send_multipart(frames)
    assert shared.reply(msg_id).content["status"] == "ok"
    shared.until_idle(msg_id)
    before = shared.run("count")[1][2].content["data"]["text/plain"]
    for channel in ("shell", "control"):
        shared.sockets[channel].send_multipart(frames)
    shared.request("kernel_info_request", channel="control")
    assert shared.run("count")[1][2].content["data"]["text/plain"] == str(int(before) + 1)
    assert "repetido" in shared.logged()


def test_a_forged_signature_is_not_remembered(shared):
    """Only verified signatures are: nobody can use up a real one before it comes."""
    msg_id, frames = good(shared)
    shared.sockets["shell"].send_multipart([*frames[:5], b"{}"])
    shared.sockets["shell"].send_multipart(frames)
    assert shared.reply(msg_id).content["status"] == "ok"


def test_random_bytes(shared):
    for n in range(200):
        parts = [os.urandom(n % 17) for _ in range(n % 9 + 1)]
        for channel in ("shell", "control", "stdin", "hb"):
            if channel != "hb":
                shared.sockets[channel].send_multipart(parts)
    assert shared.alive()


def test_big_message(shared):
    code = "echo " + "x" * 5_000_000
    reply, out = shared.run(code)
    assert out[2].content["data"]["text/plain"] == code[5:]


def test_buffers_are_not_signed(shared):
    msg_id = shared.send("shell", "comm_open", {"comm_id": "c", "target_name": "t"},
                         buffers=[b"\x00\xff", b"x" * 1000])
    assert [m.type for m in shared.until_idle(msg_id)] == ["status", "comm_close", "status"]


@pytest.mark.parametrize("scheme", ["hmac-sha256", "hmac-sha512", "hmac-sha1", "hmac-md5"])
def test_schemes(scheme):
    with Kernel({"signature_scheme": scheme}) as k:
        assert k.alive()
        k.sockets["shell"].send_multipart(spoil(k, "bad signature"))
        assert k.alive()


def test_empty_key():
    with Kernel({"key": ""}) as k:
        reply, _ = k.run("echo 1")
        assert reply.signature == b"" and reply.content["status"] == "ok"
        msg_id, frames = good(k)
        frames[1] = b"whatever"
        k.sockets["shell"].send_multipart(frames)
        assert k.reply(msg_id).content["status"] == "ok"
        k.sockets["shell"].send_multipart(spoil(k, "deep object"))
        k.sockets["shell"].send_multipart(spoil(k, "not JSON"))
        assert k.alive()


def test_unknown_scheme():
    k = Kernel({"signature_scheme": "hmac-nothing"}, connect=False)
    assert k.wait() == 1 and "hmac-nothing" in k.logged()


def test_parent_header_with_spaces_is_kept(shared):
    head = json.dumps({"msg_id": "spaced", "msg_type": "kernel_info_request",
                       "subshell_id": None}, indent=4).encode()
    parts = [head, b"{}", b"{}", b"{}"]
    shared.sockets["control"].send_multipart([DELIM, shared.sign(parts), *parts])
    assert shared.reply("spaced", "control").raw[1] == head


def test_identities_in_front(shared):
    """A message that came through another router carries more than one identity."""
    msg_id, frames = good(shared)
    shared.sockets["shell"].send_multipart([b"hop", *frames])
    assert shared.reply(msg_id).ids == [b"hop"]
