"""The lab in JupyterLab's dark theme: figures, tables, help and errors stay readable. The contrast
of every text in the outputs is computed from the colours that the page really uses (WCAG 2.1: 4.5);
the screenshots are there to be looked at.
"""

import pytest
from notebook_page import NotebookPage, write_notebook

CELLS = [
    """lab.seed(42)
d = data.digits{n_train = 200, n_test = 60}
m = nn.Sequential{nn.Flatten(), nn.Dense{16, activation = "relu"}, nn.Dense(10)}
m:compile{optimizer = optim.Adam{}, loss = "sparse_categorical_crossentropy", metrics = {"accuracy"}}
h = m:fit{d, epochs = 4, validation_split = 0.2}""",
    "plot.confusion(m, d)",
    "metrics.classification_report(d.y_test, m:classify(d.x_test))",
    """w = var{0.8, name = "w"}; b = var{0.2, name = "b"}
gradcheck{function() return (sigmoid(w * 0.5 + b) - 1)^2 end, {w, b}, given = {-0.08107, 0.1621}}""",
    'lab.table{{"SGD", 0.91}, {"Adam", 0.93}, columns = {"optimizador", "exactitud"}, bold = 2, note = "nota"}',
    'lab.check{"z", 0.6, expected = 0.7}',
    "chain((w * 0.5 + b)^2, w)",
    'help "nn.Dense"',
    "m:summary()",
    "tensor{{1, 2}, {3, 4}}:matmul(tensor{1, 2, 3})",
    "print(d.x_test[1]) d",
]

# Every piece of text in the outputs: its colour, the background that lies under it, their contrast.
CONTRAST = """() => {
  const parse = c => {
    const n = (c.replace('srgb', '').match(/[\\d.]+/g) || []).map(Number);
    return c.startsWith('color(') ? n.map((v, i) => i < 3 ? 255 * v : v) : n;
  };
  const luminance = ([r, g, b]) => {
    const f = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b);
  };
  const under = node => {
    for (let e = node; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0.5) return c;
    }
    return [255, 255, 255];
  };
  const bad = [];
  let seen = 0;
  for (const area of document.querySelectorAll('.jp-Notebook .jp-OutputArea-output')) {
    const walker = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent.trim(), e = walker.currentNode.parentElement;
      if (!text || !e || e.closest('svg, script, style, mjx-assistive-mml, canvas')) continue;
      const box = e.getBoundingClientRect();
      if (!box.width || !box.height || getComputedStyle(e).visibility === 'hidden') continue;
      seen++;
      const fore = parse(getComputedStyle(e).color), back = under(e);
      const a = luminance(fore), b = luminance(back);
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5) bad.push(`${ratio.toFixed(2)}: ${text.slice(0, 40)} (${fore} on ${back})`);
    }
  }
  return [seen, [...new Set(bad)]];
}"""

THEME = "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})"
IS_LIGHT = "light => document.body.dataset.jpThemeLight === light"


@pytest.fixture(scope="module")
def night(browser, server, notebooks):
    """The page with every cell run."""
    write_notebook(notebooks, "oscuro.ipynb", CELLS)
    context = browser.new_context(viewport={"width": 1100, "height": 900}, locale="es-CL")
    page = NotebookPage(context.new_page(), server.url, "oscuro.ipynb")
    for i in range(len(CELLS)):
        page.run(i)
    yield page
    page.page.evaluate(THEME, "JupyterLab Light")
    page.page.wait_for_function(IS_LIGHT, arg="true")
    context.close()


@pytest.mark.parametrize("theme,light", [("JupyterLab Dark", "false"), ("JupyterLab Light", "true")])
def test_every_text_has_contrast(night, pictures, theme, light):
    night.page.evaluate(THEME, theme)
    night.page.wait_for_function(IS_LIGHT, arg=light)
    night.screenshots(pictures, "dark" if light == "false" else "light")
    seen, bad = night.page.evaluate(CONTRAST)
    assert seen > 100
    assert not bad, "\n".join(bad)


def test_figures_are_white_cards(night):
    """A figure carries its own paper: dark ink on a dark page would vanish."""
    night.page.evaluate(THEME, "JupyterLab Dark")
    night.page.wait_for_function(IS_LIGHT, arg="false")
    backgrounds = night.page.evaluate("""() => [...document.querySelectorAll(
        '.jp-OutputArea-output .vega-embed canvas, .jp-OutputArea-output img')].map(e => {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 1;
      const pen = canvas.getContext('2d');
      pen.drawImage(e, 2, 2, 1, 1, 0, 0, 1, 1);
      return [...pen.getImageData(0, 0, 1, 1).data].join();
    })""")
    assert len(backgrounds) >= 2, backgrounds
    for background in backgrounds:
        assert background == "255,255,255,255", backgrounds
