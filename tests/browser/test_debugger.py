"""The debugger as a student meets it: a breakpoint set in the margin, the stop, the
variables and the stack in the side panel, one step, and on."""

import time

import pytest
from notebook_page import NotebookPage, NotYet, write_notebook

CELL = """function doble(a)
  local b = a * 2
  return b
end
pesos = {0.5, -1, nombre = "capa"}
doble(21)"""

NAME = "depurar.ipynb"

SECONDS = 1000


@pytest.fixture
def page(browser, server, notebooks, pictures, request):
    write_notebook(notebooks, NAME, [CELL])
    context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="es-CL")
    before = request.session.testsfailed
    lesson = NotebookPage(context.new_page(), server.url, NAME)
    yield lesson
    if request.session.testsfailed > before:
        lesson.screenshot(pictures / "failed-debugger.png")
        (pictures / "failed-debugger.log").write_text("".join(server.log))
    context.close()


def wait(lesson, selector, text=None):
    found = lesson.page.locator(selector)
    if text is not None:
        found = found.filter(has_text=text)
    found.first.wait_for(timeout=60 * SECONDS)
    return found


# What is waited for must be synchronous: a promise is taken for true.
FIND_SERVICE = """async () => {
  const app = window.jupyterapp;
  const tokens = [...app.pluginRegistry._services.keys()];
  window.nablaDebugger = await app.resolveOptionalService(
    tokens.find(t => t.name === '@jupyterlab/debugger:IDebugger'));
}"""

MINE = """
  const service = window.nablaDebugger;
  const session = window.jupyterapp.shell.currentWidget.sessionContext.session;
  if (service?.session?.connection?.id !== session.id) return false;"""

# JupyterLab has asked this page's kernel what its debugger does, more than once, and asks no
# more. A start before that is undone by the late answers: they were given before it.
SETTLED = f"""() => {{ {MINE}
  if (window.nablaAsked === undefined) {{
    window.nablaAsked = performance.now();
    session.kernel.anyMessage.connect((_, {{msg}}) => {{
      if (msg.header.msg_type.startsWith('debug_')) window.nablaAsked = performance.now();
    }});
  }}
  return performance.now() - window.nablaAsked > 2000;
}}"""

# The debugger has been started for this page's kernel, and the cell's margin takes clicks.
READY = f"""() => {{ {MINE}
  return service.isStarted
      && document.querySelector('.jp-Notebook .cm-gutter.cm-breakpoint-gutter') !== null;
}}"""

BREAKPOINT = ".jp-DebuggerBreakpoint"


def click_margin(lesson, line):
    """Clicks in the margin of breakpoints, at the height of the line as it stands now."""
    margin = lesson.cell(0).locator(".cm-gutter.cm-breakpoint-gutter").bounding_box()
    text = lesson.cell(0).locator(".cm-line").nth(line - 1).bounding_box()
    lesson.page.mouse.click(margin["x"] + margin["width"] / 2, text["y"] + text["height"] / 2)


def start_debugger(lesson, patience=60):
    lesson.page.evaluate(FIND_SERVICE)
    lesson.page.wait_for_function(SETTLED, timeout=patience * SECONDS)
    lesson.page.locator(".jp-DebuggerBugButton").first.click()
    lesson.page.wait_for_function(READY, timeout=patience * SECONDS)


def set_breakpoint(lesson, line, patience=60):
    """A click before the editor has heard that the debugger runs is lost, so there may be
    several; each gets longer than the last, for a second click takes the breakpoint away."""
    start_debugger(lesson)
    deadline = time.monotonic() + patience
    wait_each = 2
    while time.monotonic() < deadline:
        click_margin(lesson, line)
        try:
            lesson.page.locator(BREAKPOINT).first.wait_for(timeout=wait_each * SECONDS)
            return
        except NotYet:
            wait_each *= 2
    raise AssertionError(f"no breakpoint appears within {patience} s")


def test_breakpoint_stop_variables_and_on(page, pictures):
    set_breakpoint(page, 3)
    before = page.start(0)
    wait(page, ".jp-DebuggerCallstackFrame", "doble")
    variables = wait(page, ".jp-DebuggerVariables-body", "42")
    page.screenshot(pictures / "debugger.png")
    assert "21" in variables.first.inner_text()
    assert page.count(0) == before, "the cell has not ended"
    page.page.keyboard.press("F9")
    page.wait_ran(0, before)
    assert page.outputs(0)[-1]["data"]["text/plain"] == "42"
    page.screenshot(pictures / "debugger-after.png")
