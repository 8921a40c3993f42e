"""What a cell shows: which representations travel together, how a live figure changes,
and what the tables carry for the report."""

import base64
import re
import struct

import pytest

LIVE = {"image/svg+xml", "image/png", "text/plain"}
CHART = LIVE | {"application/vnd.vegalite.v5+json", "application/pdf"}
TABLE = {"text/html", "text/latex", "text/plain"}

MODEL = """lab.seed(1)
digitos = data.digits()
red = nn.Sequential{ nn.Flatten(), nn.Dense{32, activation = "relu"}, nn.Dense{10, activation = "softmax"} }
red:compile{ optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = {"accuracy"} }"""


@pytest.fixture(scope="module")
def lesson(shared_lab):
    """The cells of a small lesson, run once: {name: Cell}."""
    run = shared_lab.ok
    run(MODEL)
    return {
        "data": run("digitos"),
        "fit": run("h = red:fit{ digitos, epochs = 100, batch_size = 16, validation_split = 0.1, "
                   "caption = 'Curvas', label = 'fig:curvas' }", patience=60),
        "history": run("plot.history(h)"),
        "confusion": run("plot.confusion{ red, digitos, caption = 'Confusión', label = 'fig:confusion' }"),
        "report": run("metrics.classification_report{ digitos.y_test, red:classify(digitos.x_test / 255), "
                      "classes = digitos.classes, caption = 'Informe', label = 'tab:informe' }"),
        "summary": run("red:summary()"),
        "errors": run("plot.errors{ red, digitos }"),
        "weights": run("plot.weights{ red }"),
    }


