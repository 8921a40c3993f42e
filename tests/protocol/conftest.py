import pytest

from client import Kernel


@pytest.fixture
def kernel():
    with Kernel() as k:
        yield k
