"""A notebook open in JupyterLab, driven as a student does it: buttons, keys and the mouse.
What cells hold is read from the page (or, where the page shows only pixels, from the
notebook's model, which JupyterLab exposes). Waits are for a state, with a deadline."""

import json

from playwright.sync_api import TimeoutError as NotYet

import proc

SECONDS = 1000 * proc.SLACK  # Playwright counts in milliseconds
TALLEST = 16000  # pixels of a page that Chromium draws at once

CURRENT = "window.jupyterapp.shell.currentWidget"
OUTER = f"({CURRENT}.content.node.querySelector('.jp-WindowedPanel-outer') ?? {CURRENT}.content.node)"

OPEN = """() => {
  const panel = window.jupyterapp?.shell.currentWidget;
  const kernel = panel?.sessionContext?.session?.kernel;
  return panel?.context?.isReady && panel.content.widgets.length > 0
      && kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""

# "done" when no cell waits and the last one that holds code has its number, or "error" when
# a cell failed that was not meant to.
ALL_RAN = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.widgets
    .filter(c => c.model.type === 'code' && c.model.sharedModel.source.trim());
  const meant = c => (c.model.sharedModel.getMetadata('tags') ?? []).includes('raises-exception');
  const failed = c => c.model.outputs.toJSON().some(o => o.output_type === 'error');
  if (cells.some(c => failed(c) && !meant(c))) return 'error';
  return cells.every(c => c.model.executionState !== 'running' && c.model.executionCount)
    ? 'done' : false;
}"""

CELL_RAN = """([i, before]) => {
  const c = window.jupyterapp.shell.currentWidget.content.widgets[i].model;
  return c.executionCount && c.executionCount !== before
      && c.executionState !== 'running';
}"""

# Notes each different picture that the outputs of cell i show and whether the cell still
# ran then; and, at every repaint from the first picture on, how high the outputs are.
WATCH = """i => {
  const cell = window.jupyterapp.shell.currentWidget.content.widgets[i];
  const frames = window.nablaFrames = [];
  const sources = {IMG: e => e.src, svg: e => e.outerHTML, CANVAS: e => e.toDataURL()};
  const look = () => {
    const area = cell.node.querySelector('.jp-OutputArea');
    for (const e of area.querySelectorAll('img, canvas, svg.marks')) {
      const source = sources[e.tagName](e);
      if (frames.length && frames[frames.length - 1].source === source) continue;
      const box = e.getBoundingClientRect();
      frames.push({source, kind: e.tagName, running: cell.model.executionState === 'running',
                   width: box.width, height: box.height});
    }
  };
  new MutationObserver(look).observe(cell.node, {subtree: true, childList: true,
    attributes: true, attributeFilter: ['src']});
  const heights = window.nablaHeights = [];
  const measure = () => {
    const area = cell.node.querySelector('.jp-OutputArea');
    if (frames.length) heights.push(Math.round(area.getBoundingClientRect().height));
    if (window.nablaHeights === heights) requestAnimationFrame(measure);
  };
  requestAnimationFrame(measure);
}"""


def write_notebook(folder, name, sources):
    """A notebook of code cells that have not run."""
    cells = [{"cell_type": "code", "id": f"c{i}", "execution_count": None, "metadata": {},
              "outputs": [], "source": source} for i, source in enumerate(sources)]
    spec = {"display_name": "Nabla (Lua)", "language": "lua", "name": "nabla"}
    (folder / name).write_text(json.dumps({"cells": cells, "metadata": {"kernelspec": spec},
                                           "nbformat": 4, "nbformat_minor": 5}))


