"""Screenshots compared for gross change: a whole notebook as a small grey picture, beside the
one that a person looked at. Fonts and numbers may differ from machine to machine; an output
that is gone, doubled or blank does not pass.

    THUMBNAILS=keep make browser ONLY=course      replaces the references: look at them first
"""

import os
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter, ImageStat

FOLDER = Path(__file__).parent / "reference"
WIDTH = 80          # pixels of a thumbnail
TALLER = 0.08       # share by which the height may differ
GREY = 9            # mean difference of grey levels (0 to 255) that still is the same page
PATCH = (WIDTH // 4, 24)  # a part of the page ...
PATCH_GREY = 60     # ... and its mean difference: a figure that is not there is more


def shrink(path):
    picture = Image.open(path).convert("L")
    return picture.resize((WIDTH, max(1, picture.height * WIDTH // picture.width)), Image.BOX)


def worst_patch(difference):
    width, height = PATCH
    means = [ImageStat.Stat(difference.crop((x, y, x + width, y + height))).mean[0]
             for x in range(0, difference.width, width)
             for y in range(0, max(1, difference.height - height + 1), height // 2)]
    return max(means)


def compare(path, name):
    """None, or in a sentence how the screenshot differs from the reference of that name."""
    now, kept = shrink(path), FOLDER / f"{name}.png"
    if os.environ.get("THUMBNAILS") == "keep":
        FOLDER.mkdir(exist_ok=True)
        now.save(kept, optimize=True)
        return None
    if not kept.exists():
        return f"{name} has no reference picture in {FOLDER}"
    reference = Image.open(kept)
    if abs(now.height - reference.height) > TALLER * reference.height:
        return f"{name} is {now.height} lines high and was {reference.height}"
    now = now.resize(reference.size, Image.BOX)
    blur = ImageFilter.GaussianBlur(4)  # a line of text more or less shifts what follows
    difference = ImageChops.difference(now.filter(blur), reference.filter(blur))
    mean, worst = ImageStat.Stat(difference).mean[0], worst_patch(difference)
    if mean > GREY or worst > PATCH_GREY:
        return (f"{name} looks different: {mean:.1f} grey levels on average (limit {GREY}), "
                f"{worst:.1f} in the worst part (limit {PATCH_GREY})")
    return None
