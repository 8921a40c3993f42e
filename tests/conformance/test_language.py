"""The language of the messages: Spanish as written, English where the environment asks for it,
wherever the catalogue lies; and numbers keep their point in both."""

import os
import shutil
import subprocess

import pytest

import sandbox

MISSPELT = 'nn.Dense{10, activaton = "relu"}\n'
UNKNOWN = "contador = 1\nprint(contdor)\n"
NO_FILE = 'data.csv("falta.csv")\n'
RAGGED = """local f = io.open("filas.csv", "w")
f:write("x,y,clase\\n1,2,0\\n1,2,1,3\\n")
f:close()
print(pcall(data.csv, "filas.csv"))
data.csv("filas.csv")
"""
TRAINING = """lab.seed(1)
local m = nn.Sequential{ nn.Flatten(), nn.Dense{10, activation = "softmax"} }
m:compile{ optimizer = "sgd", loss = "sparse_categorical_crossentropy" }
local h = m:fit{ data.digits{ n_train = 64, n_test = 10 }, epochs = 1, verbose = 0 }
display(h)
help "nn.Dense"
"""
SAYS = {
    "es": {MISSPELT: "no existe la opción «activaton». ¿Querías decir «activation»?",
           UNKNOWN: "la variable «contdor» no existe. ¿Querías decir «contador»?",
           NO_FILE: "falta.csv: no se puede abrir: no existe ese archivo o carpeta",
           RAGGED: "filas.csv, línea 3: tiene 4 campos y se esperaban 3"},
    "en": {MISSPELT: "there is no option ‘activaton’. Did you mean ‘activation’?",
           UNKNOWN: "variable ‘contdor’ does not exist. Did you mean ‘contador’?",
           NO_FILE: "falta.csv: cannot open: no such file or folder",
           RAGGED: "filas.csv, line 3: it has 4 fields and 3 were expected"},
}


def run(program, folder, script, **language):
    """The script's output and errors under these variables alone of those that name a language."""
    asked = ("NABLA_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    env = {k: v for k, v in os.environ.items() if k not in asked} | language
    path = folder / "guion.lua"
    path.write_text(script, encoding="utf-8")
    return subprocess.run([program, "run", path.name], capture_output=True, text=True, timeout=240,
                          check=False, cwd=folder, env=env, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("script", [MISSPELT, UNKNOWN, NO_FILE, RAGGED],
                         ids=["option", "variable", "file", "row"])
def test_an_error_speaks_the_language(tmp_path, language, script):
    done = run(sandbox.program(), tmp_path, script, NABLA_LANG=language)
    assert done.returncode == 1
    assert SAYS[language][script] in done.stderr
    assert ("line" if language == "en" else "línea") in done.stderr


def test_a_caught_error_speaks_it_too(tmp_path):
    """Lua's own English is what gets translated: a sentence of ours that resembles it stays."""
    done = run(sandbox.program(), tmp_path, RAGGED, NABLA_LANG="en")
    assert done.stdout.rstrip().endswith(SAYS["en"][RAGGED])


@pytest.mark.parametrize("wanted, language", [
    ({}, "es"), ({"LANG": "es_CO.UTF-8"}, "es"), ({"LANG": "de_DE.UTF-8"}, "es"),
    ({"LANG": "en_US.UTF-8"}, "en"), ({"LANGUAGE": "en", "LANG": "C"}, "en"),
    ({"NABLA_LANG": "es", "LANG": "en_US.UTF-8"}, "es"),
    ({"NABLA_LANG": "en", "LANG": "es_CO.UTF-8", "LANGUAGE": "es"}, "en")])
def test_who_decides(tmp_path, wanted, language):
    assert SAYS[language][UNKNOWN] in run(sandbox.program(), tmp_path, UNKNOWN, **wanted).stderr


@pytest.mark.parametrize("script, column", [(MISSPELT, 13), (UNKNOWN, 6)],
                         ids=["option", "variable"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_caret_finds_the_name(tmp_path, language, script, column):
    lines = run(sandbox.program(), tmp_path, script, NABLA_LANG=language).stderr.splitlines()
    caret = next(line for line in lines if "^" in line)
    assert caret.partition("│ ")[2].index("^") >= column


def test_training_and_help_in_english(tmp_path):
    done = run(sandbox.program(), tmp_path, TRAINING, NABLA_LANG="en")
    assert done.returncode == 0, done.stderr
    assert "History: 1 epoch in " in done.stdout and " · accuracy 0." in done.stdout
    for word in ("Parameters:", "Dense layer: every neuron looks at all inputs", "; required)",
                 "Returns: a layer", "Example: "):
        assert word in done.stdout
    for word in ("época", "pérdida", "Parámetros", "capa", "línea"):
        assert word not in done.stdout + done.stderr


def test_installed_catalogue(tmp_path):
    """bin/nabla takes the one in share/locale."""
    program = tmp_path / "bin/nabla"
    messages = tmp_path / "share/locale/en/LC_MESSAGES"
    program.parent.mkdir()
    messages.mkdir(parents=True)
    shutil.copy(sandbox.program(), program)
    assert SAYS["es"][UNKNOWN] in run(program, tmp_path, UNKNOWN, NABLA_LANG="en").stderr, \
        "without a catalogue the source speaks"
    shutil.copy(sandbox.program().parent / "locale/en/LC_MESSAGES/nabla.mo", messages)
    assert SAYS["en"][UNKNOWN] in run(program, tmp_path, UNKNOWN, NABLA_LANG="en").stderr
