"""The tools around a notebook, as a user starts them: papermill with parameters, jupytext's
pairing with a .lua file, nbconvert --execute, the console."""

import json
import os
import pty
import select
import subprocess
import sys
import time

import nbformat
import pytest

import sandbox

TRANSLATOR = sandbox.ROOT / "notebooks/papermill/papermill_lua.py"
SPEC = {"kernelspec": {"name": "nabla", "display_name": "Nabla (Lua)", "language": "lua"},
        "language_info": {"name": "lua", "file_extension": ".lua"}}


def tool(*words, cwd):
    done = subprocess.run([sys.executable, *map(str, words)], cwd=cwd, capture_output=True,
                          text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def notebook(path, *cells):
    nb = nbformat.v4.new_notebook(metadata=SPEC)
    for cell in cells:
        nb.cells.append(nbformat.v4.new_code_cell(cell))
    nb.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(nb, path)


def text_of(path):
    nb = nbformat.read(path, as_version=4)
    return "".join(o.get("text", "") for c in nb.cells if c.cell_type == "code"
                   for o in c.outputs if o.output_type == "stream")


def test_papermill(kernelspec, tmp_path):
    notebook(tmp_path / "in.ipynb", "epochs = 1 -- pasadas\nname = 'x'",
             "print(epochs, name, #list, map.a, map['b c'], math.type(rate), none)")
    params = {"epochs": 7, "name": 'ñ"\\\n\t😀', "list": [1, [2], None, True], "rate": 0.5,
              "map": {"a": -1, "b c": False}, "none": None}
    (tmp_path / "p.yaml").write_text(json.dumps(params, ensure_ascii=False))
    tool(TRANSLATOR, "in.ipynb", "out.ipynb", "-f", "p.yaml", "--no-progress-bar", cwd=tmp_path)
    got = text_of(tmp_path / "out.ipynb")
    assert got == '7\tñ"\\\n\t😀\t4\t-1\tfalse\tfloat\tnil\n'
    listed = tool(TRANSLATOR, "--help-notebook", "in.ipynb", cwd=tmp_path)
    assert "epochs" in listed and "pasadas" in listed


def test_jupytext(kernelspec, tmp_path):
    notebook(tmp_path / "a.ipynb", "x = {1, 2} -- uno", "print(#x)")
    tool("-m", "jupytext", "--to", "lua:percent", "a.ipynb", cwd=tmp_path)
    script = (tmp_path / "a.lua").read_text()
    assert "-- %%" in script and "print(#x)" in script
    (tmp_path / "a.lua").write_text(script.replace("{1, 2}", "{1, 2, 3}"))
    tool("-m", "jupytext", "--to", "ipynb", "--execute", "a.lua", "-o", "b.ipynb", cwd=tmp_path)
    assert text_of(tmp_path / "b.ipynb") == "3\n"
    done = subprocess.run([sandbox.program(), "run", "a.lua"], cwd=tmp_path, text=True,
                          capture_output=True, timeout=240, check=False)
    assert done.stdout == "3\n", "the paired file is a program too"


@pytest.mark.parametrize("to, wanted", [("notebook", "hola 3"), ("html", "hola 3"),
                                        ("script", "print('hola")])
def test_nbconvert(kernelspec, tmp_path, to, wanted):
    notebook(tmp_path / "a.ipynb", "x = 3", "print('hola ' .. x)")
    tool("-m", "nbconvert", "--execute", "--to", to, "a.ipynb", "--output", "b", cwd=tmp_path)
    (made,) = tmp_path.glob("b.*")
    assert wanted in made.read_text()
    assert to != "script" or made.suffix == ".lua"


def test_console(kernelspec, tmp_path):
    """On a terminal: two cells."""
    main, child = pty.openpty()
    p = subprocess.Popen([sys.executable, "-m", "jupyter_console", "--kernel", "nabla",
                          "--simple-prompt"], stdin=child, stdout=child, stderr=child,
                         cwd=tmp_path, start_new_session=True)
    os.close(child)
    seen = ""

    def until(text, patience=120):
        nonlocal seen
        end = time.monotonic() + patience
        while text not in seen:
            assert select.select([main], [], [], max(0, end - time.monotonic()))[0], seen
            seen += os.read(main, 65536).decode(errors="replace")
        seen = seen[seen.index(text) + len(text):]
    try:
        until("In [1]:")
        os.write(main, b"6 * 7\n")
        until("42")
        until("In [2]:")
        os.write(main, b"print('vi' .. 'vo')\n")
        until("vivo")
        os.write(main, b"\x04")
    finally:
        p.kill()
        p.wait()
        os.close(main)
