"""Checks the PDF and SVG files that the golden program wrote.

    python3 tests/golden/check_pdf.py FOLDER

Every font of a PDF is embedded, and its text can be found (needs pdffonts and pdftotext of
poppler-utils; without them that part is left out and says so). Every SVG is well-formed XML, names
no id twice, and shares no id with another figure.
"""
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

TEXT = {"curves": "Época", "confusion_10": "pantalón", "bars": "Ejemplos", "runs": "η = 0.01"}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def check_pdf(path):
    rows = run("pdffonts", str(path)).splitlines()[2:]
    if not rows:
        return [f"{path.name}: no font at all"]
    # The columns from the right: object and generation number, unicode, subset, embedded.
    bad = [f"{path.name}: font not embedded: {row}" for row in rows if row.split()[-5] != "yes"]
    want = TEXT.get(path.stem)
    if want and want not in run("pdftotext", "-layout", str(path), "-"):
        bad.append(f"{path.name}: the text «{want}» is not found")
    return bad


def check_svgs(paths):
    bad, owner = [], {}
    for path in paths:
        ids = [e.get("id") for e in ET.parse(path).iter() if e.get("id")]
        if len(ids) != len(set(ids)):
            bad.append(f"{path.name}: an id occurs twice")
        for i in ids:
            if owner.setdefault(i, path.name) != path.name:
                bad.append(f"{path.name}: shares the id {i} with {owner[i]}")
                break
    return bad


def main():
    folder = pathlib.Path(sys.argv[1])
    svgs, pdfs = sorted(folder.glob("*.svg")), sorted(folder.glob("*.pdf"))
    bad = check_svgs(svgs)
    if shutil.which("pdffonts") and shutil.which("pdftotext"):
        for path in pdfs:
            bad += check_pdf(path)
    else:
        print("left out: fonts of the PDF figures (pdffonts of poppler-utils is not installed)")
    for line in bad:
        print(line, file=sys.stderr)
    print(f"golden: {len(svgs)} SVG and {len(pdfs)} PDF checked, {len(bad)} failed")
    return 1 if bad or not svgs or not pdfs else 0


if __name__ == "__main__":
    sys.exit(main())
