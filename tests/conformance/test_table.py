"""Every box of the conformance table, on this kernel (table.py shows it beside others)."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "protocol"))

import sandbox  # noqa: E402
from boxes import ROWS, Probe  # noqa: E402


@pytest.fixture(scope="module")
def probe(kernelspec):
    probe = Probe(sandbox.KERNEL, quick=True)
    yield probe
    probe.forget()


@pytest.mark.parametrize("check", [
    pytest.param(check, id=f"{box} {title}".replace(" ", "-")) for box, title, check in ROWS])
def test_box(probe, check):
    try:
        check(probe)
    except BaseException:
        probe.forget()
        raise
