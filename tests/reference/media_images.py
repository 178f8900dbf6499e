"""Images of every kind that users have, and what Pillow makes of them.

media_images.py FOLDER [--resize] writes FOLDER/NAME (the file) and FOLDER/NAME.rgb (two little-endian int32, width and
height, then the RGB bytes that the reader must give). Files without an .rgb beside them must be refused.
With --resize it writes FOLDER/source.rgb and FOLDER/WIDTHxHEIGHT-FILTER.rgb.
"""
import io
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

folder = Path(sys.argv[1])
random = np.random.default_rng(7)


def scene(width, height, channels=3):
    """Smooth shapes, an edge and some noise: what photos have."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        127 + 80 * np.sin(x / 9 + c) + 40 * np.cos(y / 7 * (c + 1)) + 60 * (x + y > (width + height) / 2)
        for c in range(channels)
    ]
    values = np.stack(planes, -1) + random.normal(0, 4, (height, width, channels))
    return np.clip(values, 0, 255).astype(np.uint8)


def write_rgb(path, image):
    array = np.asarray(image.convert("RGB"))
    path.write_bytes(struct.pack("<ii", array.shape[1], array.shape[0]) + array.tobytes())


def keep(name, data, expected=None):
    (folder / name).write_bytes(data)
    if expected is None:
        expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    write_rgb(folder / (name + ".rgb"), expected)


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, interlace=0, more=b""):
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


def adam7(array):
    """Rows of the seven passes of an interlaced 8-bit PNG."""
    rows = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = array[y0::dy, x0::dx]
        if part.shape[0] and part.shape[1]:
            rows += b"".join(b"\0" + row.tobytes() for row in part)
    return rows


def write_files():
    colour = Image.fromarray(scene(61, 43))
    grey = colour.convert("L")
    keep("plain.jpg", encoded(colour, "JPEG", quality=90))
    keep("sampled.jpg", encoded(colour, "JPEG", quality=80, subsampling=2))
    keep("unsampled.jpg", encoded(colour, "JPEG", quality=80, subsampling=0))
    keep("progressive.jpg", encoded(colour, "JPEG", progressive=True))
    keep("grey.jpg", encoded(grey, "JPEG"))
    keep("cmyk.jpg", encoded(colour.convert("CMYK"), "JPEG"))
    keep("restart.jpg", encoded(colour, "JPEG", restart_marker_blocks=2))
    keep("tiny.jpg", encoded(colour.resize((1, 1)), "JPEG"))
    inks = encoded(Image.fromarray(scene(40, 30, 4), "CMYK"), "JPEG")
    # The Adobe marker's last byte is the colour transform: 2 says YCCK.
    at = inks.index(b"Adobe")
    keep("ycck.jpg", inks[: at + 11] + b"\x02" + inks[at + 12 :])
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        keep(f"turned{orientation}.jpg", encoded(colour, "JPEG", exif=exif))
        keep(f"turned{orientation}.png", encoded(colour, "PNG", exif=exif))
        keep(f"turned{orientation}.webp", encoded(colour, "WEBP", exif=exif, quality=80))
    big_endian = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    keep("turned6-motorola.jpg", encoded(colour, "JPEG", exif=big_endian))

    alpha = Image.fromarray(scene(33, 21, 4), "RGBA")
    keep("plain.png", encoded(colour, "PNG"))
    keep("grey.png", encoded(grey, "PNG"))
    keep("grey-alpha.png", encoded(alpha.convert("LA"), "PNG"))
    keep("alpha.png", encoded(alpha, "PNG"))
    keep("palette.png", encoded(colour.quantize(40), "PNG"))
    keep("palette16.png", encoded(colour.quantize(9), "PNG", bits=4))
    keep("palette-alpha.png", encoded(colour.quantize(40), "PNG", transparency=bytes(range(0, 160, 4))))
    keep("bits.png", encoded(grey.convert("1"), "PNG"))
    keep("see-through-colour.png", encoded(colour, "PNG", transparency=(1, 2, 3)))
    packed = np.packbits(random.integers(0, 2, (9, 32), dtype=np.uint8), axis=1)
    for depth in (1, 2, 4):
        rows = b"".join(b"\0" + row.tobytes() for row in packed)
        keep(f"grey{depth}.png", png(32 // depth, 9, depth, 0, rows))
    array = np.asarray(colour)
    keep("interlaced.png", png(61, 43, 8, 2, adam7(array), 1), colour)
    # 16 bits: Pillow keeps the high byte of colours, but clips grey at 255, which leaves white; the high byte is meant.
    deep = random.integers(0, 65536, (8, 11, 3), dtype=np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in deep)
    keep("deep.png", png(11, 8, 16, 2, rows))
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in deep[:, :, 0])
    keep("deep-grey.png", png(11, 8, 16, 0, rows), Image.fromarray((deep[:, :, 0] >> 8).astype(np.uint8)))
    keep("broken-text.png", png(61, 43, 8, 2, b"".join(b"\0" + r.tobytes() for r in array), 0, b"\0\0\0\x02tEXtabXXXX"), colour)

    keep("lossy.webp", encoded(colour, "WEBP", quality=70))
    keep("lossless.webp", encoded(colour, "WEBP", lossless=True))
    keep("alpha.webp", encoded(alpha, "WEBP", lossless=True, exact=True))
    frames = [Image.fromarray(scene(20, 16)) for _ in range(3)]
    keep("animated.webp", encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True), frames[0])

    def refuse(name, data):
        (folder / name).write_bytes(data)

    refuse("empty.png", b"")
    refuse("text.jpg", b"this is not an image\n")
    refuse("page.jpg", b"<!DOCTYPE html><html></html>")
    refuse("one.gif", encoded(colour, "GIF"))
    refuse("one.bmp", encoded(colour, "BMP"))
    refuse("one.tiff", encoded(colour, "TIFF"))
    refuse("bomb.png", png(60000, 60000, 8, 2, b"\0" * 1000))
    refuse("bomb-small.png", png(12000, 12000, 8, 2, b"\0" * 1000))
    refuse("wide.png", png(0x7FFFFFFF, 1, 8, 0, b"\0" * 1000))
    refuse("zero.png", png(0, 5, 8, 2, b"\0"))
    refuse("checksum.png", bytes(b ^ (i == 60) for i, b in enumerate(encoded(colour, "PNG"))))
    frame = encoded(colour, "JPEG")
    at = frame.index(b"\xff\xc0")
    refuse("bomb.jpg", frame[: at + 5] + b"\xff\xff\xff\xff" + frame[at + 9 :])
    refuse("zero.jpg", frame[: at + 5] + b"\0\0\0\0" + frame[at + 9 :])
    refuse("headless.jpg", frame[:20] + b"\xff\xd9")


def write_sizes():
    source = Image.fromarray(scene(97, 71))
    write_rgb(folder / "source.rgb", source)
    for width, height in [(32, 32), (224, 224), (97, 20), (10, 71), (1, 1), (300, 5), (96, 72), (49, 36)]:
        for filter in range(6):
            write_rgb(folder / f"{width}x{height}-{filter}.rgb", source.resize((width, height), filter))


write_sizes() if "--resize" in sys.argv else write_files()
