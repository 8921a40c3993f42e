import pytest

from course import Runner


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """run(path): the notebook after its last cell."""
    runner = Runner(tmp_path_factory.mktemp("run") / "notebooks")
    yield runner
    runner.notes()
