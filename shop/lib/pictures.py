"""Pictures that people upload: looked at, and made anew, before anybody else sees them.

What comes out is never the file that came in. It is decoded and encoded again, without what it said
of places, cameras and people, and without whatever was hidden in it.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import ClassVar, Final, Protocol

from PIL import Image, ImageCms, ImageFile, ImageOps

from shop.lib.refusals import Refusal

# Decoders of other formats are never tried. A GIF is not worth a decoder, an SVG is a program.
_BEGINNINGS: Final[dict[str, Callable[[bytes], bool]]] = {
    "JPEG": lambda head: head.startswith(b"\xff\xd8\xff"),
    "PNG": lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    "WEBP": lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
    "AVIF": lambda head: head[4:12] in {b"ftypavif", b"ftypavis"},
}
_HEAD_LENGTH = 12
# A JPEG comes in ten passes or so; each pass goes over the whole picture, so that a small file of
# empty passes keeps a processor busy for hours. A few of these marks are there by chance.
_PASS = b"\xff\xda"
_MOST_PASSES = 500
# One picture at a time is in memory in full, however many are uploaded at once: the largest one
# takes 450 MB for a second.
_one_at_a_time = threading.Lock()
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_MASTER_QUALITY = 86
# How hard the encoder of WebP tries, 0 to 6. Twice the time would save a fifteenth of the bytes, of
# masters, which nobody downloads, and of copies for the few browsers that do not take AVIF.
_EFFORT = 2
_QUALITY: Final = {"avif": 60, "webp": 78}
_AVIF_SPEED = 8


class PictureProblem(StrEnum):
    """Why a file cannot be a picture of the shop."""

    NOT_A_PICTURE = "not_a_picture"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    ANIMATED = "animated"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a picture may be, and how long the longer side is of what is made of it."""

    megabytes: int = 10
    # What telephones make: 48 million, and a little more.
    megapixels: int = 50
    shortest: int = 100
    longest_made: int = 2000


LIMITS: Final = Limits()


@dataclass(eq=False)
class InvalidPicture(Refusal):
    """A file that cannot be a picture of the shop, and what can."""

    code: ClassVar[str] = "invalid_picture"
    problem: PictureProblem
    megabytes: int
    megapixels: int
    shortest: int


class Readable(Protocol):
    """A file somebody sent, opened for bytes."""

    def read(self, size: int, /) -> bytes:
        """Return so many bytes, or as many as there are."""

    def seek(self, offset: int, /) -> object:
        """Go to a place in the file."""


@dataclass(frozen=True, slots=True)
class Master:
    """What was made of a picture: a WebP file in sRGB, upright, that says nothing else."""

    data: bytes
    width: int
    height: int


def read_picture(file: Readable, *, limits: Limits = LIMITS) -> Master:
    """Make a master of the JPEG, PNG, WebP or AVIF picture in a file. Raises InvalidPicture.

    Neither the name of the file nor what its sender calls it counts. A picture with too many pixels
    is refused by its header, before memory is taken for it.
    """
    try:
        data = _read(file, limits)
        with _one_at_a_time:
            picture = _decode(data, limits)
    except _ProblemError as error:
        raise InvalidPicture(
            error.problem,
            megabytes=limits.megabytes,
            megapixels=limits.megapixels,
            shortest=limits.shortest,
        ) from error
    return Master(
        data=_saved(picture, "webp", quality=_MASTER_QUALITY),
        width=picture.width,
        height=picture.height,
    )


def open_master(data: bytes) -> Image.Image:
    """Return a master that `read_picture` has made, decoded, for `encode_rendition`."""
    with Image.open(BytesIO(data), formats=["WEBP"]) as master:
        return _plain(master)


def encode_rendition(picture: Image.Image, *, width: int, format_: str) -> bytes:
    """Return a master in another width and format, "avif" or "webp", as a file."""
    height = max(1, round(picture.height * width / picture.width))
    if (width, height) != picture.size:
        picture = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)
    return _saved(picture, format_, quality=_QUALITY[format_])


class _ProblemError(Exception):
    def __init__(self, problem: PictureProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def _read(file: Readable, limits: Limits) -> bytes:
    most = limits.megabytes * 1_000_000
    file.seek(0)
    data = file.read(most + 1)
    if len(data) > most:
        raise _ProblemError(PictureProblem.TOO_MANY_BYTES)
    return data


def _decode(data: bytes, limits: Limits) -> Image.Image:
    """Return the picture upright, in RGB or RGBA, and no larger than it is kept."""
    kind = _kind_of(data)
    try:
        with Image.open(BytesIO(data), formats=[kind]) as picture:
            _check(picture, limits)
            return _made_of(picture, limits.longest_made)
    except _ProblemError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _ProblemError(PictureProblem.TOO_MANY_PIXELS) from error
    except Exception as error:  # decoders fail in every way there is on what was made to fail them
        raise _ProblemError(PictureProblem.DAMAGED) from error


def _kind_of(data: bytes) -> str:
    head = data[:_HEAD_LENGTH]
    kind = next((name for name, begins in _BEGINNINGS.items() if begins(head)), None)
    if kind is None:
        raise _ProblemError(PictureProblem.NOT_A_PICTURE)
    if kind == "JPEG" and data.count(_PASS) > _MOST_PASSES:
        raise _ProblemError(PictureProblem.DAMAGED)
    return kind


def _check(picture: ImageFile.ImageFile, limits: Limits) -> None:
    """Judge a picture by its header: nothing has been decoded yet."""
    if picture.width * picture.height > limits.megapixels * 1_000_000:
        raise _ProblemError(PictureProblem.TOO_MANY_PIXELS)
    if min(picture.size) < limits.shortest:
        raise _ProblemError(PictureProblem.TOO_SMALL)
    # An "MPO" is what many telephones call a JPEG with a second picture for other purposes.
    if picture.format != "MPO" and getattr(picture, "is_animated", False):
        raise _ProblemError(PictureProblem.ANIMATED)


def _made_of(picture: ImageFile.ImageFile, longest: int) -> Image.Image:
    # A JPEG can be decoded at a half or a quarter of its size.
    picture.draft(None, (longest, longest))
    small = _plain(picture, keep=("RGB", "RGBA", "L", "CMYK"))
    small.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=3)
    upright = ImageOps.exif_transpose(small)
    made = _plain(_in_srgb(upright, picture.info.get("icc_profile")))
    if made.mode == "RGBA" and made.getchannel("A").getextrema() == (255, 255):
        made = made.convert("RGB")
    return made


def _plain(picture: Image.Image, *, keep: tuple[str, ...] = ("RGB", "RGBA")) -> Image.Image:
    """Return the picture in one of the ways to keep colours, with transparency if it has any."""
    picture.load()
    if picture.mode.startswith("I;16"):
        # Sixteen bits of grey: the upper eight.
        picture = picture.point(lambda value: value / 256).convert("L")
        picture.info.pop("transparency", None)
    if picture.mode in keep and "transparency" not in picture.info:
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in the colours of the web; a profile that is nonsense is ignored."""
    if not profile:
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(picture, source, _SRGB, outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture


def _saved(picture: Image.Image, format_: str, *, quality: int) -> bytes:
    """Return the pixels as a file, and nothing but the pixels."""
    file = BytesIO()
    picture.info = {}
    if format_ == "avif":
        # One thread: buyers need the other processors.
        picture.save(file, "AVIF", quality=quality, speed=_AVIF_SPEED, max_threads=1)
    else:
        picture.save(file, "WEBP", quality=quality, method=_EFFORT)
    return file.getvalue()
