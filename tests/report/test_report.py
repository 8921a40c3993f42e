"""The report of a notebook that uses everything, made as the README says: by nbconvert's own command, by
`nabla report` and as a folder of LaTeX that compiles elsewhere."""

import re
import shutil

import nbformat
import pytest

import sandbox
from making import JUPYTER, check_fonts, check_log, compiled, executed, keep, notebook, report, run, words, write

COVER = """lab.seed(42)
lab.cover{institucion = "Escuela de Informática", carrera = "Ingeniería", curso = "Fundamentos de la IA", caso = "B",
          integrantes = {"Ana Prueba", "Benito Ensayo"}, profesor = "Docente de prueba", fecha = "1 de julio de 2026",
          titulo = "Clasificar dígitos con una red pequeña", resumen = "Se entrena una red y se mide.",
          abstract = "A network is trained and measured.", palabras_clave = {"redes", "dígitos"}}"""
TRAIN = """d = data.digits():subset(600)
m = nn.Sequential{nn.Flatten(), nn.Dense{16, activation = "relu"}, nn.Dense{10, activation = "softmax"}}
m:compile{optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = {"accuracy"}}
h = m:fit{d, epochs = 3, batch_size = 32, validation_split = 0.1, verbose = 0}"""
CHAIN = """w, b = var{0.8, name = "w"}, var{0.2, name = "b"}
C = square(1 - sigmoid(w * 0.5 + b))
chain{C, w, caption = "La regla de la cadena con números", label = "fig:cadena"}"""
GRADCHECK = """p = var(tensor{0.8, 0.2})
gradcheck{function() return square(p):sum() end, {p}, given = {tensor{1.6, -0.4}}, caption = "Gradiente",
          label = "tab:gradiente"}"""

EXPERIMENTS = """r = lab.experiments{chica = {units = 4}, ["grande_100 %"] = {units = 16}, data = d, store = false,
  base = {epochs = 1, loss = "sparse_categorical_crossentropy", metrics = {"accuracy"}},
  model = function(cfg) return nn.Sequential{nn.Flatten(), nn.Dense(cfg.units), nn.Dense(10)} end,
  caption = "Experimentos", label = "tab:experimentos"}
r"""


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rich")
    nb = notebook(
        ("# Clasificar dígitos\n\nTexto del comienzo.",), COVER,
        ("## Datos\n\nσ(z) ≤ ¼, −0.708687, ✓, Δw → 0, ŷ y la letra Ж. Un dibujo 🎉.",), TRAIN,
        ("## Curvas\n\nVéanse la figura \\ref{fig:curvas} y la tabla \\ref{tab:clases}. "
         "[Al comienzo](#Datos)\n\n> **Corrección de la diapositiva.** $y=f(g(x))$.\n\n"
         "| a | b |\n|---|---|\n| 1 | 2 |\n",),
        'plot.history{h, caption = "Pérdida y exactitud, 100 % & más", label = "fig:curvas"}',
        'metrics.classification_report{d.y_test, m:classify(d.x_test), caption = "Por clase", label = "tab:clases"}',
        "m:summary()", CHAIN, GRADCHECK,
        'plot.images{d.x_test, n = 9, caption = "Imágenes de prueba", label = "fig:imagenes"}',
        'lab.table{{{"Nombre", 1}, {"Largo", 2}}, columns = {"qué", "cuánto"}, caption = "A mano", label = "tab:mano"}',
        EXPERIMENTS,
        'for i = 1, 300 do print("línea", i) end',
        'print("\\27[31mrojo\\27[0m █░│─∂≈λθ")',
        title="Este título lo cambia lab.cover")
    return write(executed(nb, folder), folder / "cuaderno de prueba.ipynb")


@pytest.fixture(scope="module")
def pdf(rich):
    """By nbconvert's own command, with nothing of ours but the template."""
    done = run(JUPYTER, "nbconvert", "--to", "pdf", "--template", "informe", "--output", "uno", rich)
    assert done.returncode == 0, done.stderr[-3000:]
    keep(rich.parent / "uno.pdf", "rich")
    return rich.parent / "uno.pdf"


def test_text(pdf):
    text = words(pdf)
    for part in ("Clasificar dígitos con una red pequeña", "Ana Prueba", "Docente de prueba", "Caso B", "Semilla 42",
                 "1 de julio de 2026", "Resumen", "Abstract", "Palabras clave: redes, dígitos", "Índice",
                 "Índice de figuras", "Índice de tablas", "Figura 1: Pérdida y exactitud, 100 % & más",
                 "Tabla 1: Por clase", "figura 1 y la tabla 1", "Figura 2: La regla de la cadena",
                 "Tabla 2: Gradiente", "Tabla 3: A mano", "Tabla 4: Experimentos", "grande_100 %", "Código completo", "Entorno",
                 "[… 220 líneas que el informe no muestra …]", "Corrección de la diapositiva"):
        assert part in text, part
    assert "??" not in text
    assert "Este título" not in text
    assert "línea 150" not in re.sub(" +", " ", text)
    body, annex = text.rsplit("Código completo", 1)
    assert "nn.Sequential" in annex and "nn.Sequential" not in body, "code belongs in the annex"


def test_sections_are_numbered_below_the_title(pdf):
    text = words(pdf)
    assert re.search(r"^ *1\.? +Datos", text, re.M), "the notebook's only heading of level 1 is its title"
    assert re.search(r"^ *A\.? +Código completo", text, re.M)


