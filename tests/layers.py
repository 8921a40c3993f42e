"""Proves the layer table of the design: what each layer includes, and which symbols its objects use.

    python3 tests/layers.py BUILD_DIR

A layer may include only the headers that its row names, and its object files may have undefined
symbols only of the layers and libraries named there. Prints each breach; exits 1 if there is one.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Headers of the project and of libraries, by the start of the include's name.
LIBRARIES = {
    "zmq": ("zmq.h",), "jansson": ("jansson.h",), "lua": ("lua.h", "lauxlib.h", "lualib.h"),
    "cairo": ("cairo", "fontconfig"), "sqlite": ("sqlite3.h",), "curl": ("curl/",),
    "archive": ("archive",), "png": ("png.h",), "zlib": ("zlib.h",), "openssl": ("openssl/",),
}
# Symbols of each, as they appear in `nm -u`.
SYMBOLS = {
    "zmq": r"zmq_", "jansson": r"json_|jansson_", "lua": r"lua_|luaL_|luaopen_",
    "cairo": r"cairo_|Fc[A-Z]", "sqlite": r"sqlite3_", "curl": r"curl_",
    "archive": r"archive_", "png": r"png_", "zlib": r"gz[a-z]+$|inflate|deflate|crc32|uncompress",
    "openssl": r"EVP_|OSSL_|SHA\d|CRYPTO_|OPENSSL_|HMAC|RAND_",
    "nn": r"nn_", "viz": r"viz_", "jup": r"jup_", "cell": r"cell_", "cmd": r"cmd_", "app": r"app_",
}
# layer folder -> (header folders of the project it may include, other parts it may use)
LAYERS = {
    "engine/core": ({"base", "nn"}, {"nn"}),
    "engine/grad": ({"base", "nn"}, {"nn"}),
    "engine/model": ({"base", "nn"}, {"nn", "jansson"}),
    "engine/data": ({"base", "nn"}, {"nn", "zlib", "archive", "png", "curl", "openssl"}),
    "engine/metric": ({"base", "nn"}, {"nn"}),
    "kernel/display": ({"base", "viz"}, {"viz", "cairo", "jansson", "zlib"}),
    "kernel/jupyter": ({"base", "jupyter"}, {"jup", "zmq", "jansson", "openssl", "sqlite"}),
    "kernel/cell": ({"base", "jupyter", "cell"}, {"cell", "lua", "jansson"}),
    # SQLite: finished experiments (runs.c); jansson: the notebook that becomes a report
    "kernel/command": ({"base", "jupyter", "cell", "nn", "viz", "command"},
                       {"cell", "cmd", "lua", "nn", "viz", "sqlite", "jansson"}),
}
# The engine's own order: core -> grad -> model; data, metric -> core.
# (private headers live in the folder itself and are included by a plain name)
ENGINE_ORDER = {
    "engine/core": {"core"},
    "engine/grad": {"core", "grad"},
    "engine/model": {"core", "grad", "model", "data", "metric"},
    "engine/data": {"core", "data"},
    "engine/metric": {"core", "metric"},
}


def included(path):
    return re.findall(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', path.read_text(), re.M)


def folder_of_symbol(build):
    """Which engine folder defines each nn_ symbol."""
    owner = {}
    for part in ("core", "grad", "model", "data", "metric"):
        for obj in sorted((build / "engine" / part).glob("*.o")):
            for line in nm(obj, "--defined-only"):
                owner[line.split()[-1]] = part
    return owner


def nm(obj, flag):
    out = subprocess.run(["nm", flag, str(obj)], capture_output=True, text=True, check=True)
    return [line for line in out.stdout.splitlines() if line.strip()]


def check_includes(layer, headers, uses):
    bad = []
    allowed = tuple(h + "/" for h in headers)
    libs = tuple(p for lib, names in LIBRARIES.items() if lib in uses for p in names)
    every = tuple(p for names in LIBRARIES.values() for p in names)
    ours = tuple(d.name + "/" for d in (ROOT / "include").iterdir())
    for path in sorted((ROOT / layer).glob("*.[ch]")):
        for name in included(path):
            wrong_lib = name.startswith(every) and not name.startswith(libs)
            wrong_layer = name.startswith(ours) and not name.startswith(allowed)
            if wrong_lib or wrong_layer or ".." in name:
                bad.append(f"{path.relative_to(ROOT)}: includes {name}")
    return bad


def check_symbols(build, layer, uses, owner):
    bad = []
    forbidden = {part: re.compile(r"^(?:" + rx + ")") for part, rx in SYMBOLS.items() if part not in uses}
    order = ENGINE_ORDER.get(layer)
    for obj in sorted((build / layer).glob("*.o")):
        for line in nm(obj, "-u"):
            name = line.split()[-1]
            for part, rx in forbidden.items():
                if rx.match(name):
                    bad.append(f"{obj.relative_to(build)}: uses {name} ({part})")
            if order and owner.get(name, next(iter(order))) not in order:
                bad.append(f"{obj.relative_to(build)}: uses {name} of engine/{owner[name]}")
    return bad


def check_base():
    bad = []
    for path in sorted((ROOT / "include/base").glob("*.h")):
        for name in included(path):
            ours = (ROOT / "include" / name).exists() and not name.startswith("base/")
            library = name.startswith(tuple(p for names in LIBRARIES.values() for p in names))
            if ours or library:
                bad.append(f"{path.relative_to(ROOT)}: includes {name}")
    return bad


def main():
    build = pathlib.Path(sys.argv[1])
    owner = folder_of_symbol(build)
    bad, objects = check_base(), 0
    for layer, (headers, uses) in LAYERS.items():
        bad += check_includes(layer, headers, uses)
        bad += check_symbols(build, layer, uses, owner)
        objects += len(list((build / layer).glob("*.o")))
    if objects == 0:
        bad.append(f"no object files below {build}: build first")
    print("\n".join(bad) if bad else f"layers: {len(LAYERS)} layers, {objects} objects, in order")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
