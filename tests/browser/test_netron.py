"""An exported network opens in Netron, the usual viewer of network files, as students
will do it: every layer is a node of the drawing, with its shapes."""

import subprocess

import netron
import pytest

import sandbox

SECONDS = 1000

NETWORK = """lab.seed(1)
m = nn.Sequential{
    nn.Conv2D{8, 3, activation = "relu", padding = "same"}, nn.MaxPooling2D(2),
    nn.Residual{nn.Conv2D{8, 3, padding = "same"}, nn.BatchNormalization()},
    nn.Flatten(), nn.Dense{10, activation = "softmax"},
}
m:build{28, 28, 1}
m:export_onnx("red.onnx")
"""

SHOWN = ["Conv", "Relu", "MaxPool", "BatchNormalization", "Add", "Flatten", "Gemm", "Softmax",
         "N×28×28×1", "N×10"]


@pytest.fixture
def address(tmp_path):
    (tmp_path / "red.lua").write_text(NETWORK)
    subprocess.run([sandbox.program(), "run", "red.lua"], cwd=tmp_path, check=True, timeout=60)
    yield netron.start(str(tmp_path / "red.onnx"), ("127.0.0.1", 0), browse=False)
    netron.stop()


def test_an_export_opens(browser, address, pictures):
    page = browser.new_page(viewport={"width": 900, "height": 1100})
    page.goto(f"http://{address[0]}:{address[1]}")
    page.get_by_text("Accept").click(timeout=30 * SECONDS)
    for text in SHOWN:
        page.get_by_text(text, exact=True).first.wait_for(timeout=30 * SECONDS)
    page.screenshot(path=str(pictures / "netron.png"))
    page.close()
