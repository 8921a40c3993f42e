"""One JupyterLab and one Chromium for all browser tests."""

import os
import shutil

import pytest
from lab_server import LabServer
from playwright.sync_api import sync_playwright

import sandbox

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def notebooks(tmp_path_factory):
    """A copy of the notebooks, for the tests to run and save."""
    folder = tmp_path_factory.mktemp("lab") / "notebooks"
    shutil.copytree(sandbox.ROOT / "notebooks", folder)
    return folder


@pytest.fixture(scope="session")
def server(kernelspec, notebooks, tmp_path_factory):
    os.environ["NABLA_ENCARGO"] = "digitos"  # the same page on every machine
    running = LabServer(tmp_path_factory.mktemp("server"), notebooks)
    yield running
    running.close()


@pytest.fixture(scope="session")
def browser():
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pictures():
    return sandbox.results("browser")
