"""A notebook that other programs, or a hand in the JSON, could have made: control bytes, endless output,
every character that TeX treats as an order."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from making import check_fonts, check_log, compiled, environment, keep, notebook, report, words, write

ORDERS = "&%$#_{}~^\\ \\input{x} %% \\end{document} <>|\"'`*[]"
# nbformat refuses what is no text: the rest of the first 32, and DEL
CONTROL = "".join(chr(c) for c in range(1, 32) if c not in (9, 10)) + "\x7f"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20"/></svg>'
MANY = "".join(f"línea {i} & 100 % \\x {{}}\n" for i in range(1000))
TABULAR = ("\\begin{tabular}{lr}\n\\toprule\na & b \\\\\n\\midrule\n" +
           "".join(f"fila {i} & {i} \\\\\n" for i in range(120)) + "\\bottomrule\n\\end{tabular}\n")


def shown(data, **metadata):
    return new_output("display_data", data=data, metadata=metadata)


def hostile():
    outputs = [
        new_output("stream", name="stdout", text=MANY),
        new_output("stream", name="stdout", text=f"antes{CONTROL}después\x1b[1;31mrojo\x1b[0m\x1b[2J\x1b]0;t\x07fin\n"),
        new_output("stream", name="stderr", text=ORDERS + "\n"),
        new_output("stream", name="stdout", text="x" * 20000 + "\n" + "palabra " * 300 + "\n"),
        new_output("execute_result", data={"text/plain": ORDERS + CONTROL}, execution_count=7),
        new_output("error", ename="E", evalue=ORDERS, traceback=[f"\x1b[0;31m{ORDERS}\x1b[0m", CONTROL, "■ ☃ 漢字 🎉👩‍🔬"]),
        shown({"image/svg+xml": SVG, "text/plain": "un dibujo"}),
        shown({"text/latex": TABULAR, "text/html": "", "text/plain": ""}, caption=ORDERS + CONTROL, label="tab:a_b%c"),
        shown({"text/latex": TABULAR.replace("fila 1 ", "fila " + "ancha " * 60), "text/plain": ""}),
        shown({"text/latex": "$$" + "+".join(f"x_{{{i}}}" for i in range(80)) + "$$", "text/plain": ""}),
        shown({"text/html": "<b>solo HTML</b>", "text/plain": "solo HTML"}),
    ]
    text = ("## Encabezado con & % # _ y `código _ % & \\ ` 🎉\n\n"
            "Texto 漢字, Ж, ﷽, 🎉👩‍🔬, \\_, & , 100 %, # , a_b, ~, <b>html</b> y una tabla:\n\n"
            "| a & b | c % d |\n|---|---|\n| `x_1` | # |\n\n```lua\n# esto no es un título\nlocal x = 1 -- & % $ # _ { } ~ ^ \\\n```\n")
    return notebook(
        new_markdown_cell("# Título del cuaderno\x08\x00 con bytes"), new_markdown_cell(text),
        new_code_cell("-- " + ORDERS + CONTROL + "\nprint('漢字 🎉 ∂≈λ')\n" + "x = '" + "a" * 400 + "'", outputs=outputs,
                      execution_count=1),
        title=f"Título {ORDERS}{CONTROL}", authors=[{"name": f"A & B 100 % {ORDERS}"}, {"name": "C_d"}],
        date=f"1 & 2 {ORDERS}",
        informe={key: ORDERS + CONTROL for key in ("institucion", "curso", "caso", "profesor", "resumen", "abstract",
                                                   "seccion", "carrera", "subtitulo", "palabras_clave", "version")})


@pytest.mark.parametrize("inkscape", [False, True], ids=["without-inkscape", "with-inkscape"])
def test_compiles(tmp_path, inkscape):
    stand_in = None
    if inkscape:
        stand_in = tmp_path / "bin"
        stand_in.mkdir()
        program = stand_in / "inkscape"
        program.write_text(PROGRAM)
        program.chmod(0o755)
    path = write(hostile(), tmp_path / "hostil & 100 % _#.ipynb")
    said = report(path, "--pdf", tmp_path / "h.pdf", "--tex", tmp_path / "tex", env=environment(stand_in))
    assert "0 glifos perdidos" in said, said
    keep(tmp_path / "h.pdf", f"hostile-{inkscape}")
    names = check_fonts(tmp_path / "h.pdf")
    assert "DejaVuSansMono" in names
    check_log(compiled("informe.tex", tmp_path / "tex"))
    text = re.sub(" +", " ", words(tmp_path / "h.pdf"))
    assert "línea 39 &" in text and "línea 40 &" not in text and "línea 960 &" in text
    assert "líneas que el informe no muestra" in text and "caracteres más" in text
    assert "antes" in text and "después" in text and "fin" in text
    assert "&%$#_{}~^\\" in text, "the orders are printed as they are"
    assert "Tabla 1:" in text
    assert ("un dibujo" in text) != inkscape, "a drawing without PDF is told by its text"


# Inkscape as nbconvert calls it: says its version, writes a PDF.
PROGRAM = """#!/usr/bin/env python3
import sys
if "--version" in sys.argv:
    print("Inkscape 1.2.2 (stand-in)")
else:
    out = [a.split("=", 1)[1] for a in sys.argv if a.startswith("--export-filename=")][0]
    body = b"0 0 20 20 re f"
    parts = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
             b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 20 20] /Contents 4 0 R /Resources << >> >>",
             b"<< /Length %d >>\\nstream\\n%s\\nendstream" % (len(body), body)]
    text, at = b"%PDF-1.4\\n", []
    for i, p in enumerate(parts):
        at.append(len(text))
        text += b"%d 0 obj\\n%s\\nendobj\\n" % (i + 1, p)
    start = len(text)
    text += b"xref\\n0 5\\n0000000000 65535 f \\n" + b"".join(b"%010d 00000 n \\n" % a for a in at)
    text += b"trailer\\n<< /Size 5 /Root 1 0 R >>\\nstartxref\\n%d\\n%%%%EOF\\n" % start
    open(out, "wb").write(text)
"""
