"""The teacher's whole week, with nbgrader as it is: release, hand in, autograde, mark by hand, feedback.

Each graded notebook is handed in by these students:
    bien        the teacher's answers: all points
    vacio       the release as it is: no points
    NAME        one for each entry of SUBMISSIONS in submissions/NOTEBOOK.py: right but for some cells

    SUBMISSIONS = {
        "signo": {
            "cells": {"p03-sigma": "function dC_dsigma(y, s) return 2 * (y - s) end"},
            "points": {"t03-sigma": 0},              tests that do not get all their points
        },
    }
    UNTOUCHED = {"t03-x": 1}                         points of the untouched notebook, where not 0
"""

import logging
import os
import runpy
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

import sandbox
from course import FOLDER, SOURCES, grade_id, names, read, regions, role

pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")

TABLES = Path(__file__).parent / "submissions"
GRADED = [p for p in SOURCES if any(role(c) in ("test", "written") for c in read(p).cells)]


def table(path):
    file = TABLES / f"{path.stem}.py"
    found = runpy.run_path(str(file)) if file.exists() else {}
    return found.get("SUBMISSIONS", {}), found.get("UNTOUCHED", {})


def points(path, kind):
    return {grade_id(c): float(c.metadata.nbgrader.points) for c in read(path).cells if role(c) == kind}


def answered(release, source, cells):
    """The release with the teacher's answers, but for `cells`."""
    nb = read(release)
    answers = {grade_id(c): "\n".join(line for line in c.source.splitlines() if "SOLUCIÓN" not in line)
               for c in read(source).cells if role(c) in ("solution", "written")}
    unknown = set(cells) - set(answers)
    assert not unknown, f"{source.stem}: no answer cells {unknown}"
    for cell in nb.cells:
        if role(cell) in ("solution", "written"):
            cell.source = cells.get(grade_id(cell), answers[grade_id(cell)])
    return nb


class Course:
    """One course folder and one gradebook for all notebooks."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(FOLDER / "source", folder / "source")
        shutil.copy(FOLDER / "nbgrader_config.py", folder)
        os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]  # alembic
        self.config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
        self.api = NbGraderAPI(config=self.config)
        self.api.log.setLevel(logging.ERROR)
        self.done = {}

    def must(self, result):
        assert result["success"], f"{result.get('error')}\n{result.get('log')}"

    def handed_in(self, path):
        """student -> points of the tests."""
        full, (edited, untouched) = points(path, "test"), table(path)
        wanted = {"bien": full, "vacio": {**dict.fromkeys(full, 0.0), **untouched}}
        for student, one in edited.items():
            unknown = set(one["points"]) - set(full)
            assert not unknown, f"{path.stem}: no test cells {unknown}"
            wanted[student] = {**full, **one["points"]}
        return wanted

    def run(self, path):
        """Releases, hands in and autogrades; once for each notebook."""
        if path in self.done:
            return self.done[path]
        name = path.stem
        self.must(self.api.generate_assignment(name))
        release = self.folder / "release" / name / path.name
        self.done[path] = self.handed_in(path)
        for student in self.done[path]:
            nb = read(release)
            if student != "vacio":
                cells = {} if student == "bien" else table(path)[0][student]["cells"]
                nb = answered(release, path, cells)
            place = self.folder / "submitted" / student / name
            place.mkdir(parents=True)
            nbformat.write(nb, place / path.name)
            self.must(self.api.autograde(name, student))
        return self.done[path]

    def gradebook(self):
        return Gradebook(self.config.CourseDirectory.get("db_url", f"sqlite:///{self.folder}/gradebook.db"), "nabla")

    def marked(self, path, student):
        return read(self.folder / "autograded" / student / path.stem / path.name)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return Course(tmp_path_factory.mktemp("week"))


def reasons(nb, cell_name):
    for cell in nb.cells:
        if role(cell) and grade_id(cell) == cell_name:
            return [o.get("evalue") or o.get("text") or o.get("data", {}).get("text/plain") for o in cell.get("outputs", [])]
    return []


@pytest.mark.parametrize("path", GRADED, ids=names)
def test_points(course, path):
    wanted = course.run(path)
    with course.gradebook() as book:
        for student, tests in wanted.items():
            grades = {g.name: g for g in book.find_submission_notebook(path.stem, path.stem, student).grades}
            got = {name: grades[name].auto_score for name in tests}
            wrong = {n: (got[n], tests[n], reasons(course.marked(path, student), n))
                     for n in tests if got[n] != tests[n]}
            assert not wrong, f"{student}: got, expected, why: {wrong}"
            assert not any(grades[n].needs_manual_grade for n in tests), student
    assert len(wanted) > 2 or not points(path, "test"), f"nobody hands in a wrong {path.stem}"


@pytest.mark.parametrize("path", [p for p in GRADED if points(p, "written")], ids=names)
def test_written_answers_wait_for_the_teacher(course, path):
    course.run(path)
    with course.gradebook() as book:
        for student, waits in (("bien", True), ("vacio", False)):
            grades = {g.name: g for g in book.find_submission_notebook(path.stem, path.stem, student).grades}
            for name in points(path, "written"):
                assert grades[name].needs_manual_grade == waits, f"{student}: {name}"
                assert grades[name].auto_score == (None if waits else 0), f"{student}: {name}"


@pytest.mark.parametrize("path", GRADED, ids=names)
def test_hidden_tests_come_back(course, path):
    course.run(path)
    release = read(course.folder / "release" / path.stem / path.name)
    shown = {grade_id(c): c.source for c in release.cells if role(c)}
    marked = {grade_id(c): c.source for c in course.marked(path, "vacio").cells if role(c)}
    for cell in read(path).cells:
        if role(cell) != "test":
            continue
        hidden = [line for line in regions(cell.source, "PRUEBAS OCULTAS") if len(line.strip()) > 12]
        assert hidden, f"{grade_id(cell)} has no hidden test"
        for line in hidden:
            assert line in marked[grade_id(cell)], f"{grade_id(cell)}: {line!r} did not come back"
            assert line not in shown[grade_id(cell)], f"{grade_id(cell)}: {line!r} is in the release"


@pytest.mark.parametrize("path", GRADED, ids=names)
def test_feedback(course, path):
    """A mark by hand and a comment reach the student with the rest."""
    course.run(path)
    student, by_hand = "bien", list(points(path, "written"))[:1]
    with course.gradebook() as book:
        for name in by_hand:
            grade = book.find_grade(name, path.stem, path.stem, student)
            grade.manual_score, grade.needs_manual_grade = 0.5, False
            book.find_comment(name, path.stem, path.stem, student).manual_comment = "Muy bien explicado."
        book.db.commit()
        total = book.find_submission_notebook(path.stem, path.stem, student).score
    assert total == sum(points(path, "test").values()) + 0.5 * len(by_hand)
    course.must(course.api.generate_feedback(path.stem, student))
    page = course.folder / "feedback" / student / path.stem / f"{path.stem}.html"
    text = page.read_text(encoding="utf8")
    assert f"{total:g}" in text
    assert not by_hand or "Muy bien explicado." in text
    schemes = [line.strip() for c in read(path).cells for line in regions(c.source, "PAUTA")]
    assert ".nabla-table td" in text, "the columns of the tables touch"
    assert "INICIO PAUTA" not in text and not any(line and line in text for line in schemes)
    shutil.copy(page, sandbox.results("notebooks") / f"{path.stem}.feedback.html")
