"""The addresses that nginx may keep answers of, read off the views that say they answer everybody.

    python -m deploy.nginx.addresses

writes them into novashop.conf.template. A test finds out where that was forgotten.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deploy.nginx.site import TEMPLATE

_BEGIN = "# BEGIN addresses (python -m deploy.nginx.addresses)\n"
_END = "# END addresses\n"
_CONVERTER = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")


def block() -> str:
    """Return the part of the template that names addresses and their parameters."""
    found = dict(sorted(_public(_resolver()), key=_how_seldom))
    return f"{_BEGIN}{_parameters(found)}{_addresses(found)}{_END}"


def written_into(template: str) -> str:
    """Return the template with that part as it is now, and the location that goes with it."""
    before, _, rest = template.partition(_BEGIN)
    return before + block() + rest.partition(_END)[2]


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
    return "".join(
        f'map $arg_{name} $novashop_said_{name} {{\n    ""      "";\n    default'
        f' "{name}=$arg_{name}&";\n}}\n'
        for name in names
    )


def _addresses(found: Mapping[str, Sequence[str]]) -> str:
    lines = [
        f'    "~^/{path}$" "{"".join(f"$novashop_said_{name}" for name in parameters)}";\n'
        for path, parameters in found.items()
        if parameters
    ]
    known = "".join(f'    "~^/{path}$" 1;\n' for path in found)
    return (
        f'map $uri $novashop_parameters {{\n    default "";\n{"".join(lines)}}}\n'
        f'map $uri $novashop_is_public {{\n    default "";\n{known}}}\n'
    )


def main() -> None:
    """Write the template anew."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")
    django.setup()
    TEMPLATE.write_text(written_into(TEMPLATE.read_text()))


if __name__ == "__main__":
    main()
