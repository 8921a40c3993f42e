"""The debugger as a student meets it: a breakpoint set in the margin, the stop, the
variables and the stack in the side panel, one step, and on."""

import json

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
    found.first.wait_for(timeout=20 * SECONDS)
    return found


def set_breakpoint(lesson, line):
    """Clicks in the margin until there is one: a click before the editor has heard that the
    debugger runs is lost. The margin's first element is a spacer."""
    for _ in range(10):
        lesson.cell(0).locator(".cm-breakpoint-gutter .cm-gutterElement").nth(line).click()
        try:
            lesson.page.locator(".jp-DebuggerBreakpoint").first.wait_for(timeout=2 * SECONDS)
            return
        except NotYet:
            pass
    raise AssertionError("no breakpoint appears")


def test_breakpoint_stop_variables_and_on(page, pictures):
    page.page.locator(".jp-DebuggerBugButton").first.click()
    wait(page, ".jp-DebuggerBugButton[aria-pressed='true']")
    set_breakpoint(page, 3)
    before = page.start(0)
    wait(page, ".jp-DebuggerCallstackFrame", "doble")
    variables = wait(page, ".jp-DebuggerVariables-body", "42")
    page.screenshot(pictures / "debugger.png")
    assert "21" in variables.first.inner_text()
    assert page.count(0) == before, "the cell has not ended"
    page.page.keyboard.press("F9")
    page.wait_ran(0, before, 20)
    assert page.outputs(0)[-1]["data"]["text/plain"] == "42"
    page.screenshot(pictures / "debugger-after.png")
