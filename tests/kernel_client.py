"""A Jupyter kernel as a front end sees it: starts one through its kernelspec, runs cells,
and keeps every message that belongs to each request.

    lab = Lab()
    cell = lab.run("1 + 1")
    assert cell.result == "2"

Every message received is held against the protocol's schema, and JSON is read strictly
(NaN and Infinity are refused), whatever the test is about. Waits are for a message, with a
deadline in seconds.
"""

import json
import os
import signal
import time

import zmq
from jupyter_client.manager import KernelManager
from jupyter_kernel_test.msgspec_v5 import schema_fragments, validate_message

import proc
import sandbox

PATIENCE = 30.0

# The suite's schema takes input_request's password for a number; it is a boolean.
CHECKED = set(schema_fragments) - {"input_request"}


class Late(AssertionError):
    """What was waited for did not come before the deadline."""


def strict_json(raw):
    def refuse(word):
        raise ValueError(f"{word} is not JSON")

    return json.loads(raw, parse_constant=refuse)


class Cell:
    """One request: its reply and everything published on its behalf, in order."""

    def __init__(self, msg_id):
        self.msg_id = msg_id
        self.reply = None
        self.messages = []
        self.input_requests = []
        self.idle_at = None
        self.may_be_late = False  # an output that is new after the end of its cell: interact
        self.at = []  # arrival times, parallel to messages

    def of(self, *types):
        return [m["content"] for m in self.messages if m["msg_type"] in types]

    def stream(self, name):
        return "".join(c["text"] for c in self.of("stream") if c["name"] == name)

    @property
    def done(self):
        return self.reply is not None and self.idle_at is not None

    @property
    def content(self):
        return self.reply["content"]

    @property
    def status(self):
        return self.content["status"]

    @property
    def stdout(self):
        return self.stream("stdout")

    @property
    def stderr(self):
        return self.stream("stderr")

    @property
    def outputs(self):
        return [m for m in self.messages if m["msg_type"] not in ("status", "execute_input")]

    @property
    def error(self):
        found = self.of("error")
        return found[0] if found else None

    @property
    def result(self):
        found = self.of("execute_result")
        return found[-1]["data"]["text/plain"] if found else None

    @property
    def pictures(self):
        """Everything shown, first frames and updates alike, in order."""
        return self.of("display_data", "update_display_data", "execute_result")

    def shown(self, mime):
        return [c for c in self.pictures if mime in c["data"]]


