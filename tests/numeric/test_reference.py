"""The reference tables are what their scripts print: each NumPy or scikit-learn script is run again
and every number compared with the header that the C tests read."""
import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

REFERENCE = pathlib.Path(__file__).parent / "reference"
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", re.I)


def numbers(text):
    """All numbers but those of the first line, which names the library's version."""
    return [float(v) for v in NUMBER.findall(text.split("\n", 1)[1])]


@pytest.mark.parametrize("script, table, writes", [
    ("make_mlp_losses.py", "mlp_losses.h", True),
    ("make_image_ops.py", "image_ops.h", True),
    ("metric_report.py", "metric_report.h", False),
])
def test_table_is_what_its_script_makes(script, table, writes, tmp_path):
    shutil.copy(REFERENCE / script, tmp_path)
    run = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True,
                         timeout=120, check=True)
    again = numbers((tmp_path / table).read_text() if writes else run.stdout)
    kept = numbers((REFERENCE / table).read_text())
    assert len(kept) > 50
    np.testing.assert_allclose(again, kept, rtol=1e-9)
