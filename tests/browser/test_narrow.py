"""Interactive charts on a narrow window: 1100 px with the file browser open, run, and saved and
opened again. The page draws them as they are, so nothing may stand out of its output."""

import pytest
from notebook_page import NotebookPage, write_notebook

CELLS = [
    """lab.seed(42)
d = data.digits{n_train = 200, n_test = 60}
m = nn.Sequential{nn.Flatten(), nn.Dense{16, activation = "relu", name = "oculta"}, nn.Dense(10)}
m:compile{optimizer = optim.Adam{}, loss = "sparse_categorical_crossentropy", metrics = {"accuracy"}}
g = m:fit{d, epochs = 4, validation_split = 0.2}
plot.gradients(g)""",
    "plot.history(g)",
    "plot.line{{1, 4, 9, 16}, ylabel = 'valor'}",
    "plot.curve{function(w) return (w - 3)^2 end, x = {-2, 8}, minimum = true, tangents = {0.5, 5},"
    " ways = {0, 5, 1.5, 3.6}, names = {'L(w)', 'camino'}, xlabel = 'w', ylabel = 'L(w)'}",
    "plot.history{g, g, names = {'ancha', 'la que tiene un nombre más largo'}, title = 'Dos redes'}",
]

DRAWN = """n => [...document.querySelectorAll('.jp-OutputArea-output canvas.marks')]
  .filter(e => e.getBoundingClientRect().width > 0).length >= n"""

CUT = """() => [...document.querySelectorAll('.jp-OutputArea-output')]
  .filter(e => e.scrollWidth > e.clientWidth)
  .map(e => [e.clientWidth, e.scrollWidth, e.innerText.slice(0, 60)])"""


@pytest.fixture(scope="module")
def narrow(browser, server, notebooks):
    write_notebook(notebooks, "angosto.ipynb", CELLS)
    context = browser.new_context(viewport={"width": 1100, "height": 900}, locale="es-CL")
    page = NotebookPage(context.new_page(), server.url, "angosto.ipynb")
    for i in range(len(CELLS)):
        page.run(i)
    yield page
    page.shutdown()
    context.close()


def check(narrow, pictures, name):
    assert narrow.errors() == []
    narrow.page.wait_for_function(DRAWN, arg=len(CELLS), timeout=120000)
    narrow.screenshots(pictures, name)
    assert narrow.page.evaluate(CUT) == []


def test_nothing_is_cut(narrow, pictures):
    check(narrow, pictures, "narrow")


def test_nothing_is_cut_in_the_saved_notebook(narrow, pictures):
    narrow.save()
    narrow.reload()
    check(narrow, pictures, "narrow-reloaded")
