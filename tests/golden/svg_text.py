"""An SVG file as text that two versions of Cairo agree on: one line for each thing that is drawn,
coordinates in whole pixels, letters counted instead of drawn.
"""
import re
import xml.etree.ElementTree as ET

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
LONG = 160


def name(tag):
    return tag.rsplit("}", 1)[-1]


def rounded(text):
    """Numbers without decimals; -0 is 0."""
    return NUMBER.sub(lambda m: str(round(float(m.group(0))) or 0), text or "")


def shortened(text):
    """A long path as its beginning, its length and its end."""
    words = text.split()
    if len(text) <= LONG:
        return text
    return f"{' '.join(words[:12])} … {len(words)} … {' '.join(words[-6:])}"


def paint(element):
    style = element.get("style", "")
    pairs = dict(p.split(":", 1) for p in style.replace(" ", "").split(";") if ":" in p)
    keep = []
    for key in ("fill", "stroke", "fill-opacity", "stroke-opacity", "stroke-width",
                "stroke-dasharray"):
        value = element.get(key, pairs.get(key))
        if value and value not in ("none", "1"):
            keep.append(f"{key}={color(value)}")
    return " ".join(keep)


def color(value):
    """rgb(12.5%,...) and #0080ff as three numbers of 255, others as they are."""
    m = re.fullmatch(r"rgb\((.*)\)", value)
    if m:
        parts = [float(p.rstrip("%")) * (2.55 if p.endswith("%") else 1) for p in m.group(1).split(",")]
        return ",".join(str(round(p)) for p in parts)
    m = re.fullmatch(r"#([0-9a-fA-F]{6})", value)
    if m:
        return ",".join(str(int(m.group(1)[i:i + 2], 16)) for i in (0, 2, 4))
    return value


def text_of(svg):
    """The lines of an SVG document."""
    root = ET.fromstring(svg)
    lines = [f"svg {rounded(root.get('width'))} x {rounded(root.get('height'))}"]
    letters = [0, ""]

    def flush():
        if letters[0]:
            lines.append(f"letters {letters[0]} from {letters[1]}")
        letters[0] = 0

    def walk(element):
        tag = name(element.tag)
        if tag in ("defs", "title", "desc", "style"):
            return
        if tag == "use":
            if not letters[0]:
                letters[1] = f"{rounded(element.get('x'))},{rounded(element.get('y'))}"
            letters[0] += 1
            return
        if tag in ("path", "rect", "circle", "line", "polyline", "polygon", "image"):
            flush()
            places = " ".join(rounded(element.get(a)) for a in
                              ("d", "points", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r",
                               "width", "height", "transform") if element.get(a))
            lines.append(f"{tag} {shortened(places)} {paint(element)}".rstrip())
        for child in element:
            walk(child)
        if tag == "g":
            flush()

    for child in root:
        walk(child)
    flush()
    return "\n".join(lines) + "\n"
