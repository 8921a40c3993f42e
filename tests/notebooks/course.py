"""The course's notebooks as the tests see them: where they are, what a cell is for, and one run
of each, whose kernel is still asked about what the text claims."""

import re
import shutil
import time

import nbformat
from nbclient import NotebookClient

import sandbox

FOLDER = sandbox.ROOT / "notebooks"
SOURCES = sorted(p for p in FOLDER.glob("source/*/*.ipynb") if p.stem == p.parent.name)
NOTEBOOKS = sorted([*FOLDER.glob("*.ipynb"), *SOURCES])
CLAIMS = sandbox.ROOT / "tests/notebooks/claims"
CELL_SECONDS = 300
SLOW = 20.0  # seconds above which a cell should have the tag «lento»


def names(path):
    return path.stem


def read(path):
    return nbformat.read(path, as_version=4)


def tags(cell):
    return cell.metadata.get("tags", [])


def role(cell):
    """solution, test, written, task, readonly or None: what nbgrader does with the cell."""
    g = cell.metadata.get("nbgrader")
    if not g:
        return None
    if g.get("task"):
        return "task"
    if g["grade"]:
        return "written" if g["solution"] else "test"
    return "solution" if g["solution"] else "readonly"


def grade_id(cell):
    return cell.metadata.nbgrader.grade_id


def regions(source, what):
    """The lines between INICIO `what` and FIN `what`."""
    found, inside = [], False
    for line in source.splitlines():
        if f"FIN {what}" in line:
            inside = False
        elif f"INICIO {what}" in line:
            inside = True
        elif inside:
            found.append(line)
    return found


class Claim:
    """A line of a claims file: TEXT<TAB>LUA EXPRESSION<TAB>FORMAT, or TEXT<TAB>given."""

    def __init__(self, line, where):
        parts = line.split("\t")
        self.where, self.text = where, parts[0]
        self.given = len(parts) == 2 and parts[1] == "given"
        assert self.given or len(parts) == 3, f"{where}: not TEXT, EXPRESSION, FORMAT: {line!r}"
        self.expression, self.format = (None, None) if self.given else parts[1:]
        self.value = None

    def code(self):
        """Lua that prints the value as the text should have it."""
        mark = "=" * next(n for n in range(1, 99) if f"]{'=' * n}]" not in self.expression + self.format)
        text, form = (f"[{mark}[{s}]{mark}]" for s in (self.expression, self.format))
        return (f'local v = assert(load("return " .. {text}))() '
                f'if type(v) == "userdata" then v = v:item() end print(string.format({form}, v))')


def plain(text):
    """The signs of the minus are one."""
    return text.replace("−", "-")


def claims_of(path):
    file = CLAIMS / f"{path.stem}.txt"
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf8").splitlines()
    return [Claim(line, f"{file.name}:{n}") for n, line in enumerate(lines, 1)
            if line.strip() and not line.startswith("#")]


class Run:
    """A notebook after its last cell, with seconds per cell and the claims' values."""

    def __init__(self, path, folder):
        self.nb, self.claims, self.cells = read(path), claims_of(path), {}
        self.client = NotebookClient(self.nb, kernel_name=sandbox.KERNEL, timeout=CELL_SECONDS,
                                     allow_errors=True, resources={"metadata": {"path": folder}})
        began = time.monotonic()
        with self.client.setup_kernel():
            for i, cell in enumerate(self.nb.cells):
                at = time.monotonic()
                self.client.execute_cell(cell, i)
                self.cells[i] = time.monotonic() - at
            info = self.client.wait_for_reply(self.client.kc.kernel_info())
            self.nb.metadata.language_info = info["content"]["language_info"]
            self.seconds = time.monotonic() - began
            for claim in self.claims:
                if not claim.given:
                    claim.value = self.ask(claim.code())

    def ask(self, code):
        cell = nbformat.v4.new_code_cell(code)
        self.nb.cells.append(cell)
        self.client.execute_cell(cell, len(self.nb.cells) - 1, store_history=False)
        self.nb.cells.pop()
        return "".join(o.get("text") or o.get("evalue", "") for o in cell.outputs).strip("\n")


class Runner:
    """Runs each notebook once, however many tests look at it, in a copy of the folder: what
    the cells save lands there."""

    def __init__(self, folder):
        shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("curso", "release", "submitted"))
        self.folder = folder
        self.done = {}

    def __call__(self, path):
        if path not in self.done:
            self.done[path] = Run(path, self.folder / path.parent.relative_to(FOLDER))
        return self.done[path]

    def notes(self):
        for path, run in sorted(self.done.items()):
            sandbox.note(f"{path.stem}: {run.seconds:.1f} s")
            for i, taken in run.cells.items():
                if taken > SLOW and "lento" not in tags(run.nb.cells[i]):
                    sandbox.note(f"  cell {i} took {taken:.0f} s and has no tag «lento»")
        sandbox.note(f"notebooks: {sum(r.seconds for r in self.done.values()):.1f} s in all")


# Numbers with a decimal point, or of four digits and more; in groups of three as well.
NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:[   ]|\\,|\{,\})\d{3}(?:(?:[   ]|\\,)\d{3})*(?!\d)(?:\.\d+)?"
                    r"|\d+\.\d+(?:e-?\d+)?|\d{4,})(?![\w.]*\d)")


def numbers(text):
    """The numbers that a claim has to stand for, without the gaps between groups."""
    text = re.sub(r"https?://\S+|<[a-zA-Z/][^>]*>|\]\([^)]*\)", " ", text)
    return [re.sub(r"[   ]|\\,|\{,\}", "", n) for n in NUMBER.findall(text)]
