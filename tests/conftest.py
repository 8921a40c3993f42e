"""What all Python tests share: the sandbox, and the rule that nothing may be skipped."""

import pytest

import sandbox
from kernel_client import Lab


def pytest_addoption(parser):
    parser.addoption("--none-skipped", action="store_true",
                     help="fail when any test or subtest was skipped")


def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if session.config.getoption("--none-skipped") and skipped and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    for text in sandbox.NOTES:
        terminalreporter.write_line(text)


@pytest.fixture(scope="session", autouse=True)
def kernelspec(tmp_path_factory):
    """Every test runs in the sandbox; the value is the installed kernelspec's folder."""
    if not sandbox.program().exists():
        pytest.exit(f"{sandbox.program()} is not there: build it, or name it in NABLA", 2)
    return sandbox.enter(tmp_path_factory.mktemp("nabla"))


@pytest.fixture(scope="module")
def shared_lab(kernelspec):
    """One kernel for all tests of a module: they show that each leaves it in order."""
    lab = Lab()
    yield lab
    lab.close()


@pytest.fixture
def lab(shared_lab):
    shared_lab.recover()
    yield shared_lab
    shared_lab.check_alive()


@pytest.fixture
def fresh_lab(kernelspec):
    """A kernel of its own for a test that counts cells or ends the kernel."""
    lab = Lab()
    yield lab
    lab.close()