def test_pixels_only_where_meant(pdf):
    """Curves, graphs and formulas are vectors: the one raster is the grid of pictures."""
    rows = run("pdfimages", "-list", pdf).stdout.splitlines()[2:]
    pages = {int(row.split()[0]) for row in rows}
    texts = words(pdf).split("\f")
    assert rows and all("Imágenes de prueba" in texts[p - 1] for p in pages), (pages, rows)


def test_fonts_are_embedded(pdf):
    names = check_fonts(pdf)
    assert "DejaVuSansMono" in names and "LMRoman" in names


def test_a_folder_that_compiles_elsewhere(rich, tmp_path):
    done = run(JUPYTER, "nbconvert", "--to", "latex", "--template", "informe", "--output", "x", "--output-dir",
               tmp_path / "aqui", rich)
    assert done.returncode == 0, done.stderr[-3000:]
    elsewhere = tmp_path / "otra carpeta"
    shutil.move(tmp_path / "aqui", elsewhere)
    tex = (elsewhere / "x.tex").read_text()
    assert r"\toprule" in tex and r"\hline" not in tex and r"\begin{tabular}{l|" not in tex
    check_log(compiled("x.tex", elsewhere))


def test_the_check(rich, tmp_path):
    """`nabla report` names what is missing, and builds. Figures of an earlier run do not return: a folder NAME_files
    beside the notebook is the first that nbconvert's own PDF exporter looks into."""
    stale = rich.parent / "informe_files"
    stale.mkdir()
    for at in range(40):
        (stale / f"informe_{at}_0.pdf").write_bytes(b"no es un PDF")
    said = report(rich, "--pdf", tmp_path / "r.pdf", "--tex", tmp_path / "tex")
    assert "✓ Portada y resúmenes completos" in said
    assert "✗ 1 tabla sin título" in said and "m:summary()" in said
    assert "✓ 1 referencia" not in said and "✓ 2 referencias, todas resueltas" in said
    assert "✓ 0 glifos perdidos" in said and "páginas" in said
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF-")
    assert sorted(p.name for p in (tmp_path / "tex").iterdir()) == ["informe.pdf", "informe.tex", "informe_files"]
    assert not list(tmp_path.glob("*.part"))
    shutil.rmtree(stale)


def test_only_what_is_asked_for(tmp_path):
    """Tags choose; a notebook with two headings of level 1 keeps both as sections."""
    nb = notebook(("# Uno",), ("# Dos\n\ntexto",),
                  nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["show-input"]}),
                  nbformat.v4.new_code_cell("secreto = 2", metadata={"tags": ["sin-informe"]}))
    path = write(nb, tmp_path / "t.ipynb")
    done = run(JUPYTER, "nbconvert", "--to", "latex", "--template", "informe", "--output", "t", path)
    assert done.returncode == 0, done.stderr[-2000:]
    tex = (tmp_path / "t.tex").read_text()
    body, annex = tex.split(r"\appendix")
    assert r"\section{Uno}" in body and r"\section{Dos}" in body
    assert "informecodigos" in body.split(r"\begin{document}")[1]
    assert "secreto" not in tex


def test_a_notebook_of_the_course(tmp_path):
    """The chain rule: formulas, graphs, tables of checks, boxes, inline code. A heading keeps one number."""
    name = "03_regla_de_la_cadena"
    path = tmp_path / f"{name}.ipynb"
    shutil.copy(sandbox.ROOT / "notebooks/source" / name / path.name, path)
    said = report(path, "--tex", tmp_path / "tex")
    assert "✓ 0 glifos perdidos" in said and "con error" not in said and "sin ejecutar" not in said, said
    keep(tmp_path / f"{name}.pdf", name)
    check_fonts(tmp_path / f"{name}.pdf")
    tex = (tmp_path / "tex/informe.tex").read_text()
    assert re.search(r"\\section\{[A-ZÁÉÍÓÚ¿]", tex) and not re.search(r"\\section\{\d", tex)


def test_a_notebook_that_never_ran_is_run(tmp_path):
    path = write(notebook(("# Hola",), "6 * 7"), tmp_path / "nuevo.ipynb")
    said = report(path)
    assert "se ejecuta ahora una copia" in said
    assert "42" in words(tmp_path / "nuevo.pdf")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["nuevo.ipynb", "nuevo.pdf"]


def test_the_first_complaint_of_tex(tmp_path):
    nb = notebook(("# Hola",), ("Va $\\noexiste{x}$ aquí.",))
    done = run(sandbox.program(), "report", write(nb, tmp_path / "malo.ipynb"))
    assert done.returncode == 1
    assert "celda 2 del cuaderno" in done.stderr and "una orden de LaTeX que no existe" in done.stderr
    assert "\\noexiste" in done.stderr
    assert not (tmp_path / "malo.pdf").exists()


@pytest.mark.parametrize("name", ["xelatex", "pandoc"])
def test_without_tex_one_sentence(tmp_path, name):
    """A PATH that has everything but one program."""
    bare = tmp_path / "bin"
    bare.mkdir()
    for tool in ("jupyter", "pandoc", "xelatex"):
        if tool != name:
            (bare / tool).symlink_to(shutil.which(tool, path=f"{JUPYTER.parent}:/usr/bin:/bin"))
    done = run(sandbox.program(), "report", write(notebook("1"), tmp_path / "a.ipynb"),
               env={"PATH": str(bare), "HOME": str(tmp_path), "NABLA_LANG": "es"})
    assert done.returncode == 1 and f"falta {name}" in done.stderr and "setup" in done.stderr
