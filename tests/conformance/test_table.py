"""Every box of the conformance table, on this kernel (table.py shows it beside others)."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "protocol"))

import sandbox  # noqa: E402
from boxes import ROWS, NotOffered, Probe  # noqa: E402


@pytest.fixture(scope="module")
def probe(kernelspec):
    probe = Probe(sandbox.KERNEL, quick=True)
    yield probe
    probe.forget()


# What the kernelspec and kernel_info announce once it is there.
ANNOUNCED = ("A9", "A11")


@pytest.mark.parametrize("box, check", [
    pytest.param(box, check, id=f"{box} {title}".replace(" ", "-")) for box, title, check in ROWS])
def test_box(probe, box, check):
    try:
        check(probe)
    except NotOffered:
        assert box in ANNOUNCED
    except BaseException:
        probe.forget()
        raise
