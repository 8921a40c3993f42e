"""The teacher's JupyterLab: Formgrader shows a written answer with its rubric below; a mark and a
comment given there reach the student's page, and the rubric does not."""

import logging
import os
import shutil
import sys

import nbformat
import pytest
from lab_server import LabServer
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

import proc
import sandbox

PATIENCE = 180_000 * proc.SLACK
NAME, QUESTION, STUDENT = "03_regla_de_la_cadena", "p03-quien", "ana"
ANSWER = "Tiene razón la derivada numérica: con el signo de la diapositiva se sube."
COMMENT = "Falta decir de dónde sale el signo."
RUBRIC = "nombra la derivada de lo de adentro"
FOLDER = sandbox.ROOT / "notebooks"

pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")


def written(nb):
    return next(c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == QUESTION)


def must(result):
    assert result["success"], f"{result.get('error')}\n{result.get('log')}"


@pytest.fixture
def course(kernelspec, tmp_path, monkeypatch):
    """A course with one notebook, handed in and marked by the machine."""
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"])
    shutil.copytree(FOLDER / "source" / NAME, tmp_path / "source" / NAME)
    assert RUBRIC in written(nbformat.read(tmp_path / "source" / NAME / f"{NAME}.ipynb", as_version=4)).source
    shutil.copy(FOLDER / "nbgrader_config.py", tmp_path)
    api = NbGraderAPI(config=PyFileConfigLoader("nbgrader_config.py", path=str(tmp_path)).load_config())
    api.log.setLevel(logging.ERROR)
    must(api.generate_assignment(NAME))
    nb = nbformat.read(tmp_path / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    written(nb).source = ANSWER
    place = tmp_path / "submitted" / STUDENT / NAME
    place.mkdir(parents=True)
    nbformat.write(nb, place / f"{NAME}.ipynb")
    must(api.autograde(NAME, STUDENT))
    return tmp_path


@pytest.fixture
def teacher(course, tmp_path_factory, monkeypatch):
    """JupyterLab as `make lab TEACHER=1` starts it: in the course, with nbgrader's menus."""
    monkeypatch.delenv("JUPYTER_CONFIG_PATH")
    monkeypatch.chdir(course)
    running = LabServer(tmp_path_factory.mktemp("teacher"), course)
    yield running
    running.close()


@pytest.fixture
def page(browser, teacher, pictures, request):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="es-CL")
    context.route(lambda url: "//127.0.0.1" not in url, lambda route: route.abort())
    context.set_default_timeout(PATIENCE)
    page, before = context.new_page(), request.session.testsfailed
    yield page
    if request.session.testsfailed > before:
        page.screenshot(path=str(pictures / "failed-formgrader.png"))
        (pictures / "failed-formgrader.log").write_text("".join(teacher.log))
    context.close()


def saved(page, what, act):
    """Does it, and returns when Formgrader has kept it."""
    with page.expect_response(lambda r: f"/api/{what}/" in r.url and r.request.method == "PUT") as answer:
        act()
    assert answer.value.ok, answer.value.status


def test_marking_by_hand(page, teacher, course, pictures):
    page.goto(teacher.url)
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.locator("[data-command='nbgrader:open-formgrader']").click()
    form = page.frame_locator("iframe")
    form.get_by_role("link", name="Manual Grading").click()
    for _ in ("the assignment", "its notebook"):
        form.get_by_role("link", name=NAME, exact=True).last.click()
    form.get_by_role("link", name="Submission #1").click()

    panel = form.locator(".nbgrader_cell", has_text=ANSWER)
    score, comment = panel.locator(".score.needs_manual_grade"), panel.locator(".comment[placeholder]")
    score.wait_for()
    comment.wait_for()
    assert form.locator(".cell:has(.nbgrader_cell) + .cell .alert", has_text=RUBRIC).is_visible()
    saved(page, "grade", lambda: (score.fill("1.5"), panel.locator(".score").press("Tab")))
    saved(page, "comment", lambda: (comment.fill(COMMENT), comment.press("Tab")))
    panel.scroll_into_view_if_needed()
    page.screenshot(path=str(pictures / "formgrader.png"))

    page.goto(teacher.url.replace("/lab", "/formgrader/manage_assignments"))
    page.locator(".generate-feedback a").click()
    page.get_by_text("Successfully generated feedback").wait_for()
    given = (course / "feedback" / STUDENT / NAME / f"{NAME}.html").read_text(encoding="utf8")
    assert ANSWER in given and COMMENT in given and "1.5" in given
    assert RUBRIC not in given and "Para corregir" not in given
    kept = (course / "autograded" / STUDENT / NAME / f"{NAME}.ipynb").read_text(encoding="utf8")
    assert RUBRIC not in kept