class Lab:
    def __init__(self, kernel=sandbox.KERNEL, transport="tcp", **signing):
        """signing: key and signature_scheme of the session, transport_encryption, where they
        matter."""
        encryption = signing.pop("transport_encryption", "disabled")
        self.manager = KernelManager(kernel_name=kernel, transport=transport,
                                     transport_encryption=encryption)
        self.manager.session.unpack = strict_json
        for name, value in signing.items():
            setattr(self.manager.session, name, value)
        self.manager.start_kernel()
        self.cells = {}
        self.stray = []
        self.connect()

    def connect(self):
        self.client = self.manager.client()
        self.client.session.unpack = strict_json
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)
        self.poller = zmq.Poller()
        self.channels = {}
        for channel in (self.client.shell_channel, self.client.iopub_channel,
                        self.client.stdin_channel, self.client.control_channel):
            self.poller.register(channel.socket, zmq.POLLIN)
            self.channels[channel.socket] = channel

    @property
    def pid(self):
        return self.manager.provisioner.pid

    def close(self):
        self.client.stop_channels()
        if self.manager.is_alive():
            self.manager.shutdown_kernel()
        self.manager.cleanup_resources()

    def restart(self, now=False):
        """now: without a word to the old process, as for one that has died. (A request to end
        would wait for the new one, which has the same ports and key.)"""
        self.client.stop_channels()
        self.manager.restart_kernel(now=now)
        self.cells.clear()
        self.connect()

    # -- sending

    def begin(self, code, **options):
        """Sends a cell and returns at once."""
        options.setdefault("allow_stdin", False)
        return self._expect(self.client.execute(code, **options))

    def control(self, msg_type, content=None):
        """Sends a request on the control channel and returns its Cell."""
        msg = self.client.session.msg(msg_type, content or {})
        self.client.control_channel.send(msg)
        return self._expect(msg["header"]["msg_id"])

    def shell(self, msg_type, content=None):
        msg = self.client.session.msg(msg_type, content or {})
        self.client.shell_channel.send(msg)
        return self._expect(msg["header"]["msg_id"])

    def send_to(self, subshell, msg_type, content):
        """A request to a subshell (JEP 91)."""
        msg = self.client.session.msg(msg_type, content)
        msg["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(msg)
        return self._expect(msg["header"]["msg_id"])

    def _expect(self, msg_id):
        return self.cells.setdefault(msg_id, Cell(msg_id))

    # -- receiving

    def pump(self, deadline):
        """Receives what is there, waiting for the first message until the deadline."""
        left = max(0, deadline - time.monotonic())
        ready = self.poller.poll(left * 1000)
        for socket, _ in ready:
            self._file(self.channels[socket], self.channels[socket].get_msg(timeout=0))
        return bool(ready)

    def check(self, msg):
        if msg["msg_type"] in CHECKED:
            validate_message(msg)

    def _file(self, channel, msg):
        now = time.monotonic()
        self.check(msg)
        cell = self.cells.get((msg["parent_header"] or {}).get("msg_id"))  # null: xeus's welcome
        if cell is None:
            self.stray.append(msg)
        elif channel is self.client.stdin_channel:
            cell.input_requests.append(msg)
        elif channel is not self.client.iopub_channel:
            assert cell.reply is None, "two replies to one request"
            cell.reply = msg
        else:
            assert cell.idle_at is None or cell.may_be_late, f"{msg['msg_type']} after idle"
            cell.messages.append(msg)
            cell.at.append(now)
            if msg["content"].get("execution_state") == "idle":
                cell.idle_at = now

    def until(self, condition, patience=PATIENCE, what="the event"):
        deadline = time.monotonic() + patience * proc.SLACK
        while not condition():
            if not self.pump(deadline) and time.monotonic() >= deadline:
                raise Late(f"{what} did not come within {patience * proc.SLACK:g} s")

    def finish(self, cell, patience=PATIENCE):
        """Waits for the reply and for idle, whichever comes last."""
        self.until(lambda: cell.done, patience, f"reply and idle of {cell.msg_id}")
        states = [c["execution_state"] for c in cell.of("status")]
        assert states == ["busy", "idle"], states
        return cell

    # -- whole requests

    def run(self, code, patience=PATIENCE, **options):
        return self.finish(self.begin(code, **options), patience)

    def ok(self, code, patience=PATIENCE, **options):
        """Runs a cell that must succeed."""
        cell = self.run(code, patience, **options)
        assert cell.status == "ok", f"{code!r}: {cell.content.get('evalue')}"
        return cell

    def fails(self, code, **options):
        """Runs a cell that must end in an error."""
        cell = self.run(code, **options)
        assert cell.status == "error", f"{code!r} should fail"
        return cell

    def ask(self, msg_type, **content):
        """A shell request other than a cell; the reply's content."""
        return self.finish(self.shell(msg_type, content)).content

    def complete(self, code, cursor=None):
        cursor = len(code) if cursor is None else cursor
        return self.ask("complete_request", code=code, cursor_pos=cursor)

    def inspect(self, code, cursor=None, detail=0):
        cursor = len(code) if cursor is None else cursor
        return self.ask("inspect_request", code=code, cursor_pos=cursor, detail_level=detail)

    def history(self, kind, **options):
        content = {"output": False, "raw": True, "hist_access_type": kind, **options}
        return self.ask("history_request", **content)["history"]

    def answer(self, cell, value):
        """Answers the input() that a cell waits in."""
        self.until(lambda: cell.input_requests, 10, "input_request")
        request = cell.input_requests.pop()
        self.client.session.send(self.client.stdin_channel.socket, "input_reply",
                                 {"value": value}, parent=request)

    # -- interrupts

    def interrupt_by_signal(self):
        """As jupyter_client does it: SIGINT to the kernel's process group."""
        os.killpg(os.getpgid(self.pid), signal.SIGINT)

    def interrupt_by_message(self):
        reply = self.finish(self.control("interrupt_request"), 5)
        assert reply.status == "ok"

    def recover(self):
        """After a test that left a cell running: a new process."""
        if any(cell.idle_at is None for cell in self.cells.values()):
            self.restart()

    def check_alive(self):
        assert self.manager.is_alive(), "the kernel's process ended"
        assert self.run("1 + 1", patience=10).result == "2"
