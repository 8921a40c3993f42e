"""lab.report in a kernel: which notebook it takes, a file that was not saved, the PDF, the archive."""

import os
import zipfile

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbformat.v4 import new_output

import sandbox
from making import environment, notebook, words, write


class Page:
    """A notebook as JupyterLab drives it: runs cells, and saves when asked to."""

    def __init__(self, folder, *cells):
        self.nb = notebook(*cells)
        self.path = folder / "tarea.ipynb"
        self.manager = KernelManager(kernel_name=sandbox.KERNEL)
        env = {**environment(), "JPY_SESSION_NAME": f"{folder}/tarea.ipynb"}
        self.manager.start_kernel(cwd=str(folder), env=env)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.save()

    def save(self):
        write(self.nb, self.path)

    def run(self, index):
        """Runs a cell; the last text of each display, joined."""
        cell, shown = self.nb.cells[index], {}
        cell.outputs = []

        def out(message):
            kind, content = message["msg_type"], message["content"]
            if kind in ("display_data", "update_display_data", "execute_result"):
                shown[content.get("transient", {}).get("display_id", len(shown))] = content["data"]
            if kind == "display_data":
                cell.outputs.append(new_output(kind, data=content["data"], metadata=content["metadata"]))
            assert kind != "error", content

        reply = self.client.execute_interactive(cell.source, output_hook=out, timeout=240)
        cell.execution_count = reply["content"]["execution_count"]
        return shown

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def page(tmp_path):
    made = Page(tmp_path, ("# Tarea",), "lab.cover{curso = 'IA'}", "x = 1",
                "r = lab.report{zip = 'entrega.zip', files = {'datos.csv'}}", "r.pdf, r.zip, r.complete")
    nb = notebook("1")
    nbformat.write(nb, tmp_path / "otra.ipynb")
    yield made
    made.close()


def text(shown):
    return "\n".join(data["text/plain"] for data in shown.values())


def test_save_build_pack(page, tmp_path):
    page.run(1)
    page.run(2)
    told = text(page.run(3))
    assert "tarea.ipynb se guardó antes de la última ejecución" in told
    assert "Falta en la entrega: datos.csv" in told and "entrega.zip no se hizo" in told
    assert sorted(os.listdir(tmp_path)) == ["otra.ipynb", "tarea.ipynb"], "nothing is built of an old file"
    page.save()
    (tmp_path / "datos.csv").write_text("1,2\n")
    shown = page.run(3)
    told = text(shown)
    assert "se guardó antes" not in told and "✓ tarea.pdf:" in told and "3 archivos para entregar" in told
    assert "titulo" not in told and "faltan campos en lab.cover: institucion" in told
    assert 'href="tarea.pdf"' in next(iter(shown.values()))["text/html"], "a link that JupyterLab can open"
    assert sorted(zipfile.ZipFile(tmp_path / "entrega.zip").namelist()) == ["datos.csv", "tarea.ipynb", "tarea.pdf"]
    pdf = words(tmp_path / "tarea.pdf")
    assert "Tarea" in pdf and "IA" in pdf and "faltan campos" not in pdf, "what lab.report shows stays out"
    page.run(2)
    assert "se guardó antes" in text(page.run(3)), "a cell ran since"
