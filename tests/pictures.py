"""Pictures to upload, good ones and bad ones, as the bytes of their files."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

RED, BLUE = (255, 0, 0), (0, 0, 255)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(document.cookie)</script></svg>"


def flag(width: int = 400, height: int = 200) -> Image.Image:
    """Return a picture that is blue on the left and red on the right."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (0, 0, width // 2, height))
    return picture


def file_of(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return a picture as a file of that kind."""
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def look_at(file: Path) -> tuple[str | None, tuple[int, int]]:
    """Return which kind of picture a file holds, and its size."""
    with Image.open(file) as picture:
        return picture.format, picture.size


def upload(data: bytes | None = None, name: str = "flag.png") -> BytesIO:
    """Return a file that somebody sends (the flag, unless other bytes are given)."""
    file = BytesIO(file_of(flag()) if data is None else data)
    file.name = name
    return file


def claiming_png(width: int, height: int, *, pixels: bytes = b"") -> bytes:
    """Return a PNG that says it is that large, in black and white, whatever pixels it has."""
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(pixels)),
            _chunk(b"IEND", b""),
        ]
    )


def animated(kind: str) -> bytes:
    """Return a picture of that kind that moves."""
    return file_of(
        flag(), kind, save_all=True, append_images=[flag().rotate(180)], duration=100, loop=0
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
