"""Configuración de nbgrader para los cuadernos de Nabla: Lua y español.

Esta carpeta es la raíz del curso: `source/` tiene los cuadernos con soluciones; nbgrader escribe aquí
`release/`, `submitted/`, `autograded/`, `feedback/` y `gradebook.db` (no se guardan en el repositorio).
La guía paso a paso es GUIA_DOCENTE.md.
"""

import os

import nbformat

c = get_config()  # noqa: F821 (la pone traitlets)

ROOT = os.environ.get("NABLA_CURSO") or os.path.dirname(os.path.abspath(__file__))
c.CourseDirectory.root = ROOT
c.CourseDirectory.course_id = "nabla"

# Lo que ve el estudiante donde el cuaderno del profesor tiene la solución. El error hace que la
# celda diga qué falta, y que una prueba sobre una respuesta vacía no sume puntos.
c.ClearSolutions.code_stub = {"lua": "-- ESCRIBE TU CÓDIGO AQUÍ\nerror('Falta la respuesta')"}
c.ClearSolutions.text_stub = "ESCRIBE TU RESPUESTA AQUÍ"

# Las marcas de los cuadernos. («delimeter» se escribe así en nbgrader.)
c.ClearSolutions.begin_solution_delimeter = "INICIO SOLUCIÓN"
c.ClearSolutions.end_solution_delimeter = "FIN SOLUCIÓN"
c.ClearHiddenTests.begin_test_delimeter = "INICIO PRUEBAS OCULTAS"
c.ClearHiddenTests.end_test_delimeter = "FIN PRUEBAS OCULTAS"
c.ClearMarkScheme.begin_mark_scheme_delimeter = "INICIO PAUTA"
c.ClearMarkScheme.end_mark_scheme_delimeter = "FIN PAUTA"

# Entrenar toma más que los 30 segundos que espera nbgrader.
c.Execute.timeout = 600
c.ExecutePreprocessor.timeout = 600

# nbgrader zip_collect: entregas con el nombre ESTUDIANTE_NN_nombre.ipynb, sueltas o en un .zip.
c.FileNameCollectorPlugin.named_regexp = r".*/(?P<student_id>[^/_]+)_(?P<file_id>\d\d_\w+)\.ipynb"


def split(text, mark):
    """El texto sin la parte que va entre INICIO y FIN, y esa parte."""
    before, begin, rest = text.partition("INICIO " + mark)
    inside, _, after = rest.partition("FIN " + mark)
    return (before + after.lstrip("\n")).rstrip() if begin else text, inside.strip()


def rubrics(name, notebook):
    """La pauta de cada respuesta escrita, por su identificador: lo que el cuaderno de `source/` tiene
    dentro de la solución."""
    source = os.path.join(ROOT, "source", name, notebook + ".ipynb")
    cells = nbformat.read(source, as_version=4).cells if os.path.exists(source) else []
    return {cell.metadata.nbgrader.grade_id: split(cell.source, "SOLUCIÓN")[1]
            for cell in cells if cell.cell_type == "markdown" and "INICIO SOLUCIÓN" in cell.source}


# Las páginas de nbgrader juntan las columnas de las tablas: aquí se separan.
PAGE_STYLE = "<style>.nabla-table td, .nabla-table th { padding: 0.2em 0.6em }</style>"
RUBRIC = '<div class="alert alert-warning">\n\n**Para corregir** (el estudiante no lo ve)\n\n%s\n\n</div>'


def dress(nb, resources):
    """Lo que cambia en una página al mostrarla, y no se guarda. En Formgrader, la pauta de cada respuesta
    escrita y de cada síntesis va debajo de ella; la página que recibe el estudiante no la tiene."""
    marking = "submission_id" in resources  # solo las páginas de Formgrader lo traen
    found = rubrics(resources["assignment_id"], resources["notebook_id"]) if marking else {}
    cells = []
    for cell in nb.cells:
        rubric = found.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if cell.metadata.get("nbgrader", {}).get("task"):  # nbgrader devuelve su pauta al corregir
            cell.source, rubric = split(cell.source, "PAUTA")
        cells.append(cell)
        if rubric and marking:
            cells.append(nbformat.v4.new_markdown_cell(RUBRIC % rubric))
    nb.cells = [*cells, nbformat.v4.new_markdown_cell(PAGE_STYLE)]
    return nb, resources


c.HTMLExporter.preprocessors = [dress]
c.FormgradeExtension.debug = False  # su página no necesita mostrar esta configuración
