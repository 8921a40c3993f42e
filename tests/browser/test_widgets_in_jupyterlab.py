"""Widgets in a real JupyterLab: the slider of an interact cell moves its figure, and the
buttons beside a training act while it runs. The screenshots are there to be looked at."""

import nbformat
import pytest
from notebook_page import NotebookPage

INTERACT = """interact{k = {1, 9}, modo = {"recta", "curva"}, function(p)
  local y = {}
  for i = 1, 20 do y[i] = p.modo == "recta" and p.k * i or i ^ (p.k / 3) end
  print("k = " .. p.k .. ", " .. p.modo)
  plot.line{y, title = "k = " .. p.k}
end}"""

TRAIN = """red = nn.Sequential{ nn.Flatten(), nn.Dense{32, activation = "relu"}, nn.Dense(10) }
red:compile{ optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = {"accuracy"} }
curva = red:fit{ data.digits(), epochs = 100000, batch_size = 32, controls = true }"""


@pytest.fixture(scope="module")
def lesson(browser, server, notebooks):
    spec = {"name": "nabla", "display_name": "Nabla", "language": "lua"}
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in (INTERACT, TRAIN)],
                                    metadata={"kernelspec": spec})
    nbformat.write(book, notebooks / "controles.ipynb")
    context = browser.new_context(viewport={"width": 1280, "height": 1100}, locale="es-CL")
    yield NotebookPage(context.new_page(), server.url, "controles.ipynb")
    context.close()


@pytest.fixture(autouse=True)
def traces_of_failure(request, lesson, server, pictures):
    """A picture and the server's log beside it, when a test fails."""
    before = request.session.testsfailed
    yield
    if request.session.testsfailed > before:
        lesson.page.screenshot(path=str(pictures / f"failed-{request.node.name}.png"))
        (pictures / f"failed-{request.node.name}.log").write_text("".join(server.log))


def see(lesson, i, text, patience=60):
    """Until the outputs of cell i hold the text."""
    lesson.page.wait_for_function("""([i, text]) => window.jupyterapp.shell.currentWidget.content
        .widgets[i].node.querySelector('.jp-Cell-outputArea').innerText.includes(text)""",
                                  arg=[i, text], timeout=patience * 1000)


def figures(lesson, i):
    """The plots themselves; an interactive one is drawn into a canvas or an svg."""
    return lesson.page.evaluate("""i => [...window.jupyterapp.shell.currentWidget.content.widgets[i].node
      .querySelectorAll('.jp-OutputArea-output img, .jp-OutputArea-output canvas, .jp-OutputArea-output svg.marks')]
      .map(e => e.tagName === 'CANVAS' ? e.toDataURL() : e.src ?? e.outerHTML)""", i)


def test_a_slider_moves_its_figure(lesson, pictures):
    lesson.run(0)
    handle = lesson.cell(0).locator(".widget-slider .noUi-handle")
    handle.wait_for(timeout=60000)
    lesson.wait_picture(0)
    see(lesson, 0, "k = 5, recta")
    before = figures(lesson, 0)
    lesson.screenshot(pictures / "interact.png")
    handle.focus()
    lesson.page.keyboard.press("ArrowRight")
    lesson.page.keyboard.press("ArrowRight")
    see(lesson, 0, "k = 7, recta")
    lesson.page.wait_for_function("""([i, before]) => {
      const now = [...window.jupyterapp.shell.currentWidget.content.widgets[i].node
        .querySelectorAll('.jp-OutputArea-output img, .jp-OutputArea-output canvas, .jp-OutputArea-output svg.marks')]
        .map(e => e.tagName === 'CANVAS' ? e.toDataURL() : e.src ?? e.outerHTML);
      return now.length && now[now.length - 1] !== before[before.length - 1];
    }""", arg=[0, before], timeout=60000)
    box = handle.bounding_box()
    lesson.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    lesson.page.mouse.down()
    lesson.page.mouse.move(box["x"] - 600, box["y"] + box["height"] / 2, steps=6)
    lesson.page.mouse.up()
    see(lesson, 0, "k = 1, recta")
    lesson.cell(0).locator(".widget-dropdown select").select_option("curva")
    see(lesson, 0, "k = 1, curva")
    assert lesson.text(0).count("k = ") == 1, "the output is replaced, not added"
    lesson.screenshot(pictures / "interact-moved.png")


def test_stop_and_pause_act_while_it_trains(lesson, pictures):
    lesson.watch(1)
    before = lesson.start(1)
    stop = lesson.cell(1).get_by_role("button", name="Detener")
    stop.wait_for(timeout=60000)
    lesson.wait_frames(2, 120)
    lesson.show(1)
    lesson.screenshot(pictures / "controls.png")
    lesson.cell(1).get_by_role("button", name="Pausar").click()
    lesson.cell(1).get_by_role("button", name="Continuar").wait_for(timeout=60000)
    lesson.screenshot(pictures / "paused.png")
    lesson.cell(1).get_by_role("button", name="Continuar").click()
    lesson.cell(1).get_by_role("button", name="Pausar").wait_for(timeout=60000)
    stop.click()
    lesson.wait_ran(1, before, 60)
    see(lesson, 1, "detenido")
    assert lesson.errors() == []
    assert lesson.cell(1).get_by_role("button", name="Detener").count() == 0
    see(lesson, 1, "tasa de aprendizaje: 0.001")
    lesson.show(1)
    lesson.screenshot(pictures / "controls-stopped.png")
