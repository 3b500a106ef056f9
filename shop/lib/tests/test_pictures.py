"""What comes in is judged by what it is, and what goes out is the picture and nothing else."""

import contextlib
import random
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from shop.lib.pictures import (
    InvalidPicture,
    Limits,
    Master,
    PictureProblem,
    encode_rendition,
    open_master,
    read_picture,
)
from tests.pictures import BLUE, RED, SVG, animated, claiming_png, file_of, flag, upload

pytestmark = pytest.mark.once

ORIENTATION, CAMERA, GPS, LATITUDE = 0x0112, 0x0110, 0x8825, 2
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>at home</x:xmpmeta>"
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

BOMB_DISPOSAL = """
import resource, sys
from shop.lib.pictures import InvalidPicture, read_picture
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_picture(open(sys.argv[1], "rb"))
except InvalidPicture as refusal:
    print(refusal.problem, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def made_of(data: bytes, *, limits: Limits | None = None) -> Image.Image:
    master = read_picture(BytesIO(data), limits=limits or Limits())
    picture = Image.open(BytesIO(master.data))
    assert picture.format == "WEBP"
    assert picture.size == (master.width, master.height)
    return picture


def refused(data: bytes, *, limits: Limits | None = None) -> PictureProblem:
    with pytest.raises(InvalidPicture) as refusal:
        read_picture(BytesIO(data), limits=limits or Limits())
    return refusal.value.problem


def looks_like(picture: Image.Image, place: tuple[int, int], colour: tuple[int, ...]) -> bool:
    """Tell whether a pixel has that colour, but for what compression does to it."""
    found = picture.getpixel(place)
    assert isinstance(found, tuple)
    assert len(found) == len(colour)
    return all(abs(one - other) <= 6 for one, other in zip(found, colour, strict=True))


def gps_exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[CAMERA] = "Snoopy 3000"
    exif[ORIENTATION] = orientation
    exif.get_ifd(GPS)[LATITUDE] = (53.0, 48.0, 1.0)
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_pictures_of_four_kinds_become_one(kind: str) -> None:
    picture = made_of(file_of(flag(), kind))

    assert picture.size == (400, 200)
    assert picture.mode == "RGB"
    assert looks_like(picture, (10, 100), BLUE)
    assert looks_like(picture, (390, 100), RED)


def test_the_same_picture_becomes_the_same_bytes() -> None:
    assert read_picture(upload()) == read_picture(upload())


def test_it_does_not_matter_how_far_a_file_was_read_before() -> None:
    file = upload()
    file.read()

    assert read_picture(file).width == 400


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_it_says_nothing_of_place_and_camera(kind: str) -> None:
    sent = file_of(flag(), kind, exif=gps_exif(), icc_profile=SRGB, xmp=XMP)
    assert Image.open(BytesIO(sent)).getexif().get_ifd(GPS)[LATITUDE] == (53.0, 48.0, 1.0)

    master = read_picture(BytesIO(sent))

    picture = Image.open(BytesIO(master.data))
    assert not picture.getexif()
    assert not {"exif", "xmp", "icc_profile"} & set(picture.info)
    for secret in (b"Snoopy", b"at home", b"EXIF", b"XMP", b"ICCP", b"sRGB"):
        assert secret not in master.data


def test_what_is_hidden_behind_a_picture_is_gone() -> None:
    script = b"<script>alert(1)</script>PK\x03\x04"
    polyglot = file_of(flag(), "JPEG", comment=script) + script

    master = read_picture(BytesIO(polyglot))

    assert polyglot.count(script) == 2
    assert script not in master.data
    assert (master.width, master.height) == (400, 200)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_it_stands_upright(kind: str) -> None:
    """Six says: turn me a quarter to the right."""
    picture = made_of(file_of(flag(), kind, exif=gps_exif(orientation=6)))

    assert picture.size == (200, 400)
    assert looks_like(picture, (100, 10), BLUE)
    assert looks_like(picture, (100, 390), RED)


def test_a_large_picture_is_made_smaller() -> None:
    assert made_of(file_of(flag(5000, 2500), "JPEG")).size == (2000, 1000)
    assert made_of(file_of(flag(2500, 5000))).size == (1000, 2000)
    assert made_of(file_of(flag(2000, 1999))).size == (2000, 1999)


def test_a_large_picture_is_turned_as_well() -> None:
    picture = made_of(file_of(flag(5000, 2500), "JPEG", exif=gps_exif(orientation=8)))

    assert picture.size == (1000, 2000)
    assert looks_like(picture, (500, 10), RED)
    assert looks_like(picture, (500, 1990), BLUE)


def test_the_colours_of_print_become_those_of_screens() -> None:
    picture = made_of(file_of(flag().convert("CMYK"), "JPEG"))

    assert picture.mode == "RGB"
    assert looks_like(picture, (10, 100), BLUE)
    assert looks_like(picture, (390, 100), RED)


def test_the_colours_of_a_profile_become_those_of_the_web() -> None:
    """The same numbers mean another colour where the profile says so."""
    grey = Image.new("RGB", (200, 200), (128, 128, 128))

    assert looks_like(made_of(file_of(grey, icc_profile=SRGB)), (9, 9), (128, 128, 128))
    assert looks_like(made_of(file_of(grey, icc_profile=linear())), (9, 9), (188, 188, 188))


def test_a_profile_that_is_nonsense_is_ignored() -> None:
    grey = Image.new("RGB", (200, 200), (128, 128, 128))
    other = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()

    assert looks_like(made_of(file_of(grey, icc_profile=other)), (9, 9), (128, 128, 128))
    assert looks_like(made_of(file_of(grey, icc_profile=b"nonsense")), (9, 9), (128, 128, 128))


def linear() -> bytes:
    """Return a profile in which twice the number is twice the light: sRGB with straight curves."""
    profile = bytearray(SRGB)
    for name in (b"rTRC", b"gTRC", b"bTRC"):
        entry = profile.index(name, 128)
        offset = int.from_bytes(profile[entry + 4 : entry + 8], "big")
        # A curve of one number: gamma, here 1.0.
        profile[offset : offset + 14] = b"curv\0\0\0\0\0\0\0\x01\x01\x00"
        profile[entry + 8 : entry + 12] = (14).to_bytes(4, "big")
    return bytes(profile)


def test_what_is_transparent_stays_so() -> None:
    palette = flag().convert("P")
    blue = palette.getpixel((0, 0))

    picture = made_of(file_of(palette, transparency=blue))

    assert picture.mode == "RGBA"
    assert looks_like(picture, (390, 100), (*RED, 255))
    assert picture.getchannel("A").getpixel((10, 100)) == 0


def test_what_could_be_transparent_but_is_not_is_not() -> None:
    assert made_of(file_of(flag().convert("RGBA"))).mode == "RGB"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_way_to_keep_colours_is_known(mode: str) -> None:
    light = Image.new("L", (200, 200), 200)
    sent = (
        Image.new("I;16", (200, 200), 200 * 256)
        if mode == "I;16"
        else light.convert(mode, dither=Image.Dither.NONE)
    )

    expected = (255, 255, 255) if mode == "1" else (200, 200, 200)
    assert looks_like(made_of(file_of(sent)), (100, 100), expected)


def test_a_telephones_two_pictures_in_one_are_the_first_one() -> None:
    sent = file_of(flag(), "MPO", save_all=True, append_images=[flag(100, 100)])

    assert made_of(sent).size == (400, 200)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"This is a shopping list, called holiday.jpg.",
        SVG,
        b"<?xml version='1.0'?>" + SVG,
        b"%PDF-1.7",
        b"\xff\xd8",
        file_of(flag(), "GIF"),
        animated("GIF"),
        file_of(flag(), "TIFF"),
        file_of(flag(), "BMP"),
        file_of(flag(), "ICO"),
        b"GIF89a/*" + file_of(flag(), "JPEG") + b"*/=1;alert(1)",
        b"RIFF\x10\0\0\0WAVEfmt ",
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert refused(data) == PictureProblem.NOT_A_PICTURE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
def test_half_a_picture_is_refused(kind: str, part: float) -> None:
    noise = Image.effect_noise((300, 300), 80).convert("RGB")
    data = file_of(noise, kind)

    assert refused(data[: int(len(data) * part)]) == PictureProblem.DAMAGED


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_nonsense_with_a_good_beginning_is_refused(kind: str) -> None:
    chance = random.Random(7)  # noqa: S311  (no secret)
    assert refused(file_of(flag(), kind)[:12] + chance.randbytes(5000)) == PictureProblem.DAMAGED


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_no_damage_does_harm(kind: str) -> None:
    """A picture with a few wrong bytes is read or refused; nothing else ever happens."""
    chance = random.Random(7)  # noqa: S311  (no secret)
    whole = file_of(flag(), kind, exif=gps_exif(), icc_profile=SRGB)
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(12, len(data))] = chance.randrange(256)
        with contextlib.suppress(InvalidPicture):
            assert max(made_of(bytes(data)).size) <= 2000


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_what_moves_is_refused(kind: str) -> None:
    assert refused(animated(kind)) == PictureProblem.ANIMATED


def test_what_is_too_small_is_refused() -> None:
    assert refused(file_of(flag(99, 400))) == PictureProblem.TOO_SMALL
    assert refused(file_of(flag(400, 99))) == PictureProblem.TOO_SMALL
    assert made_of(file_of(flag(100, 100))).size == (100, 100)


def test_more_bytes_than_allowed_are_refused_and_not_read() -> None:
    data = file_of(flag()) + bytes(1_000_000)
    file = BytesIO(data + bytes(5_000_000))

    with pytest.raises(InvalidPicture) as refusal:
        read_picture(file, limits=Limits(megabytes=1))

    assert refusal.value.problem == PictureProblem.TOO_MANY_BYTES
    assert refusal.value.data == {
        "problem": "too_many_bytes",
        "megabytes": 1,
        "megapixels": 50,
        "shortest": 100,
    }
    assert file.tell() == 1_000_001
    assert refused(data, limits=Limits(megabytes=1)) == PictureProblem.TOO_MANY_BYTES
    assert made_of(data[:1_000_000], limits=Limits(megabytes=1)).size == (400, 200)


def test_more_pixels_than_allowed_are_refused() -> None:
    limits = Limits(megapixels=1)

    assert refused(file_of(flag(1001, 1000)), limits=limits) == PictureProblem.TOO_MANY_PIXELS
    assert made_of(file_of(flag(1000, 1000)), limits=limits).size == (1000, 1000)


@pytest.mark.parametrize(
    ("width", "height"),
    [(20_000, 20_000), (10_000, 10_000), (7_100, 7_100), (2**31 - 1, 2**31 - 1), (5_000_001, 10)],
)
def test_what_says_it_is_huge_is_believed(width: int, height: int) -> None:
    assert refused(claiming_png(width, height)) == PictureProblem.TOO_MANY_PIXELS


def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    """Decoded it would be 400 MB; here it is read in a process whose memory is counted."""
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(claiming_png(20_000, 20_000, pixels=bytes(2_501 * 20_000)))
    assert bomb.stat().st_size < 100_000
    program = [sys.executable, "-c", BOMB_DISPOSAL, str(bomb)]

    answer = subprocess.run(program, capture_output=True, text=True, check=True)

    problem, megabytes = answer.stdout.split()
    assert problem == "too_many_pixels"
    assert int(megabytes) < 20


def test_a_jpeg_of_endless_passes_is_refused() -> None:
    """Each pass takes a moment; a file of 10 MB has room for a hundred thousand."""
    data = file_of(flag(), "JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    once, end = data[scan:-2], data[-2:]

    assert made_of(data).size == (400, 200)
    assert refused(data[:scan] + once * 600 + end) == PictureProblem.DAMAGED


def test_renditions_are_as_wide_as_they_should_be() -> None:
    master = read_picture(upload(file_of(flag(800, 400))))
    picture = open_master(master.data)

    for format_, kind in (("avif", "AVIF"), ("webp", "WEBP")):
        for width, height in ((320, 160), (801, 400), (800, 400)):
            rendition = Image.open(BytesIO(encode_rendition(picture, width=width, format_=format_)))
            assert rendition.format == kind
            assert rendition.size == (width, height)
            assert looks_like(rendition.convert("RGB"), (10, 50), BLUE)


def test_renditions_are_transparent_where_their_picture_is() -> None:
    master = read_picture(upload(file_of(Image.new("RGBA", (640, 640), (255, 0, 0, 100)))))

    for format_ in ("avif", "webp"):
        data = encode_rendition(open_master(master.data), width=320, format_=format_)
        assert looks_like(Image.open(BytesIO(data)), (100, 100), (255, 0, 0, 100))


def test_a_rendition_of_a_thread_has_a_height() -> None:
    thread = open_master(read_picture(upload(file_of(flag(20_000, 100), "PNG"))).data)
    assert thread.size == (2000, 10)

    data = encode_rendition(thread, width=100, format_="webp")

    assert Image.open(BytesIO(data)).size == (100, 1)


def test_a_master_is_what_was_made() -> None:
    master = read_picture(upload())

    assert master == Master(data=master.data, width=400, height=200)
    assert open_master(master.data).size == (400, 200)
