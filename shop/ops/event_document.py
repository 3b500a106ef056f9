"""The part of docs/events.md that is read off the code: every name, its payload, who hears it."""

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from shop.events.queries import Told, told

# What stands above it in the document is written by people.
MARK = (
    "<!-- From here on `manage.py events document` writes, and what is changed by hand is lost. -->"
)


def with_names(text: str) -> str:
    """Return the document with its second part written anew."""
    written, _, _ = text.partition(MARK)
    return f"{written}{MARK}\n\n{names()}"


def names() -> str:
    """Return a heading for every area, and below it one for each name."""
    blocks = []
    for area, kinds in groupby(told(), key=lambda each: each.kind.name.partition(".")[0]):
        blocks.append(f"## {area.capitalize()}")
        blocks += [_block(each) for each in kinds]
    return "\n\n".join(blocks) + "\n"


def _block(each: Told) -> str:
    kind = each.kind
    schema = json.dumps(kind.schema, indent=2)
    heard = ", ".join(f"`{name}`" for name in each.handlers) or "nobody yet"
    return "\n\n".join(
        [
            f"### `{kind.name}`",
            kind.says,
            "\n".join(_rows(kind.schema["properties"])) or "Its payload is empty.",
            f"Version {kind.version}. Heard by: {heard}.",
            f"<details><summary>JSON Schema</summary>\n\n```json\n{schema}\n```\n\n</details>",
        ]
    )


def _rows(properties: Mapping[str, Any]) -> Iterator[str]:
    if properties:
        yield "| in the payload | what |"
        yield "| --- | --- |"
    for name, schema in properties.items():
        yield f"| `{name}` | {_words(schema)} |"


def _words(schema: Mapping[str, Any]) -> str:
    """Return in words what a value is."""
    if "anyOf" in schema:
        return f"{_words(schema['anyOf'][0])}, or null"
    if schema["type"] == "array":
        return f"list of {_words(schema['items'])}"
    if schema["type"] == "object":
        inside = (f"`{name}` ({_words(part)})" for name, part in schema["properties"].items())
        return f"{{{', '.join(inside)}}}"
    if "pattern" in schema:
        return "amount, as text with two places"
    return {"boolean": "yes or no", "integer": "number", "string": "text"}[schema["type"]]
