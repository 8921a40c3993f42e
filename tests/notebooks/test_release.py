"""What nbgrader asks of the teacher's notebooks, what it makes of them for students, and that
`make course` never touches what a student wrote."""

import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

import sandbox
from course import FOLDER, SOURCES, grade_id, names, read, regions, role

CONFIG = {}
exec((FOLDER / "nbgrader_config.py").read_text(encoding="utf8"),
     {"get_config": lambda: __import__("traitlets.config").config.Config(), "__file__": str(FOLDER / "x")}, CONFIG)
STUB = CONFIG["c"].ClearSolutions.code_stub["lua"]
MARK = re.compile(r"\b(INICIO|FIN) (SOLUCIÓN|PRUEBAS OCULTAS|PAUTA)")


def graded(nb):
    return [c for c in nb.cells if role(c)]


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_metadata(path):
    nb = read(path)
    MetadataValidator().validate_nb(nb)
    seen = [grade_id(c) for c in graded(nb)]
    assert len(seen) == len(set(seen)), f"{seen}: a grade_id twice"
    for cell in graded(nb):
        g, where = cell.metadata.nbgrader, grade_id(cell)
        assert g.schema_version == 3, where
        assert re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_-]*", where) and not where.startswith("cell-"), where
        known = {"schema_version", "grade", "solution", "locked", "task", "grade_id", "points", "cell_type"}
        assert set(g) <= known, f"{where}: {set(g) - known}"
        if role(cell) in ("test", "written", "task"):
            assert g.points > 0, where
        if role(cell) in ("test", "solution"):
            assert cell.cell_type == "code", where
        if role(cell) in ("written", "task"):
            assert cell.cell_type == "markdown", where
    sandbox.note(f"{path.stem}: {sum(c.metadata.nbgrader.get('points', 0) for c in graded(nb)):g} points")


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_marks(path):
    """Every region is closed, in a cell that may have one; answers have one."""
    allowed = {"SOLUCIÓN": ("solution", "written"), "PRUEBAS OCULTAS": ("test",), "PAUTA": ("task",)}
    for i, cell in enumerate(read(path).cells):
        found = MARK.findall(cell.source)
        for begin, end in zip(found[::2], found[1::2] + [None]):
            assert begin[0] == "INICIO" and end == ("FIN", begin[1]), f"cell {i}: {found}"
            assert role(cell) in allowed[begin[1]], f"cell {i}: {begin[1]} in a cell that is {role(cell)}"
        if role(cell) in ("solution", "written"):
            assert found, f"cell {i}: an answer without INICIO SOLUCIÓN"
        if role(cell) == "written":
            rubric = "\n".join(regions(cell.source, "SOLUCIÓN"))
            assert re.search("pauta|punto", rubric, re.I), f"cell {i}: a written answer without its rubric"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of its own, in which make_course() does what `make course` does."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(FOLDER / "source", folder / "source")
    shutil.copy(FOLDER / "nbgrader_config.py", folder)
    return folder


def make_course(folder):
    done = subprocess.run([sys.executable, sandbox.ROOT / ".binder/course"], capture_output=True, text=True,
                          env={**os.environ, "NABLA_CURSO": str(folder)}, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def made(course):
    said = make_course(course)
    assert all(p.stem in said for p in SOURCES), said
    return course / "curso"


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_student_version(made, path):
    source, nb = read(path), read(made / path.name)
    nbformat.validate(nb)
    assert nb.metadata.kernelspec == source.metadata.kernelspec
    assert nb.metadata.get("title") == source.metadata.get("title")
    by_id = {grade_id(c): c for c in graded(nb)}
    assert list(by_id) == [grade_id(c) for c in graded(source)]
    whole = "\n".join(c.source for c in nb.cells)
    assert not MARK.search(whole), MARK.search(whole)
    kept = "\n".join(MARK.sub("", line) for c in source.cells for line in c.source.splitlines()
                     if line not in regions(c.source, "SOLUCIÓN") + regions(c.source, "PRUEBAS OCULTAS"))
    for cell in graded(source):
        student = by_id[grade_id(cell)]
        hidden = [line.strip() for what in ("SOLUCIÓN", "PRUEBAS OCULTAS", "PAUTA")
                  for line in regions(cell.source, what)]
        for line in hidden:
            if len(line) > 12 and line not in kept:
                assert line not in whole, f"{grade_id(cell)} shows {line!r}"
        if role(cell) == "solution":
            assert "error('Falta la respuesta')" in student.source, student.source
        if role(cell) == "written":
            assert "ESCRIBE TU RESPUESTA AQUÍ" in student.source
        if role(cell) == "test":
            assert not student.metadata.editable and student.source.strip(), grade_id(cell)
            assert student.metadata.nbgrader.checksum
    assert all(not c.get("outputs") for c in nb.cells)


def test_work_is_never_written_over(made, course):
    """Fresh, worked in, deleted, and out of date: what each becomes."""
    first, second = sorted(made.glob("*.ipynb"))[:2]
    before = {p: p.read_bytes() for p in made.glob("*.ipynb")}
    assert make_course(course) == "", "nothing was to do"

    mine = before[first] + b"\n"
    first.write_bytes(mine)
    with open(course / "nbgrader_config.py", "a", encoding="utf8") as config:
        config.write("\nc.ClearSolutions.text_stub = 'AQUÍ'\n")
    said = make_course(course)
    assert first.read_bytes() == mine, "a student's work was written over"
    assert f"{first.name} tiene trabajo" in said and second.stem in said
    assert second.read_bytes() != before[second] or "written" not in map(role, read(second).cells)

    first.unlink()
    assert first.stem in make_course(course)
    assert first.read_bytes() != mine
    assert make_course(course) == ""


def test_configuration_is_the_stub_of_the_program():
    """lab.check knows the stub's error by its words."""
    assert "Falta la respuesta" in STUB
    said = subprocess.run([sandbox.program(), "run", "/dev/stdin"], capture_output=True, text=True, check=True,
                          input=f'function f() {STUB} end lab.check{{"f", f, expected = 1}}')
    assert "✗ f: Falta la respuesta" in said.stdout, json.dumps(said.stdout)
