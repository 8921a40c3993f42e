"""Writes png_samples.h, seeds for the fuzzer and the folder of the Lua test: every kind of PNG, made by hand from the specification.

    python3 tests/unit/nn/make_png_samples.py

The picture is 5 wide and 3 high; the pixel at (x, y) has v = (37 x + 71 y) % 256 and is grey v, or
(v, 255 - v, 3 v % 256); fewer bits keep the upper ones; pixel (1, 1) is transparent where there is alpha.
"""
import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parents[1] / "fuzz/corpus/png"
W, H = 5, 3
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def value(x, y):
    return (37 * x + 71 * y) % 256


def samples(x, y, kind):
    v = value(x, y)
    alpha = [0 if (x, y) == (1, 1) else 255]
    rgb = [v, 255 - v, 3 * v % 256]
    return {GREY: [v], RGB: rgb, PALETTE: [y * W + x], GREY_ALPHA: [v] + alpha, RGBA: rgb + alpha}[kind]


def row(xs, y, kind, depth):
    if depth == 16:
        return b"".join(struct.pack(">H", s * 257) for x in xs for s in samples(x, y, kind))
    bits = "".join(format(s if kind == PALETTE else s >> (8 - depth), f"0{depth}b")
                   for x in xs for s in samples(x, y, kind))
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def image_data(kind, depth, interlaced):
    out = b""
    for x0, y0, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        xs = range(x0, W, dx)
        for y in range(y0, H, dy) if len(xs) else ():
            out += b"\0" + row(xs, y, kind, depth)
    return out


def png(kind, depth=8, interlaced=False, size=(W, H), data=None, extra=b""):
    head = struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, int(interlaced))
    body = zlib.compress(image_data(kind, depth, interlaced) if data is None else data, 9)
    palette = b""
    if kind == PALETTE:
        colours = [samples(i % W, i // W, RGB) for i in range(W * H)]
        palette = chunk(b"PLTE", bytes(sum(colours, [])))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + palette + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:]


GOOD = {
    "grey": png(GREY), "grey_1": png(GREY, 1), "grey_4": png(GREY, 4), "grey_16": png(GREY, 16),
    "grey_alpha": png(GREY_ALPHA), "grey_interlaced": png(GREY, interlaced=True),
    "rgb": png(RGB), "rgb_16": png(RGB, 16), "rgba": png(RGBA), "rgb_interlaced": png(RGB, interlaced=True),
    "palette": png(PALETTE), "palette_4": png(PALETTE, 4),
    "palette_transparent": png(PALETTE, extra=chunk(b"tRNS", b"\xff" * 6 + b"\0")),
}
BAD = {
    "cut": GOOD["rgb"][:-20], "no_data": GOOD["rgb"][:33], "damaged_data": flip(GOOD["rgb"], 50),
    "damaged_header": flip(GOOD["rgb"], 30), "few_rows": png(RGB, data=image_data(RGB, 8, False)[:20]),
    "huge": png(RGB, size=(1 << 30, 1 << 30)), "wide": png(GREY, size=(4097, 1)), "empty": png(GREY, size=(0, 3)),
    "bomb": png(GREY, size=(4096, 4096), data=b"\0" * (1 << 16)),
    "bad_kind": png(GREY).replace(b"\x08\0\0\0\0", b"\x08\x05\0\0\0"),
    "no_palette": png(PALETTE).replace(b"PLTE", b"pLTE"), "text": b"GIF89a, not a PNG at all, whatever its name says.",
}


def main():
    CORPUS.mkdir(parents=True, exist_ok=True)
    out = ["/* Made by make_png_samples.py. */", "struct sample {", "    const char *name;", "    size_t n;",
           "    const unsigned char *bytes;", "};"]
    for table, files in (("good", GOOD), ("bad", BAD)):
        rows = []
        for name, data in files.items():
            (CORPUS / name).write_bytes(data)
            text = "".join(f"\\x{b:02x}" for b in data)
            parts = [text[i:i + 80] for i in range(0, len(text), 80)]
            rows.append(f'{{"{name}", {len(data)}, (const unsigned char *)"' + '"\n"'.join(parts) + '"},')
        out += [f"static const struct sample {table}[] = {{", *rows, "};"]
    for path, name in {"círculo/1": "rgb", "círculo/2": "palette", "raya/1": "grey", "raya/2": "rgba"}.items():
        to = HERE.parents[1] / f"lua/folder/{path}.png"
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(GOOD[name])
    (HERE / "png_samples.h").write_text("\n".join(out) + "\n")


main()
