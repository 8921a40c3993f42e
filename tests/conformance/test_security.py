"""What a kernel leaves on the disk, who may read it, and that no output carries a script."""

import os
import re
import sqlite3
import stat
from pathlib import Path

from kernel_client import Lab

SECRET = "clave-Q7zR-9941"

ACTIVE = re.compile(r"<script|javascript:|<iframe|<object|<embed|\son[a-z]+\s*=\s*[\"']", re.IGNORECASE)

SHOWN = [
    "plot.line{{1, 4, 9}, title = T, caption = T, xlabel = T}",
    "display(data.digits())",
    "m = nn.Sequential{nn.Dense(2)} m:build(3) m:summary()",
    "plot.model(m)",
    "help('nn.Dense')", "?tostring", "tensor.randn(3, 3)", "{[T] = T, lista = {T}}",
    "a = var{2.0, name = 'a'} b = a * a + a  graph(b)", "chain(b, a)",
    "plot.images{tensor.zeros(2, 4, 4)}",
    "metrics.confusion_matrix({0, 1}, {0, 1})",
    "print(T)", "error(T)", "error({T})",
    "widget.slider{value = 3, min = 1, max = 10, description = T}",
]


def test_no_output_carries_a_script(lab):
    """Text that looks like one is text: what a figure, a table, a help page, an error shows."""
    lab.ok("T = '<script>alert(1)</script><b onclick=\"x()\">'")
    rich = 0
    for code in SHOWN:
        cell = lab.run(code)
        for content in cell.of("display_data", "update_display_data", "execute_result"):
            for mime, shown in content["data"].items():
                if mime in ("text/html", "image/svg+xml", "text/markdown"):
                    rich += 1
                    assert not ACTIVE.search(shown), f"{code}: {mime}: {ACTIVE.search(shown)[0]}"
    assert rich >= 6, "pictures and tables were looked at"


def files_with(word, *folders):
    return [p for folder in folders for p in Path(folder).rglob("*")
            if p.is_file() and not p.is_symlink() and word.encode() in p.read_bytes()]


def test_no_message_is_written_but_the_history(kernelspec, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("NABLA_HISTORY", str(tmp_path / "h" / "history.sqlite"))
    lab = Lab()
    cell = lab.begin(f"x = input('{SECRET}') print(x .. x) html(x)", allow_stdin=True)
    lab.answer(cell, "respuesta-" + SECRET[::-1])
    lab.finish(cell)
    lab.fails(f"error('{SECRET}')")
    lab.close()
    found = files_with(SECRET, tmp_path, os.environ["HOME"], os.environ["JUPYTER_RUNTIME_DIR"])
    assert found and all(p.name.startswith("history.sqlite") for p in found), found
    assert not files_with(SECRET[::-1], tmp_path, os.environ["HOME"]), "what was answered is kept"
    for path in found:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    with sqlite3.connect(tmp_path / "h" / "history.sqlite") as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)


def test_the_history_can_be_switched_off(kernelspec, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NABLA_HISTORY", "")
    lab = Lab()
    lab.ok(f"y = '{SECRET}-2'")
    assert lab.history("tail", n=1), "the session still knows it"
    lab.close()
    assert not files_with(SECRET + "-2", tmp_path, os.environ["HOME"])
