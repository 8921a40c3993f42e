"""A place of its own for every run of the Python tests: HOME, the folders of Jupyter and of
the XDG convention, and the kernelspec are below one temporary folder, so that neither the
user's settings nor their history are read or written.

Environment:
    NABLA   the program under test (default build/release/nabla)
    BUILD   where reports and pictures go (default build/release)
"""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KERNEL = "nabla"
NOTES = []


def note(text):
    """A measurement worth a line after the results (no test depends on it)."""
    NOTES.append(text)


def program():
    """The program under test, as an absolute path."""
    return Path(os.environ.get("NABLA", ROOT / "build/release/nabla")).resolve()


def results(name):
    """The folder below BUILD where the tests of one kind leave what people look at."""
    folder = Path(os.environ.get("BUILD", ROOT / "build/release")).resolve() / "tests" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def folders(base):
    """The environment variables that move everything a user owns below `base`."""
    base = Path(base)
    home = base / "home"
    moved = {
        "HOME": home,
        "XDG_DATA_HOME": home / ".local/share",
        "XDG_STATE_HOME": home / ".local/state",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_CACHE_HOME": home / ".cache",
        "JUPYTER_DATA_DIR": home / ".local/share/jupyter",
        "JUPYTER_CONFIG_DIR": home / ".jupyter",
        "JUPYTER_RUNTIME_DIR": base / "runtime",
        "IPYTHONDIR": home / ".ipython",
        "JUPYTER_PATH": base / "prefix/share/jupyter",
    }
    for path in moved.values():
        path.mkdir(parents=True, exist_ok=True)
    (base / "runtime").chmod(0o700)
    words = {key: str(path) for key, path in moved.items()}
    words.update(LANG="C.UTF-8", LC_ALL="C.UTF-8", LANGUAGE="es", NABLA_LANG="es", PYTHONWARNINGS="ignore",
                 PYDEVD_DISABLE_FILE_VALIDATION="1", JUPYTER_PLATFORM_DIRS="0")
    words["JUPYTER_CONFIG_PATH"] = str(ROOT / ".binder/jupyter")  # the page as students see it
    data = ROOT.parent / "shared/data"
    if "NABLA_DATA" not in os.environ and data.is_dir():
        words["NABLA_DATA"] = str(data)
    # How the assignment's notebook is tried: a few hundred images, of its own set or, where
    # the published files are not, of the built-in digits.
    words["NABLA_ENCARGO"] = "prueba" if {"NABLA_DATA"} & {*words, *os.environ} else "digitos"
    return words


def enter(base):
    """Moves this process (and what it starts) into a sandbox below `base` and installs the
    kernelspec there. Returns the folder of the kernelspec."""
    os.environ.update(folders(base))
    os.environ.pop("NABLA_HISTORY", None)  # the default place, which is in the sandbox now
    prefix = Path(base) / "prefix"
    done = subprocess.run([program(), "install", "--prefix", prefix], capture_output=True,
                          text=True, timeout=30, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"nabla install --prefix falla ({done.returncode}): {done.stderr}")
    return prefix / "share/jupyter/kernels" / KERNEL