def png_size(data):
    raw = base64.b64decode(data["image/png"])
    assert raw[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", raw[16:24])


def shown_size(content):
    """The box of a picture on the page: the metadata's, or the picture's own."""
    width, height = png_size(content["data"])
    box = content["metadata"].get("image/png", {})
    return box.get("width", width), box.get("height", height)


def whole(data):
    """Every representation is what its name says."""
    if "image/png" in data:
        width, height = png_size(data)
        assert 50 < width < 4000 and 50 < height < 4000
    if "image/svg+xml" in data:
        assert "<svg" in data["image/svg+xml"] and "</svg>" in data["image/svg+xml"]
    if "application/pdf" in data:
        assert base64.b64decode(data["application/pdf"]).startswith(b"%PDF-")
    if "application/vnd.vegalite.v5+json" in data:
        chart = data["application/vnd.vegalite.v5+json"]
        assert isinstance(chart, dict) and "vega-lite/v5" in chart["$schema"]
    assert data["text/plain"].strip()


def only(cell, mime):
    """The one output of a cell that has this representation."""
    found = cell.shown(mime)
    assert len(found) == 1, f"{len(found)} outputs with {mime}"
    whole(found[0]["data"])
    return found[0]


def test_data_set_shows_itself(lesson):
    shown = only(lesson["data"], "image/png")["data"]
    assert "application/pdf" in shown
    assert "image/svg+xml" not in shown, "photographs are pixels"
    assert "28" in shown["text/plain"]


def test_live_figure_is_one_output_that_changes(lesson):
    cell = lesson["fit"]
    first = cell.of("display_data")
    frames = cell.of("update_display_data")
    live = [f for f in first if f.get("transient", {}).get("display_id")]
    assert len(live) == 1, "one figure is shown"
    ids = {f["transient"]["display_id"] for f in live + frames}
    assert len(ids) == 1 and len(frames) >= 2
    for frame in (live + frames)[:-1]:
        assert set(frame["data"]) == LIVE
        whole(frame["data"])
    last = frames[-1]
    assert set(last["data"]) == CHART
    whole(last["data"])
    assert (last["metadata"]["caption"], last["metadata"]["label"]) == ("Curvas", "fig:curvas")


def test_live_figure_keeps_its_box_and_its_pace(lesson):
    cell = lesson["fit"]
    sizes = {shown_size(c) for c in cell.shown("image/png")}
    assert len(sizes) == 1, f"the figure jumps: {sizes}"
    at = [t for t, m in zip(cell.at, cell.messages) if m["msg_type"] == "update_display_data"]
    limit = 4 * (at[-1] - at[0]) + 3  # four a second, the first and the last one besides
    assert len(at) <= limit, f"{len(at)} frames in {at[-1] - at[0]:.2f} s"


def test_progress_line(lesson):
    live, *_, last = lesson["fit"].of("update_display_data")
    assert re.search(r"[ÉE]poca \d+/100 · .*pérdida", live["data"]["text/plain"])
    assert "100 épocas" in last["data"]["text/plain"]


def test_history_is_a_chart(lesson):
    shown = only(lesson["history"], "image/png")
    assert set(shown["data"]) == CHART
    svg = shown["data"]["image/svg+xml"]
    assert "nan" not in svg.lower().replace("financ", "")


def test_confusion_matrix(lesson):
    shown = only(lesson["confusion"], "image/png")
    assert LIVE | {"application/pdf"} <= set(shown["data"])
    assert shown["metadata"]["label"] == "fig:confusion"
    assert "text/html" not in shown["data"], "HTML would hide the picture"


@pytest.mark.parametrize("name", ["report", "summary"])
def test_tables(lesson, name):
    shown = only(lesson[name], "text/html")
    assert TABLE <= set(shown["data"])
    latex = shown["data"]["text/latex"]
    assert r"\begin{tabular}" in latex and r"\toprule" in latex and r"\bottomrule" in latex
    assert "<table" in shown["data"]["text/html"]


def test_report_speaks_spanish(lesson):
    text = only(lesson["report"], "text/html")["data"]["text/plain"].lower()
    for word in ("precisión", "exhaustividad", "f1", "soporte", "exactitud"):
        assert word in text, word
    assert only(lesson["report"], "text/html")["metadata"]["label"] == "tab:informe"


@pytest.mark.parametrize("name", ["errors", "weights"])
def test_pictures(lesson, name):
    assert "application/pdf" in only(lesson[name], "image/png")["data"]


def test_nothing_on_stderr(lesson):
    assert {name: cell.stderr for name, cell in lesson.items() if cell.stderr} == {}


@pytest.mark.parametrize("code, mime, value", [
    ("html('<b>ñ</b>')", "text/html", "<b>ñ</b>"),
    ("markdown('**ñ**')", "text/markdown", "**ñ**"),
    ("latex('$$x^2$$')", "text/latex", "$$x^2$$"),
])
def test_display_objects(lab, code, mime, value):
    cell = lab.ok(code)
    assert [m["msg_type"] for m in cell.outputs] == ["display_data"]
    assert cell.pictures[0]["data"][mime] == value and "text/plain" in cell.pictures[0]["data"]


def test_training_twice_with_one_seed_gives_equal_numbers(lab):
    code = MODEL + """
local h = red:fit{ digitos, epochs = 2, batch_size = 64, verbose = 0 }
string.format("%.17g %.17g", h.history.loss[1], h.history.loss[2])"""
    assert lab.ok(code).result == lab.ok(code).result


@pytest.mark.parametrize("code, words", [
    ("red:fit{ digitos, epochs = -1 }", ["epochs"]),
    ("red:fit{ digitos, epocas = 3 }", ["epochs"]),
    ("red:predict(tensor.zeros(3, 5))", ["5"]),
    ("tensor{{1, 2}, {3}}", []),
    ("tensor.zeros(2, 3):matmul(tensor.zeros(2, 3))", ["2", "3"]),
    ("nn.load('no_hay.safetensors')", ["no_hay.safetensors"]),
])
def test_what_cannot_be_is_one_clear_sentence(lesson, lab, code, words):
    error = lab.fails(code).error
    assert "\n" not in error["evalue"].strip()
    for word in words:
        assert word in error["evalue"], error["evalue"]
