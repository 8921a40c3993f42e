"""The debugger as a student meets it: a breakpoint set in the margin, the stop, the
variables and the stack in the side panel, one step, and on."""

import json
import time

import pytest
from notebook_page import NotebookPage, NotYet

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
    notebook = {"cells": [{"cell_type": "code", "source": CELL, "metadata": {}, "outputs": [],
                           "execution_count": None, "id": "c1"}],
                "metadata": {"kernelspec": {"name": "nabla", "language": "lua",
                                            "display_name": "Nabla (Lua)"}},
                "nbformat": 4, "nbformat_minor": 5}
    (notebooks / NAME).write_text(json.dumps(notebook))
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


# The debugger has been started for this page's kernel, and the cell's margin takes clicks.
READY = """async () => {
  const app = window.jupyterapp;
  const tokens = [...app.pluginRegistry._services.keys()];
  const service = await app.resolveOptionalService(
    tokens.find(t => t.name === '@jupyterlab/debugger:IDebugger'));
  const kernel = app.shell.currentWidget.sessionContext.session;
  return service?.isStarted && service.session?.connection?.id === kernel.id
      && document.querySelector('.jp-Notebook .cm-gutter.cm-breakpoint-gutter') !== null;
}"""

BREAKPOINT = ".jp-DebuggerBreakpoint"


def click_margin(lesson, line):
    """Clicks in the margin of breakpoints, at the height of the line as it stands now."""
    margin = lesson.cell(0).locator(".cm-gutter.cm-breakpoint-gutter").bounding_box()
    text = lesson.cell(0).locator(".cm-line").nth(line - 1).bounding_box()
    lesson.page.mouse.click(margin["x"] + margin["width"] / 2, text["y"] + text["height"] / 2)


def start_debugger(lesson, patience=60):
    lesson.page.locator(".jp-DebuggerBugButton").first.click()
    wait(lesson, ".jp-DebuggerBugButton[aria-pressed='true']")
    lesson.page.wait_for_function(READY, timeout=patience * SECONDS)


def click_until_there(lesson, line, patience):
    """A click before the editor has heard that the debugger runs is lost, so there may be
    several; each gets longer than the last, for a second click takes the breakpoint away."""
    deadline = time.monotonic() + patience
    wait_each = 2
    while time.monotonic() < deadline:
        click_margin(lesson, line)
        try:
            lesson.page.locator(BREAKPOINT).first.wait_for(timeout=wait_each * SECONDS)
            return True
        except NotYet:
            wait_each *= 2
    return False


def set_breakpoint(lesson, line, attempts=4):
    """JupyterLab sometimes starts the debugger without its editor handler ever listening: the
    side panel stays empty and every click is lost. A student loads the page again."""
    for _ in range(attempts):
        start_debugger(lesson)
        if click_until_there(lesson, line, 20):
            return
        lesson.save()
        lesson.reload()
    raise AssertionError(f"no breakpoint appears in {attempts} attempts")


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
