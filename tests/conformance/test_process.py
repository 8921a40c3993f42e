"""The kernel as a process among others: kernelspec, start, restart, shutdown, history from
one kernel to the next, and the program's other commands."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager

import proc
import sandbox
from kernel_client import Lab

SCRIPT = """print("hola ñandú")
lab.seed(3)
local d = data.digits()
local m = nn.Sequential{ nn.Flatten(), nn.Dense{16, activation = "relu"}, nn.Dense{10, activation = "softmax"} }
m:compile{ optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = {"accuracy"} }
local h = m:fit{ d, epochs = 2, batch_size = 64 }
display(h)
display(plot.line{{1, 4, 9}})
print("fin", #arg, arg[1])
"""


def nabla(*words, cwd=None, env=None):
    return subprocess.run([sandbox.program(), *words], capture_output=True, text=True, timeout=120,
                          check=False, cwd=cwd, env=env, stdin=subprocess.DEVNULL)


# -- kernelspec


def test_kernelspec(kernelspec):
    spec = KernelSpecManager().get_kernel_spec(sandbox.KERNEL)
    assert spec.language == "lua" and spec.display_name
    assert spec.interrupt_mode in ("signal", "message")
    assert spec.argv[0] == str(sandbox.program()) and os.access(spec.argv[0], os.X_OK)
    assert "{connection_file}" in spec.argv, "VS Code looks for it as a word of its own"
    assert json.loads((kernelspec / "kernel.json").read_text())["language"] == "lua"
    for size in (32, 64):
        picture = (kernelspec / f"logo-{size}x{size}.png").read_bytes()
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        assert int.from_bytes(picture[16:20], "big") == size
    assert "<svg" in (kernelspec / "logo-svg.svg").read_text()


def test_install_and_remove(tmp_path):
    folder = tmp_path / "share/jupyter/kernels/nabla"
    assert nabla("install", "--prefix", tmp_path).returncode == 0
    assert nabla("install", "--prefix", tmp_path).returncode == 0, "once more is no error"
    assert (folder / "kernel.json").exists()
    template = tmp_path / "share/jupyter/nbconvert/templates/informe"
    assert (template / "index.tex.j2").read_bytes() == (sandbox.ROOT / "kernel/app/informe/index.tex.j2").read_bytes()
    assert nabla("install", "--prefix", tmp_path, "--remove").returncode == 0
    assert not folder.exists() and not template.exists()
    again = nabla("install", "--prefix", tmp_path, "--remove")
    assert again.returncode == 1 and "no hay" in again.stderr


def test_install_for_the_user():
    assert nabla("install", "--user").returncode == 0
    folder = Path(os.environ["JUPYTER_DATA_DIR"]) / "kernels/nabla"
    assert (folder / "kernel.json").exists()
    assert nabla("install", "--user", "--remove").returncode == 0
    assert not folder.exists()


# -- life and death


def test_shutdown_leaves_nothing(kernelspec):
    lab = Lab()
    session, file = lab.pid, lab.manager.connection_file
    assert lab.ok("1").result == "1"
    lab.close()
    assert proc.wait_gone(session, 5) and not os.path.exists(file)


def test_shutdown_while_a_cell_runs(fresh_lab):
    session = fresh_lab.pid
    cell = fresh_lab.begin("print('ya'); while true do end")
    fresh_lab.until(lambda: cell.stdout, 10, "the cell")
    fresh_lab.control("shutdown_request", {"restart": False})
    assert proc.wait_gone(session, 5)


def test_shutdown_takes_the_children(fresh_lab):
    session = fresh_lab.pid
    cell = fresh_lab.begin("print('ya'); os.execute('exec sleep 60')")
    fresh_lab.until(lambda: cell.stdout, 10, "the cell")
    fresh_lab.until(lambda: len(proc.session_members(session)) > 1, 10, "the child")
    fresh_lab.close()
    assert proc.wait_gone(session, 5)


def test_shutdown_reply_echoes_restart(fresh_lab):
    cell = fresh_lab.control("shutdown_request", {"restart": True})
    fresh_lab.until(lambda: cell.reply, 5, "shutdown_reply")
    assert cell.content == {"status": "ok", "restart": True}
    assert proc.wait_gone(fresh_lab.pid, 5)


def test_restart_forgets_the_variables(fresh_lab):
    fresh_lab.ok("recuerdo = 1")
    before = fresh_lab.pid
    fresh_lab.restart()
    assert fresh_lab.pid != before and not proc.session_members(before)
    fresh_lab.fails("recuerdo")
    assert fresh_lab.ok("1").content["execution_count"] == 2


@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_transport(kernelspec, transport, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lab = Lab(transport=transport)
    assert lab.ok("6 * 7").result == "42"
    lab.close()


def test_a_second_client_sees_everything(fresh_lab):
    fresh_lab.ok("comun = 5")
    other = fresh_lab.manager.client()
    other.start_channels()
    welcome = other.get_iopub_msg(timeout=60)
    assert welcome["msg_type"] == "iopub_welcome"
    other.wait_for_ready(timeout=60)
    seen = []
    other.execute_interactive("print(comun)", timeout=120,
                              output_hook=lambda m: seen.append(m["content"].get("text")))
    assert "5\n" in seen
    other.stop_channels()


def test_idle_kernel_uses_no_processor(fresh_lab):
    """Two clients' heartbeats of silence: what an idle kernel does in that time is nothing."""
    fresh_lab.ok("1")
    before = proc.cpu_seconds(fresh_lab.pid)
    with pytest.raises(AssertionError):
        fresh_lab.until(lambda: False, 2 / proc.SLACK)
    assert proc.cpu_seconds(fresh_lab.pid) - before <= 0.02


# -- history


def test_history_from_one_kernel_to_the_next(kernelspec):
    first = Lab()
    first.ok("primera_linea = 'ñ 🧠'")
    first.ok("6 * 7")
    session = first.history("tail", n=1)[0][0]
    first.close()
    second = Lab()
    second.ok("segunda = 2")
    tail = second.history("tail", n=3)
    assert [line for _, _, line in tail] == ["primera_linea = 'ñ 🧠'", "6 * 7", "segunda = 2"]
    assert tail[-1][0] > session
    earlier = second.history("range", session=-1, start=1, stop=3)
    assert [(s, n) for s, n, _ in earlier] == [(session, 1), (session, 2)]
    found = second.history("search", pattern="*primera*", n=1)
    assert found[0][2] == "primera_linea = 'ñ 🧠'"
    assert second.history("search", pattern="primera") == [], "a pattern matches the whole line"
    assert second.history("range", session=session, start=2, stop=3, output=True)[0][2] == ["6 * 7", "42"]
    second.close()


# -- the program


def test_doctor():
    here = os.path.dirname(sys.executable)
    done = nabla("doctor", env={**os.environ, "PATH": here + ":" + os.environ["PATH"]})
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("procesador", "bibliotecas", "JupyterLab", "núcleo", "mnist"):
        assert word in done.stdout, word


def test_run_a_script(tmp_path):
    (tmp_path / "entrenar.lua").write_text(SCRIPT)
    done = nabla("run", "entrenar.lua", "uno", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "hola ñandú" in done.stdout and "fin\t1\tuno" in done.stdout
    assert done.stderr == ""
    figures = sorted((tmp_path / "entrenar_figuras").iterdir())
    kinds = {f.suffix for f in figures}
    assert {".svg", ".png", ".pdf"} <= kinds and all(f.stat().st_size > 200 for f in figures)


def test_run_tells_what_failed(tmp_path):
    (tmp_path / "malo.lua").write_text("print('antes')\nlocal x = nil\nprint(x.y)\n")
    done = nabla("run", "malo.lua", cwd=tmp_path)
    assert done.returncode == 1 and "antes" in done.stdout
    assert "malo.lua" in done.stderr and "3" in done.stderr
    assert nabla("run", "no_hay.lua", cwd=tmp_path).returncode == 1
    assert nabla("run").returncode == 2


def test_usage():
    assert nabla("--version").stdout.startswith("nabla ")
    assert "nabla kernel" in nabla("--help").stdout
    assert nabla("volar").returncode == 2


# -- crash


def test_a_crash_in_a_training_is_an_error_and_leaves_the_model(kernelspec, tmp_path, monkeypatch):
    """As a fault in the engine would end it: the front end hears where, nn.load goes on."""
    monkeypatch.chdir(tmp_path)
    lab = Lab()
    cell = lab.run("""d = data.gauss{n = 80}
m = nn.Sequential{nn.Dense(2)}
m:compile{loss = "sparse_categorical_crossentropy"}
m:fit{d, epochs = 5, verbose = 0, callbacks = {function(log)
    if log.epoch == 3 then os.execute("kill -SEGV $PPID") end
end}}""")
    assert cell.status == "error" and cell.content["ename"] == "Crash"
    assert "SIGSEGV" in cell.content["evalue"] and "celda 1, línea 5" in cell.content["evalue"]
    assert cell.error == {k: cell.content[k] for k in ("ename", "evalue", "traceback")}
    assert proc.wait_gone(lab.pid, 10)
    saved = next(tmp_path.glob("rescate_*.safetensors")).name
    assert any(saved in line for line in cell.content["traceback"])
    assert any("época 4" in line for line in cell.content["traceback"])
    lab.restart(now=True)
    assert lab.ok(f'nn.load("{saved}").n_params').result == "6"
    lab.close()


def test_a_crash_inside_of_an_op_names_it_and_its_shapes(kernelspec):
    """Sizes at which what lies between two products is less than a hundredth of the time."""
    lab = Lab()
    cell = lab.begin("local a = tensor.randn(3000, 4000); local b = tensor.randn(4000, 3500)\n"
                     "print('ya')\nwhile true do a:matmul(b) end")
    lab.until(lambda: cell.stdout, 30, "the loop")
    os.kill(lab.pid, signal.SIGSEGV)
    lab.finish(cell)
    assert "celda 1, línea 3 (matmul: (3000, 4000) × (4000, 3500) → (3000, 3500))" in cell.content["evalue"]
    assert proc.wait_gone(lab.pid, 10)
    lab.restart(now=True)
    lab.close()
