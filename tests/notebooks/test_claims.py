"""Every number in the text of the course is true: claims/NAME.txt names the expression that gives
it, which the kernel of the finished run evaluates. A number without a line fails as well.

    TEXT<TAB>LUA EXPRESSION<TAB>FORMAT     −0.708687<TAB>dC_dsigma<TAB>%.6f
    TEXT<TAB>given                         an input, or a constant of the world
"""

import pytest

from course import CLAIMS, SOURCES, claims_of, names, numbers, plain, read


def text_of(path):
    return "\n".join(c.source for c in read(path).cells if c.cell_type == "markdown")


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_every_number_has_a_claim(path):
    known = {n for claim in claims_of(path) for n in [*numbers(claim.text), plain(claim.text).strip("+-")]}
    missing = [(i, n) for i, cell in enumerate(read(path).cells) if cell.cell_type == "markdown"
               for n in numbers(cell.source) if n not in known]
    assert not missing, f"no line in claims/{path.stem}.txt for (cell, number) {missing}"


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_every_claim_is_in_the_text(path):
    text = plain(text_of(path))
    idle = [f"{c.where}: {c.text}" for c in claims_of(path) if plain(c.text) not in text]
    assert not idle, f"not in the text: {idle}"


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_every_claim_is_true(run, path):
    wrong = [f"{c.where}: the text says {c.text}, the run {c.value} ({c.expression})"
             for c in run(path).claims if not c.given and plain(c.value) != plain(c.text)]
    assert not wrong, "\n".join(wrong)


def test_every_claims_file_has_its_notebook():
    lost = {p.stem for p in CLAIMS.glob("*.txt")} - {p.stem for p in SOURCES}
    assert not lost, f"claims without a notebook: {lost}"


def test_numbers_are_found():
    text = "da 0.5, 1e-4 no, 2026, 101 770 parámetros, $-0.70$, 12 y 3, [a](http://x/1.5) v1.2 13 000 o 5.4e-3"
    assert numbers(text) == ["0.5", "2026", "101770", "0.70", "13000", "5.4e-3"]
