"""The addresses that nginx may keep answers of, read off the views that say they answer everybody.

    python -m deploy.nginx.addresses

writes them into novashop.conf.template. A test finds out where that was forgotten.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from deploy.nginx.site import TEMPLATE

_CONVERTER = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")


def written_into(template: str) -> str:
    """Return the template with what follows its lines BEGIN, up to a comment, as it is now."""
    found = dict(sorted(_public(_resolver()), key=_how_seldom))
    for name, part in {"parameters": _parameters(found), "location": _location(found)}.items():
        (marked,) = re.finditer(rf"# BEGIN {name} .*\n((?:[^#\n]*\n)*)", template)
        template = template[: marked.start(1)] + part + template[marked.end(1) :]
    return template


def _how_seldom(address: tuple[str, Sequence[str]]) -> tuple[bool, bool, str]:
    """Tell where an address stands: nginx tries one after the other, those wanted most first."""
    path, _ = address
    return path.startswith("api/"), not path.startswith("products/"), path


def _resolver() -> Any:
    from django.urls import get_resolver  # noqa: PLC0415  (needs the settings, which a server lacks)

    return get_resolver()


def _public(patterns: Any, prefix: str = "") -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the expression of each address for everybody, with its parameters."""
    from shop.lib.public.answering import parameters_of  # noqa: PLC0415

    for found in patterns.url_patterns:
        path = prefix + _expression(found.pattern)
        if hasattr(found, "url_patterns"):
            yield from _public(found, path)
        elif (parameters := parameters_of(found.callback)) is not None:
            yield path, parameters


def _expression(pattern: Any) -> str:
    converters = pattern.converters
    if not converters:
        return str(pattern)
    return _CONVERTER.sub(lambda match: str(converters[match[1]].regex), str(pattern))


def _parameters(found: Mapping[str, Sequence[str]]) -> str:
    names = sorted({name for parameters in found.values() for name in parameters})
    said = "".join(
        f'map $arg_{name} $novashop_said_{name} {{\n    ""      "";\n    default'
        f' "{name}=$arg_{name}&";\n}}\n'
        for name in names
    )
    lines = "".join(
        f'    "~^/{path}$" "{"".join(f"$novashop_said_{name}" for name in parameters)}";\n'
        for path, parameters in found.items()
        if parameters
    )
    return f'{said}map $uri $novashop_parameters {{\n    default "";\n{lines}}}\n'


def _location(found: Iterable[str]) -> str:
    paths = "|".join(path.removesuffix("$") for path in found)
    return f'    location ~ "^/({paths})$" {{\n'


def main() -> None:
    """Write the template anew."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")
    django.setup()
    TEMPLATE.write_text(written_into(TEMPLATE.read_text()))


if __name__ == "__main__":
    main()
