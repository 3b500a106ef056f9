"""A picture as a page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shop.catalog.rules import MASTER_FORMAT, RENDITION_FORMATS, rendition_name


class Source(NamedTuple):
    """The renditions of a picture in one format: what a `<source>` says."""

    type: str
    srcset: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as pages and API bodies show it; without sources until its renditions are made."""

    url: str
    alt: str
    width: int
    height: int
    sources: tuple[Source, ...] = ()


def picture_of(*, url: str, alt: str, width: int, height: int, widths: Sequence[int]) -> Picture:
    """Return a picture with its sources, the best format first, given how wide renditions are."""
    renditions = {
        format_: [(rendition_name(url, wide, format_), wide) for wide in widths]
        for format_ in RENDITION_FORMATS
    }
    # What is wider than the widest rendition exists in one format only, the picture's own.
    if widths and width > max(widths):
        renditions[MASTER_FORMAT].append((url, width))
    return Picture(
        url=url,
        alt=alt,
        width=width,
        height=height,
        sources=tuple(
            Source(f"image/{format_}", ", ".join(f"{address} {wide}w" for address, wide in found))
            for format_, found in renditions.items()
            if found
        ),
    )