class NotebookPage:
    def __init__(self, page, url, name):
        self.page = page
        page.goto(f"{url}/tree/{name}?reset")
        self.wait_open()

    def wait_open(self):
        """Until the notebook is there and its kernel answers. The indicator in the toolbar says
        idle before there is a kernel, and what is run then is lost."""
        self.page.wait_for_function(OPEN, timeout=180 * SECONDS)
        self.dismiss_dialogs()

    def dismiss_dialogs(self):
        for button in self.page.locator(".jp-Dialog .jp-mod-reject").all():
            button.click()

    # -- what there is

    def model(self):
        return self.page.evaluate(f"() => {CURRENT}.content.model.toJSON()")

    def sources(self):
        return [c["source"] if isinstance(c["source"], str) else "".join(c["source"])
                for c in self.model()["cells"]]

    def find(self, text):
        """The index of the first code cell that contains `text`."""
        for i, cell in enumerate(self.model()["cells"]):
            source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
            if cell["cell_type"] == "code" and text in source:
                return i
        raise AssertionError(f"no cell contains {text!r}")

    def outputs(self, i):
        return self.model()["cells"][i].get("outputs", [])

    def cell(self, i):
        return self.page.locator(".jp-Notebook .jp-Cell").nth(i)

    def text(self, i):
        return self.cell(i).locator(".jp-OutputArea").first.inner_text()

    def count(self, i):
        return self.model()["cells"][i].get("execution_count")

    # -- what a student does

    def run_all(self):
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()

    def wait_all(self, patience):
        try:
            state = self.page.wait_for_function(ALL_RAN, timeout=patience * SECONDS).json_value()
        except NotYet:
            raise AssertionError(f"not all cells ran within {patience} s: {self.states()}") from None
        assert state == "done", self.errors()
        self.wait_idle(patience)

    def wait_idle(self, patience=120):
        self.page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for(
            timeout=patience * SECONDS)

    def states(self):
        """(index, state, number) of each code cell, and what the page knows of the kernel."""
        cells = self.page.evaluate(f"""() => {CURRENT}.content.widgets
          .map((c, i) => [i, c.model.executionState, c.model.executionCount])
          .filter(c => c[1] !== undefined)""")
        kernel = self.page.evaluate(f"""() => {{ const s = {CURRENT}.sessionContext;
          return [s.kernelDisplayStatus, s.session?.kernel?.connectionStatus]; }}""")
        return cells, kernel

    def errors(self):
        """Of cells that are not meant to fail."""
        return [f"{o['ename']}: {o['evalue']}" for c in self.model()["cells"]
                if "raises-exception" not in c["metadata"].get("tags", [])
                for o in c.get("outputs", []) if o["output_type"] == "error"]

    def add_cell(self, source):
        """A new cell at the end, written with the keyboard; its index."""
        self.focus(len(self.model()["cells"]) - 1)
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("b")
        i = len(self.model()["cells"]) - 1
        self.write(i, source)
        return i

    def show(self, i):
        """Scrolls to the end of the cell."""
        self.page.evaluate(
            f"i => {CURRENT}.content.widgets[i].node.scrollIntoView({{block: 'end'}})", i)

    def focus(self, i):
        self.cell(i).scroll_into_view_if_needed()
        self.cell(i).locator(".jp-InputPrompt").click()

    def write(self, i, source):
        """Replaces the cell's text. The text goes in as one insertion, so that the editor
        closes no bracket of its own; the cursor stands at its end."""
        self.cell(i).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def start(self, i):
        """Runs the cell; returns the number it had before."""
        before = self.count(i)
        self.cell(i).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        return before

    def run(self, i, patience=120):
        before = self.start(i)
        self.wait_ran(i, before, patience)
        return self.outputs(i)

    def wait_ran(self, i, before, patience=120):
        self.page.wait_for_function(CELL_RAN, arg=[i, before], timeout=patience * SECONDS)

    def stop(self):
        self.page.locator("[data-command='notebook:interrupt-kernel']").first.click()

    def complete(self, patience=120):
        """Tab at the cursor; the text of the popup, which stays open."""
        self.page.locator(".jp-mod-active .jp-mod-completer-enabled").wait_for(
            timeout=patience * SECONDS)
        self.page.keyboard.press("Tab")
        popup = self.page.locator(".jp-Completer:not(.lm-mod-hidden)")
        popup.wait_for(timeout=patience * SECONDS)
        return popup.inner_text()

    def tooltip(self, patience=120):
        """Shift-Tab at the cursor; the text of the tooltip, which stays open."""
        self.page.keyboard.press("Shift+Tab")
        tip = self.page.locator(".jp-Tooltip")
        tip.wait_for(timeout=patience * SECONDS)
        return tip.inner_text()

    def save(self):
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Control+s")
        self.page.wait_for_function(f"() => !{CURRENT}.model.dirty", timeout=60 * SECONDS)

    def reload(self):
        self.page.reload()
        self.wait_open()

    def restart(self):
        """The toolbar's button, and yes to its question; returns when the new kernel answers."""
        self.page.locator("[data-command='notebook:restart-kernel']").first.click()
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.page.wait_for_function(OPEN, timeout=60 * SECONDS)
        self.wait_idle(60)

    def shutdown(self):
        """Ends the notebook's kernel."""
        self.page.evaluate(f"() => {CURRENT}.sessionContext.shutdown()")

    # -- pictures

    def watch(self, i):
        """From now on notes every different picture that cell i shows."""
        self.page.evaluate(WATCH, i)

    def wait_frames(self, n, patience):
        self.page.wait_for_function("n => window.nablaFrames.length >= n", arg=n,
                                    timeout=patience * SECONDS)

    def frames(self):
        return self.page.evaluate("() => window.nablaFrames")

    def heights(self):
        """The heights of the watched outputs, repaint by repaint."""
        return self.page.evaluate("() => window.nablaHeights")

    def pictures(self, i):
        """The pictures of cell i as {kind, width, height} on the page; broken ones have width 0."""
        return self.page.evaluate("""i => {
          const node = window.jupyterapp.shell.currentWidget.content.widgets[i].node;
          const found = node.querySelectorAll(
            '.jp-OutputArea-output img, .jp-OutputArea-output canvas, .jp-OutputArea-output svg.marks');
          return [...found].map(e => ({kind: e.tagName.toLowerCase(),
            width: e.naturalWidth === 0 ? 0 : e.getBoundingClientRect().width,
            height: e.getBoundingClientRect().height}));
        }""", i)

    def wait_picture(self, i, patience=120):
        self.page.wait_for_function("""i => {
          const node = window.jupyterapp.shell.currentWidget.content.widgets[i].node;
          return [...node.querySelectorAll('.jp-OutputArea-output img')].some(e => e.naturalWidth > 0)
            || node.querySelector('.jp-OutputArea-output canvas, .jp-OutputArea-output svg.marks');
        }""", arg=i, timeout=patience * SECONDS)

    def screenshot(self, path):
        self.page.screenshot(path=str(path))

    def screenshots(self, folder, name, height=1500):
        """The whole notebook as pictures NAME-1.png, NAME-2.png … of at most that height; their
        paths."""
        before = self.page.viewport_size
        whole = min(int(self.page.evaluate(f"{OUTER}.scrollHeight")) + 160, TALLEST)
        self.page.set_viewport_size({**before, "height": whole})
        self.page.evaluate(f"{OUTER}.scrollTop = 0")
        self.page.wait_for_function(f"() => {OUTER}.scrollTop === 0")
        paths = []
        for i, top in enumerate(range(0, whole, height), 1):
            paths.append(folder / f"{name}-{i}.png")
            clip = {"x": 0, "y": top, "width": before["width"], "height": min(height, whole - top)}
            self.page.screenshot(path=str(paths[-1]), clip=clip)
        self.page.set_viewport_size(before)
        return paths


__all__ = ["NotebookPage", "NotYet"]
