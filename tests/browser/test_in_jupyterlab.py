"""The lab as a student meets it: JupyterLab in Chromium, the classification notebook run
from top to bottom, the stop button, completion, tooltip, save and reload. The tests go in
this order on one page, as a lesson does; the screenshots are there to be looked at."""

import pytest
from notebook_page import NotebookPage

NOTEBOOK = "source/06_clasificar_imagenes/06_clasificar_imagenes.ipynb"

RUNNING = """i => window.jupyterapp.shell.currentWidget.content.widgets[i]
                  .model.executionState === 'running'"""

TRAIN_LONG = """largo = nn.Sequential{ nn.Flatten(), nn.Dense{32, activation = "relu"}, nn.Dense(10) }
largo:compile{ optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = {"accuracy"} }
digitos = data.digits()
curva = largo:fit{ digitos, epochs = 100000, batch_size = 32 }"""


@pytest.fixture(scope="module")
def lesson(browser, server):
    """The notebook's page, shared by the tests of this file."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="es-CL")
    yield NotebookPage(context.new_page(), server.url, NOTEBOOK)
    context.close()


@pytest.fixture(autouse=True)
def traces_of_failure(request, lesson, server, pictures):
    """A picture and the server's log beside it, when a test fails."""
    before = request.session.testsfailed
    yield
    if request.session.testsfailed > before:
        lesson.page.screenshot(path=str(pictures / f"failed-{request.node.name}.png"))
        (pictures / f"failed-{request.node.name}.log").write_text("".join(server.log))


def running(lesson, i, patience=60):
    lesson.page.wait_for_function(RUNNING, arg=i, timeout=patience * 1000)


def has_picture(cell):
    return any("image/png" in o.get("data", {}) for o in cell.get("outputs", []))


def test_run_all(lesson):
    lesson.run_all()
    lesson.wait_all(300)
    assert lesson.errors() == []


def test_figures_and_tables_are_there(lesson, pictures):
    cells = lesson.model()["cells"]
    with_pictures = [i for i, cell in enumerate(cells) if has_picture(cell)]
    assert len(with_pictures) >= 3, "examples, curves and confusion matrix are expected"
    for i in with_pictures:
        lesson.wait_picture(i)
        for picture in lesson.pictures(i):
            assert picture["width"] > 50 and picture["height"] > 50, (i, picture)
    tables = lesson.page.locator(".jp-OutputArea-output table")
    assert tables.count() >= 1, "the report per class is a table"
    lesson.screenshots(pictures, "notebook")


def test_spanish_text(lesson):
    text = lesson.page.locator(".jp-Notebook").inner_text()
    for word in ("exactitud", "pérdida", "precisión"):
        assert word in text.lower(), word
    assert "�" not in text and "Ã" not in text


def test_output_keeps_inside_the_page(lesson):
    """No output is wider than the notebook: nothing to scroll sideways."""
    wide = lesson.page.evaluate("""() =>
      [...document.querySelectorAll('.jp-OutputArea-output img')]
        .filter(e => e.getBoundingClientRect().right > window.innerWidth).length""")
    assert wide == 0


def test_live_figure_changes_and_stop_keeps_the_weights(lesson, pictures):
    i = lesson.add_cell(TRAIN_LONG)
    lesson.watch(i)
    before = lesson.start(i)
    running(lesson, i)
    lesson.wait_frames(4, 120)
    lesson.show(i)
    lesson.screenshot(pictures / "training.png")
    lesson.stop()
    lesson.wait_ran(i, before, 60)
    lesson.wait_idle()
    assert lesson.errors() == []
    live = [f for f in lesson.frames() if f["kind"] == "IMG"]  # the last one is interactive
    assert len({f["source"] for f in live}) >= 3, "the figure did not change while the cell ran"
    boxes = {(round(f["width"]), round(f["height"])) for f in live if f["width"] and f["height"]}
    assert len(boxes) <= 1, f"the live figure jumps: {boxes}"
    heights = lesson.heights()
    # The interactive figure has a margin of its own, and the note about the stop is a line.
    assert min(heights) >= heights[0] and max(heights) - heights[0] <= 60, set(heights)
    lesson.show(i)
    lesson.screenshot(pictures / "stopped.png")
    after = lesson.add_cell("largo:evaluate(digitos.x_test, digitos.y_test)")
    assert lesson.run(after) != []
    assert lesson.errors() == []


def test_a_loop_without_end_is_stopped(lesson):
    lesson.run(lesson.add_cell("antes = 42"))
    i = lesson.add_cell("while true do end")
    before = lesson.start(i)
    running(lesson, i)
    lesson.stop()
    lesson.wait_ran(i, before, 60)
    assert any("KeyboardInterrupt" in e for e in lesson.errors())
    kept = lesson.run(lesson.add_cell("antes"))
    assert kept[0]["data"]["text/plain"] == "42"


def test_tab_completes(lesson, pictures):
    i = lesson.add_cell("nn.D")
    assert "Dense" in lesson.complete()
    lesson.screenshot(pictures / "completion.png")
    lesson.page.keyboard.press("Escape")
    lesson.write(i, "nn.Dense{12, ")
    assert "activation" in lesson.complete()
    lesson.page.keyboard.press("Escape")
    lesson.write(i, "")


def test_shift_tab_shows_the_signature(lesson, pictures):
    i = lesson.add_cell("nn.Dense(")
    tip = lesson.tooltip()
    assert "Dense" in tip and "activation" in tip
    lesson.screenshot(pictures / "tooltip.png")
    lesson.page.keyboard.press("Escape")
    lesson.write(i, "")


def test_save_and_reload(lesson, pictures):
    shown = [i for i, c in enumerate(lesson.model()["cells"]) if has_picture(c)]
    lesson.save()
    lesson.reload()
    again = [i for i, c in enumerate(lesson.model()["cells"]) if has_picture(c)]
    assert again == shown
    for i in shown:
        lesson.wait_picture(i)
    lesson.cell(shown[0]).scroll_into_view_if_needed()
    lesson.screenshot(pictures / "reloaded.png")


def test_restart_empties_the_kernel_and_all_runs_again(lesson):
    lesson.run(lesson.add_cell("antes = 7"))
    lesson.restart()
    i = lesson.add_cell("rawget(_G, 'antes')")
    assert lesson.run(i) == [], "the variable survived the restart"
    again = lesson.find("data.digits()")
    assert lesson.run(again) != []
    assert lesson.count(again) == 2, "the new kernel counts from 1"
