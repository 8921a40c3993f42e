"""Configuración de nbgrader para los cuadernos de Nabla: Lua y español.

Esta carpeta es la raíz del curso: `source/` tiene los cuadernos con soluciones; nbgrader escribe aquí
`release/`, `submitted/`, `autograded/`, `feedback/` y `gradebook.db` (no se guardan en el repositorio).
La guía paso a paso es GUIA_DOCENTE.md.
"""

import os

c = get_config()  # noqa: F821 (la pone traitlets)

c.CourseDirectory.root = os.environ.get("NABLA_CURSO") or os.path.dirname(os.path.abspath(__file__))
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
