"""Every figure, table and formula at the level of commands: what a notebook gets in each format,
against the files of tests/golden/commands that somebody looked at.

The cells are in tests/golden/commands.lua. NAME.golden holds, per output, the MIME types, the
metadata and every text: plain, HTML, LaTeX, Vega-Lite (laid out), SVG (svg_text.py) and PDF (what
pdftotext finds). Pictures are compared by pixel with a tolerance; a difference picture is left
beside them. `make golden-update` writes them anew.

Each Vega-Lite specification is held against the published JSON schema of version 5, which the
package altair carries; every font of a PDF is embedded.
"""

import base64
import difflib
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
from PIL import Image, ImageChops

import sandbox
from kernel_client import Lab
from svg_text import text_of

HERE = Path(__file__).parent
EXPECTED = HERE / "commands"
UPDATE = bool(os.environ.get("GOLDEN_UPDATE"))
CHANNEL = 64  # of 255: edges of letters move by fractions of a pixel
SHARE = 0.015  # of the pixels may differ by more
VEGA = "application/vnd.vegalite.v5+json"
ORDINARY = 300_000  # bytes of a figure's outputs together
SHADED = {"descent_plane", "boundary", "contour"}  # over a shaded plane: a tenth more


def cells():
    parts = re.split(r"(?m)^--## (\w+)\n", (HERE / "commands.lua").read_text())
    return dict(zip(parts[1::2], parts[2::2]))


CELLS = cells()


@pytest.fixture(scope="module")
def gallery(kernelspec):
    """One kernel with everything trained, on kernels whose numbers do not depend on the machine."""
    os.environ.update(NABLA_CPU="vec", NABLA_LANG="es")
    lab = Lab()
    lab.ok(CELLS["setup"], patience=120)
    yield lab
    lab.close()
    os.environ.pop("NABLA_CPU")


def vega_schema():
    package = Path(importlib.util.find_spec("altair").origin).parent
    return json.loads((package / "vegalite/v5/schema/vega-lite-schema.json").read_text())


@pytest.fixture(scope="module")
def schema():
    whole = vega_schema()
    return jsonschema.validators.validator_for(whole)(whole)


def rounded(value):
    """Numbers of a specification to five figures: the machine's last bits do not count."""
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def rows_in_one_line(text):
    """The data of a chart takes one line for each point."""
    return re.sub(r"\{\n\s+\"s\": (.*),\n\s+\"x\": (.*),\n\s+\"y\": (.*)\n\s+\}", r"{\1, \2, \3}",
                  text)


def pdf_parts(data, path):
    path.write_bytes(data)
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True)
    rows = fonts.stdout.splitlines()[2:]
    assert rows, f"{path.name}: no font at all"
    for row in rows:  # from the right: object and generation, unicode, subset, embedded
        assert row.split()[-5] == "yes", f"{path.name}: font not embedded: {row}"
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True,
                          check=True).stdout
    return "".join(" ".join(line.split()) + "\n" for line in text.splitlines() if line.strip())


def text_part(mime, data, path):
    if mime == VEGA:
        spec = rounded(data if isinstance(data, dict) else json.loads(data))
        return rows_in_one_line(json.dumps(spec, indent=1, sort_keys=True, ensure_ascii=False))
    if mime == "image/svg+xml":
        return text_of(data)
    if mime == "application/pdf":
        return pdf_parts(base64.b64decode(data), path)
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)


def describe(name, outputs, folder):
    """The .golden text of a cell's outputs, and its pictures by file name."""
    lines, pictures = [], {}
    for k, output in enumerate(outputs, 1):
        if output["msg_type"] == "stream":
            lines.append(f"== output {k}: {output['content']['name']}\n{output['content']['text']}")
            continue
        data, meta = output["content"]["data"], output["content"]["metadata"]
        lines.append(f"== output {k}: {', '.join(sorted(data))}")
        lines.append(f"-- metadata\n{json.dumps(meta, sort_keys=True, ensure_ascii=False)}")
        for mime in sorted(data):
            if mime == "image/png":
                pictures[f"{name}_{k}.png"] = base64.b64decode(data[mime])
                continue
            part = text_part(mime, data[mime], folder / f"{name}_{k}.pdf")
            lines.append(f"-- {mime}\n{part}")
    return "\n".join(line.rstrip("\n") for line in lines) + "\n", pictures


def last_outputs(cell):
    """Frames of one display are one output, its last state in the first one's place."""
    shown, place = [], {}
    for m in cell.outputs:
        ident = m["content"].get("transient", {}).get("display_id")
        if m["msg_type"] == "update_display_data" and ident in place:
            shown[place[ident]] = m
            continue
        if ident:
            place[ident] = len(shown)
        if m["msg_type"] in ("stream", "display_data", "execute_result"):
            shown.append(m)
    return shown


def compare_text(name, got):
    path = EXPECTED / f"{name}.golden"
    if UPDATE:
        path.write_text(got)
        return
    assert path.exists(), f"{path} is missing (make golden-update)"
    want = path.read_text()
    if got != want:
        diff = difflib.unified_diff(want.splitlines(), got.splitlines(), "expected", "now", n=1,
                                    lineterm="")
        pytest.fail("\n".join(list(diff)[:40]), pytrace=False)


def compare_picture(file, data, folder):
    path = EXPECTED / file
    (folder / file).write_bytes(data)
    if UPDATE:
        path.write_bytes(data)
        return
    assert path.exists(), f"{path} is missing (make golden-update)"
    now, want = (Image.open(x).convert("RGB") for x in (io.BytesIO(data), path))
    assert now.size == want.size, f"{file}: {now.size} instead of {want.size}"
    far = Image.new("L", now.size, 0)
    for band in ImageChops.difference(now, want).split():
        far = ImageChops.lighter(far, band.point(lambda v: 255 if v > CHANNEL else 0))
    different = far.histogram()[255]
    if different > SHARE * now.width * now.height:
        faded = Image.blend(now, Image.new("RGB", now.size, "white"), 0.75)
        faded.paste(Image.new("RGB", now.size, "red"), mask=far)
        faded.save(folder / file.replace(".png", ".diff.png"))
        pytest.fail(f"{file}: {different} pixels differ, see {folder}", pytrace=False)


@pytest.mark.skipif(not shutil.which("pdffonts"), reason="poppler-utils is not installed")
@pytest.mark.parametrize("name", [n for n in CELLS if n != "setup"])
def test_command(gallery, schema, name):
    folder = sandbox.results("golden")
    cell = gallery.ok(CELLS[name], patience=120)
    outputs = last_outputs(cell)
    assert outputs, "nothing was shown"
    for output in outputs:
        spec = output["content"].get("data", {}).get(VEGA)
        if spec is not None:
            errors = list(schema.iter_errors(spec))
            assert not errors, jsonschema.exceptions.best_match(errors)
        sent = sum(len(v) if isinstance(v, str) else len(json.dumps(v))
                   for v in output["content"].get("data", {}).values())
        most = ORDINARY * (1.1 if name in SHADED else 1)
        assert sent < most, f"{sent} bytes of one output"
    text, pictures = describe(name, outputs, folder)
    compare_text(name, text)
    for file, data in pictures.items():
        compare_picture(file, data, folder)


def test_nothing_is_left_over():
    """Each expected file belongs to a cell."""
    for path in EXPECTED.iterdir():
        stem = re.sub(r"_\d+$", "", path.stem) if path.suffix == ".png" else path.stem
        assert stem in CELLS, f"{path} belongs to no cell"
