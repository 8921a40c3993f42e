"""Every notebook of the course in JupyterLab, as its teacher opens it: Run All, look at the
figures and tables, save, reload, and they are still there."""

import pytest
import thumbnail
from notebook_page import NotebookPage
from PIL import Image

import sandbox

SOURCES = sorted((sandbox.ROOT / "notebooks/source").glob("*/*.ipynb"))
PATIENCE = 400

TOO_WIDE = """() => {
  const page = document.querySelector('.jp-Notebook').getBoundingClientRect().right;
  return [...document.querySelectorAll('.jp-OutputArea-output img, .jp-OutputArea-output table, .jp-OutputArea-output svg')]
    .filter(e => e.getBoundingClientRect().right > page + 1)
    .map(e => e.outerHTML.slice(0, 120));
}"""


@pytest.fixture(params=SOURCES, ids=lambda p: p.stem)
def lesson(request, browser, server, pictures):
    path = request.param.relative_to(sandbox.ROOT / "notebooks")
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="es-CL")
    before = request.session.testsfailed
    try:
        page = NotebookPage(context.new_page(), server.url, path.as_posix())
    except Exception:
        context.close()  # left open, it would answer for the notebooks after it
        raise
    page.name = request.param.stem
    yield page
    if request.session.testsfailed > before:
        page.screenshot(pictures / f"failed-course-{page.name}.png")
        (pictures / f"failed-course-{page.name}.log").write_text("".join(server.log))
    page.shutdown()
    context.close()


def with_pictures(lesson):
    return [i for i, c in enumerate(lesson.model()["cells"])
            if any("image/png" in o.get("data", {}) for o in c.get("outputs", []))]


def whole_page(lesson, pictures):
    """One picture of the notebook from top to bottom."""
    parts = lesson.screenshots(pictures, f"course-{lesson.name}")
    opened = [Image.open(p) for p in parts]
    whole = Image.new("RGB", (opened[0].width, sum(p.height for p in opened)), "white")
    top = 0
    for part in opened:
        whole.paste(part, (0, top))
        top += part.height
    path = pictures / f"course-{lesson.name}.png"
    whole.save(path)
    return path


def test_run_look_save_reload(lesson, pictures):
    lesson.run_all()
    lesson.wait_all(PATIENCE)
    assert lesson.errors() == []
    shown = with_pictures(lesson)
    for i in shown:
        lesson.wait_picture(i)
        for picture in lesson.pictures(i):
            assert picture["width"] > 50 and picture["height"] > 50, (i, picture)
    assert lesson.page.evaluate(TOO_WIDE) == []
    changed = thumbnail.compare(whole_page(lesson, pictures), lesson.name)
    lesson.save()
    lesson.reload()
    assert with_pictures(lesson) == shown
    for i in shown:
        lesson.wait_picture(i)
    assert changed is None, changed
