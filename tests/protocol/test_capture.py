"""What the process itself writes: C's stdout and stderr, and children without pipes."""
import subprocess

from client import FAKE, text_of, types_of


def test_c_output_belongs_to_its_cell(kernel):
    for i in range(20):
        reply, out = kernel.run(f"printf hola{i}")
        assert reply.content["status"] == "ok"
        assert text_of(out) == f"hola{i}" and text_of(out, "stderr") == f"!hola{i}"
        assert types_of(out)[-1] == "idle"


def test_more_than_a_pipe_holds(kernel):
    reply, out = kernel.run("child 30000")
    assert reply.content["status"] == "ok"
    assert text_of(out) == "".join(f"{i}\n" for i in range(1, 30001))


def test_the_log_still_reaches_the_real_stderr(kernel):
    kernel.sockets["shell"].send_multipart([b"nonsense"])
    assert kernel.alive()
    assert "dropped" in kernel.logged()


def test_echoed_to_the_former_descriptor(kernel):
    kernel.run("printf eco")
    assert "!eco" in kernel.logged()


def test_descriptors_that_are_closed():
    """A launcher may leave a kernel without any."""
    p = subprocess.run(["sh", "-c", f"exec {FAKE} -f /nonexistent/k.json >&- 2>&-"],
                       stdin=subprocess.DEVNULL)
    assert p.returncode == 1
