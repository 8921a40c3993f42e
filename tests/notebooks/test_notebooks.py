"""Every lab, run from the first cell to the last by nbclient as `nbconvert --execute` and
nbgrader do it, and what is saved in the repository: no outputs, the right metadata."""

import base64
import re

import nbformat
import pytest
from nbconvert import HTMLExporter

import sandbox
from course import FOLDER, NOTEBOOKS, SOURCES, names, read, tags

PNG = b"\x89PNG\r\n\x1a\n"


def outputs(nb):
    for i, cell in enumerate(nb.cells):
        for output in cell.get("outputs", []):
            yield i, cell, output


def allowed_to_fail(cell):
    return "raises-exception" in tags(cell)


def test_there_are_notebooks():
    assert SOURCES, f"no notebook in {FOLDER}/source"
    lost = [p for p in FOLDER.glob("source/*/*.ipynb") if p not in SOURCES]
    assert not lost, f"{lost}: the notebook of a folder has the folder's name"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names)
def test_saved(path):
    nb = read(path)
    nbformat.validate(nb)
    kernel = nb.metadata.kernelspec
    assert (kernel.name, kernel.language) == (sandbox.KERNEL, "lua")
    assert nb.metadata.language_info.name == "lua"
    assert nb.metadata.language_info.file_extension == ".lua"
    for i, cell in enumerate(nb.cells):
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None, f"cell {i} was run"
        assert cell.get("id"), f"cell {i} has no id"
    text = "".join(c.source for c in nb.cells if c.cell_type == "markdown")
    assert re.search("[áéíóúñ¿]", text), "the text of the notebook is not Spanish"
    assert "�" not in text and "Ã" not in text, "the text was saved in a wrong encoding"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names)
def test_runs(run, path):
    nb = run(path).nb
    for i, cell, output in outputs(nb):
        if output.output_type == "error" and not allowed_to_fail(cell):
            pytest.fail(f"cell {i}: {output.ename}: {output.evalue}\n" + "\n".join(output.traceback))
        if output.output_type == "stream":
            assert output.name == "stdout", f"cell {i} writes to stderr: {output.text[:200]}"
            found = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]", output.text)
            assert not found, f"cell {i} prints the control byte {found[0]!r}"
    for i, cell in enumerate(nb.cells):
        if allowed_to_fail(cell):
            assert any(o.output_type == "error" for o in cell.outputs), f"cell {i} should fail"
    ran = [c for c in nb.cells if c.cell_type == "code" and c.source.strip()]
    assert all(c.execution_count for c in ran), "a cell did not run"
    assert nb.metadata.language_info.name == "lua"
    nbformat.validate(nb)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names)
def test_outputs_suit_every_reader(run, path):
    """Each picture has a form for every front end; each table comes with its LaTeX."""
    for i, _, output in outputs(run(path).nb):
        data = output.get("data", {})
        if data:
            assert "text/plain" in data, f"cell {i}: {sorted(data)}"
            assert "application/json" not in data, f"cell {i}: hides the other forms"
        if "application/vnd.vegalite.v5+json" in data:
            assert {"image/png", "image/svg+xml", "application/pdf"} <= data.keys(), f"cell {i}"
            assert "text/html" not in data, f"cell {i}: HTML would hide the chart"
        if "image/svg+xml" in data:
            assert data["image/svg+xml"].lstrip().startswith("<"), f"cell {i}"
        if "image/png" in data:
            assert base64.b64decode(data["image/png"])[:8] == PNG, f"cell {i}"
        if "application/pdf" in data:
            assert base64.b64decode(data["application/pdf"]).startswith(b"%PDF-"), f"cell {i}"
        if "tabular" in data.get("text/latex", ""):
            assert "text/html" in data, f"cell {i}: MathJax cannot set a tabular"
            assert r"\toprule" in data["text/latex"], f"cell {i}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names)
def test_converts_to_html(run, path):
    page, _ = HTMLExporter().from_notebook_node(run(path).nb)
    sandbox.results("notebooks").joinpath(f"{path.stem}.html").write_text(page)
    shown = {kind for _, _, o in outputs(run(path).nb) for kind in o.get("data", {})}
    if "image/png" in shown:
        assert "data:image/png;base64," in page or "<svg" in page or "data:image/svg+xml" in page
    assert "highlight-lua" in page or "language-lua" in page or "hl-lua" in page
