"""The assignment, 07: it runs for each of its three cases, where the published files are, and
its test cells give full points to the teacher's answers and fewer to known mistakes."""

import os
import shutil

import nbformat
import pytest
from nbclient import NotebookClient

import sandbox

SOURCE = sandbox.ROOT / "notebooks/source/07_encargo/07_encargo.ipynb"
CASE = 'caso = "A"'
FULL = {"t07-ficha": 4, "t07-lineal": 2, "t07-experimentos": 10, "t07-repetir": 5,
        "t07-elegido": 5, "t07-peor": 6, "t07-intervalo": 3}


def run(folder, *changes):
    """The notebook run with each (old, new) replaced in its cells."""
    nb = nbformat.read(SOURCE, as_version=4)
    for old, new in changes:
        holders = [c for c in nb.cells if c.cell_type == "code" and old in c.source]
        assert holders, f"no cell contains {old!r}"
        holders[0].source = holders[0].source.replace(old, new)
    NotebookClient(nb, kernel_name=sandbox.KERNEL, timeout=300, allow_errors=True,
                   resources={"metadata": {"path": folder}}).execute()
    return nb


def errors(nb):
    return [(c.id, o.evalue) for c in nb.cells if c.cell_type == "code"
            for o in c.outputs if o.output_type == "error"]


def points(nb):
    """What nbgrader reads: the number that is the value of each test cell."""
    return {c.id: float(o.data["text/plain"]) for c in nb.cells if c.id in FULL
            for o in c.outputs if o.output_type == "execute_result"}


@pytest.mark.parametrize("case", "ABC")
def test_case(case, tmp_path):
    nb = run(tmp_path, (CASE, f'caso = "{case}"'))
    assert errors(nb) == []
    assert points(nb) == FULL
    shown = "".join(o.text for c in nb.cells if c.id == "plan" for o in c.outputs)
    assert f"NABLA_ENCARGO={os.environ['NABLA_ENCARGO']}" in shown, "a quick run says so"
    tables = [o for c in nb.cells if c.id == "experimentos" for o in c.outputs
              if "text/latex" in o.get("data", {})]
    assert len(tables) == 1 and tables[0].metadata["label"] == "tab:experimentos"
    line = [o for c in nb.cells if c.id == "experimentos" for o in c.outputs if o not in tables]
    assert all(o.metadata.get("sin_informe") for o in line), "progress is no part of a report"
    shutil.rmtree(tmp_path / ".nabla")  # the runs were kept beside the notebook


def test_mistakes(tmp_path):
    nb = run(tmp_path,
             ("dropout      = {dropout = 0.3}", "dropout = {dropout = 0.3, batch_size = 32}"),
             ("elegido = r.best.name", "elegido = r[2].name"),
             ("resultado = modelo", "lineal:evaluate{d}\nresultado = modelo"),
             ("nn.Dense{#d.classes, activation", "nn.Dense{8}, nn.Dense{#d.classes, activation"),
             ("canales = d.x_train.shape[4]", "canales = 2"),
             ("informe[clase].f1 <", "informe[clase].f1 >"),
             ("1.96 * math.sqrt", "1.96 * "))
    assert errors(nb) == []
    got = points(nb)
    assert got["t07-ficha"] == 3           # the channels
    assert got["t07-lineal"] == 0          # a hidden layer
    assert got["t07-experimentos"] == 7    # two options at once
    assert got["t07-elegido"] == 1         # the second best, and the test used twice
    assert got["t07-peor"] == 1            # the best class in the place of the worst
    assert got["t07-intervalo"] == 1       # no square root
    assert got["t07-repetir"] == FULL["t07-repetir"]
