"""The class server as GUIA_DOCENTE.md sets it up: three students enter by the login page at the same
time, each in a folder of their own with the course's notebooks, run cells, meet the limit of memory;
afterwards no process is left. Run by root, it is tried as root and as a user without rights."""

import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import requests
import websocket

import sandbox

CONFIG = sandbox.ROOT / "notebooks/jupyterhub_config.py"
PASSWORD = "secreto-de-clase"
PATIENCE = 120.0
NAMES = ["ana", "beto", "carla"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def as_nobody():
    """How a user without rights starts Python; None where it cannot be done. The environment of
    the tests may belong to an interpreter in root's home: then the system's runs its packages."""
    system = shutil.which("python3", path="/usr/bin")
    if os.geteuid() != 0 or not system or not shutil.which("setpriv"):
        return None
    version = subprocess.run([system, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True,
                             text=True, check=True).stdout.split()
    if version != [str(n) for n in sys.version_info[:2]]:
        return None
    place = Path(tempfile.mkdtemp(prefix="nabla-hub-python-"))
    place.chmod(0o755)
    subprocess.run([system, "-m", "venv", "--without-pip", place / "venv"], check=True)
    packages = next(p for p in sys.path if p.endswith("site-packages"))
    next(place.glob("venv/lib/python*/site-packages")).joinpath("all.pth").write_text(packages + "\n")
    for name in ("etc", "share"):
        (place / "venv" / name).symlink_to(Path(sys.prefix) / name)
    user = pwd.getpwnam("nobody")
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
            str(place / "venv/bin/python")]


def members(mark):
    """Living processes that carry the mark in their environment."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in environ.read_bytes() and b") Z " not in (environ.parent / "stat").read_bytes():
                found.append(int(environ.parent.name))
        except OSError:
            continue
    return found


def until(condition, what, patience=PATIENCE):
    """Asks twice a second: a server that starts has no event that a browser could wait for."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} did not come within {patience:g} s"
        time.sleep(0.5)
    return found


class Hub:
    def __init__(self, start, folder):
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.mark = f"NABLA_HUB_CURSO={folder}/curso\0".encode()  # the hub and all that it starts
        course = folder / "curso"
        course.mkdir()
        (course / "00_bienvenida.ipynb").write_text(json.dumps(
            {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        prefix = folder / "prefix"
        subprocess.run([sandbox.program(), "install", "--prefix", prefix], check=True, capture_output=True)
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, *self.owner(start))
        env = {**os.environ, "HOME": str(folder), "NABLA_HUB_PRUEBA": PASSWORD,
               "NABLA_HUB_URL": self.url, "NABLA_HUB_CURSO": str(course), "NABLA_HUB_MEMORIA": "256M",
               "JUPYTER_PATH": str(prefix / "share/jupyter"), "CONFIGPROXY_AUTH_TOKEN": "ficha",
               "PYTHONDONTWRITEBYTECODE": "1"}
        for name in [n for n in env if n.startswith(("JUPYTER_", "XDG_")) and n != "JUPYTER_PATH"]:
            del env[name]
        self.log = open(folder / "hub.log", "wb")
        # the configuration as it is, but for ports: other hubs may run on this machine
        private = [f"--JupyterHub.hub_port={free_port()}", f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{free_port()}"]
        self.process = subprocess.Popen([*start, "-m", "jupyterhub", "-f", CONFIG, *private], cwd=folder, env=env,
                                        stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)
        until(self.answers, "the login page")

    @staticmethod
    def owner(start):
        user = pwd.getpwnam("nobody")
        return (user.pw_uid, user.pw_gid) if start[0] == "setpriv" else (os.geteuid(), os.getegid())

    def answers(self):
        assert self.process.poll() is None, (self.folder / "hub.log").read_text()[-3000:]
        try:
            return requests.get(f"{self.url}/hub/login", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        self.log.close()


class Student:
    """A browser of one student, as far as the test needs one."""

    def __init__(self, hub, name):
        self.hub, self.name, self.session = hub, name, requests.Session()
        self.base = f"{hub.url}/user/{name}"
        page = self.session.get(f"{hub.url}/hub/login", timeout=30)
        token = re.search(r'name="_xsrf" value="([^"]*)"', page.text)[1]
        self.enter = lambda password: self.session.post(
            f"{hub.url}/hub/login?next=%2Fhub%2Fspawn", allow_redirects=True, timeout=PATIENCE,
            data={"username": name, "password": password, "_xsrf": token})

    def ready(self):
        """The student's server answers for this student."""
        at = self.session.get(f"{self.base}/lab", timeout=30)
        return at.url.startswith(self.base) and at.status_code == 200

    def api(self, verb, path, **body):
        token = next(c.value for c in self.session.cookies if c.name == "_xsrf" and self.name in c.path)
        answer = self.session.request(verb, f"{self.base}/api/{path}", json=body or None, timeout=60,
                                      headers={"X-XSRFToken": token})
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def kernel(self):
        self.id = self.api("POST", "kernels", name=sandbox.KERNEL)["id"]
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.session.cookies
                            if f"/user/{self.name}/".startswith(c.path))
        self.socket = websocket.create_connection(
            f"{self.base.replace('http', 'ws')}/api/kernels/{self.id}/channels?session_id=s", timeout=60,
            cookie=cookies, origin=self.hub.url)

    def run(self, code):
        """The reply and the stdout of a cell."""
        message = {"header": {"msg_id": os.urandom(8).hex(), "username": self.name, "session": "s",
                              "msg_type": "execute_request", "version": "5.3"}, "parent_header": {}, "metadata": {},
                   "channel": "shell", "buffers": [],
                   "content": {"code": code, "silent": False, "store_history": True, "user_expressions": {},
                               "allow_stdin": False, "stop_on_error": True}}
        self.socket.send(json.dumps(message))
        out, reply, idle = "", None, False
        while not (reply and idle):
            got = json.loads(self.socket.recv())
            if got["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            if got["msg_type"] == "stream":
                out += got["content"]["text"]
            idle = idle or got["content"].get("execution_state") == "idle"
            reply = got["content"] if got["msg_type"] == "execute_reply" else reply
        return reply, out


@pytest.fixture(params=["as it is", "without rights"])
def hub(request):
    start = [sys.executable] if request.param == "as it is" else as_nobody()
    if not start:
        print("left out: the hub of a user without rights needs root, and the system's Python in its version")
        start = [sys.executable]
    folder = Path(tempfile.mkdtemp(prefix="nabla-hub-"))
    folder.chmod(0o755)
    found = Hub(start, folder)
    yield found
    found.close()
    shutil.copy(folder / "hub.log", sandbox.results("hub") / f"{start[0].rpartition('/')[2]}.log")
    left = members(found.mark)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)
    if start[0] == "setpriv":
        shutil.rmtree(Path(start[-1]).parents[2])
    assert not left, f"{len(left)} processes were left"


def test_a_class(hub):
    stranger = Student(hub, "ana").enter("otra")
    assert "Invalid username or password" in stranger.text

    students = [Student(hub, name) for name in NAMES]
    for student in students:
        student.enter(PASSWORD)
    for student in students:
        until(student.ready, f"the server of {student.name}")
        student.kernel()

    for student in students:  # all three are there; each has its own name for the same variable
        reply, out = student.run(f'quien = "{student.name}" print(1 + 1)')
        assert (reply["status"], out) == ("ok", "2\n")
    for student in students:
        assert student.run("print(quien)")[1] == f"{student.name}\n"
        names = [item["name"] for item in student.api("GET", "contents/curso")["content"]]
        assert names == ["00_bienvenida.ipynb"]

    # more than the limit is an ordinary error; what was there stays
    reply, _ = students[0].run("t = tensor.zeros(20000, 20000)")
    assert (reply["status"], reply["ename"]) == ("error", "MemoryError"), reply
    assert students[0].run("print(quien)")[1] == "ana\n"
    limits = Path(f"/proc/{kernel_of(hub, 'ana')}/limits").read_text()
    assert re.search(r"Max address space\s+2147483648\s+2147483648", limits), limits

    # nobody enters another's server
    foreign = students[1].session.get(f"{students[0].base}/api/contents", timeout=30)
    assert foreign.status_code in (403, 404) or not foreign.url.startswith(students[0].base)
    for student in students:
        student.socket.close()


def kernel_of(hub, name):
    for pid in members(hub.mark):
        cmd = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        environ = Path(f"/proc/{pid}/environ").read_bytes()
        if b"kernel" in cmd[1:3] and f"JUPYTERHUB_USER={name}\0".encode() in environ:
            return pid
    raise AssertionError(f"no kernel of {name}")
