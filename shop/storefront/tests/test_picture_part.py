"""A picture on a page: the browser chooses the file, and keeps the room free until it comes."""

from dataclasses import replace

from django.http import HttpResponse
from django.template.loader import render_to_string

from shop.showcase.rules import Picture, picture_of
from shop.storefront.tests.reading import tags

FLAG = picture_of(url="/media/p.webp", alt='A "flag" <b>', width=700, height=350, widths=[320, 700])


def shown(picture: Picture = FLAG, **options: object) -> HttpResponse:
    context = {"picture": picture, **options}
    return HttpResponse(render_to_string("storefront/parts/picture.html", context))


def all_of(name: str, html: HttpResponse) -> list[dict[str, str]]:
    return [attributes for tag, attributes in tags(html) if tag == name]


def test_the_browser_is_told_what_there_is() -> None:
    html = shown(sizes="(min-width: 64rem) 15rem, 45vw")

    avif, webp = all_of("source", html)
    assert avif == {
        "type": "image/avif",
        "srcset": "/media/p-320.avif 320w, /media/p-700.avif 700w",
        "sizes": "(min-width: 64rem) 15rem, 45vw",
    }
    assert (webp["type"], webp["sizes"]) == ("image/webp", avif["sizes"])
    (img,) = all_of("img", html)
    assert img == {
        "class": "picture",
        "src": "/media/p.webp",
        "alt": 'A "flag" <b>',
        "width": "700",
        "height": "350",
        "decoding": "async",
        "loading": "lazy",
    }


def test_what_is_seen_first_is_loaded_first() -> None:
    (img,) = all_of("img", shown(eager=True))

    assert (img["loading"], img["fetchpriority"]) == ("eager", "high")


def test_a_new_picture_is_shown_as_it_is() -> None:
    html = shown(replace(FLAG, sources=()))

    assert all_of("source", html) == []
    assert [img["src"] for img in all_of("img", html)] == ["/media/p.webp"]
    assert all_of("source", shown())[0]["sizes"] == "100vw"
