"""Notebooks for the tests of the report, and what is asked of the PDFs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import sandbox

LUA = {"kernelspec": {"name": sandbox.KERNEL, "display_name": "Nabla (Lua)", "language": "lua"},
       "language_info": {"name": "lua", "pygments_lexer": "lua", "file_extension": ".lua"}}
JUPYTER = Path(sys.executable).parent / "jupyter"


def notebook(*cells, **metadata):
    """Cells: a text is code, a tuple of one is Markdown, anything else a cell."""
    made = [new_code_cell(c) if isinstance(c, str) else new_markdown_cell(c[0]) if isinstance(c, tuple) else c
            for c in cells]
    return new_notebook(cells=made, metadata={**LUA, **metadata})


def executed(nb, folder):
    client = NotebookClient(nb, kernel_name=sandbox.KERNEL, timeout=120,
                            resources={"metadata": {"path": str(folder)}})
    client.execute()
    return nb


def write(nb, path):
    nbformat.write(nb, path)
    return path


def environment(inkscape=None):
    """This environment's PATH begins with the Jupyter under test; inkscape: the folder of a
    stand-in, or None for a PATH without one."""
    parts = [p for p in os.environ["PATH"].split(os.pathsep) if not Path(p, "inkscape").exists()]
    parts = [str(JUPYTER.parent)] + ([str(inkscape)] if inkscape else []) + parts
    return {**os.environ, "PATH": os.pathsep.join(parts)}


def run(*command, folder=None, env=None, seconds=300):
    return subprocess.run([str(c) for c in command], cwd=folder, env=env or environment(), check=False,
                          capture_output=True, timeout=seconds, text=True, errors="replace")


def report(path, *options, env=None):
    """`nabla report`: what it says on success."""
    done = run(sandbox.program(), "report", *options, path, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def compiled(tex, folder, times=2):
    """Runs xelatex as anybody would; the log."""
    for _ in range(times):
        done = run("xelatex", "-interaction=nonstopmode", "-halt-on-error", tex, folder=folder,
                   env={**environment(), "max_print_line": "1000"})
        assert done.returncode == 0, done.stdout[-3000:]
    return (folder / tex).with_suffix(".log").read_text(errors="replace")


def words(pdf):
    return run("pdftotext", "-layout", pdf, "-").stdout


def keep(pdf, name):
    """For people to look at."""
    shutil.copy(pdf, sandbox.results("report") / f"{name}.pdf")


def check_log(log):
    assert "Missing character" not in log, re.findall("Missing character.*", log)[:5]
    assert not re.search("undefined", log), re.findall(".*undefined.*", log)[:5]


def check_fonts(pdf):
    lines = run("pdffonts", pdf).stdout.splitlines()[2:]
    assert lines
    names = " ".join(line.split()[0] for line in lines)
    # name, type of one to three words, encoding, emb sub uni, object ID of two numbers
    loose = [line for line in lines if line.split()[-5] != "yes"]
    assert not loose, loose
    return names
