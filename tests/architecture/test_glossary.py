"""The documents are about this shop: no word, refusal, invariant, file or command of theirs is made
up, and none of the shop's is missing.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.core.management import get_commands

from shop.storefront.sentences import SENTENCES
from tests.architecture.documents import (
    CONSISTENCY,
    GLOSSARY,
    RefusalFacts,
    anchor,
    dead_links,
    dead_names,
    documents,
    headings,
    invariants,
    refusal_table,
    refusals,
    words_after,
)
from tests.architecture.house import ROOT, Source, shop_sources
from tests.architecture.tables import shop_models

pytestmark = pytest.mark.once


def texts() -> dict[Path, str]:
    return {path: (ROOT / path).read_text(encoding="utf-8") for path in documents()}


def code(*lines: str) -> list[Source]:
    return [Source.parse("shop/cart/errors.py", "\n".join(lines))]


def test_every_model_is_in_the_glossary() -> None:
    text = GLOSSARY.read_text(encoding="utf-8")
    names = {model.__name__ for model in shop_models()}
    assert {"Order", "StockLevel"} <= names
    assert not {name for name in names if f"`{name}`" not in text}


def test_every_refusal_is_in_the_glossary_with_its_data_and_its_status() -> None:
    found = refusals(shop_sources())
    assert RefusalFacts("cart_is_full", ("limit",)) in found
    statuses = {facts: SENTENCES[facts.code][0].value for facts in found}
    assert refusal_table(GLOSSARY.read_text(encoding="utf-8")) == statuses


def test_every_invariant_has_its_heading_in_the_document_about_consistency() -> None:
    found = invariants(shop_sources())
    assert {"stock-promises", "one-order-per-origin"} <= found
    text = CONSISTENCY.read_text(encoding="utf-8")
    assert {head.strip("`") for head in headings(text) if head[0] == "`"} == found


def test_no_link_is_dead() -> None:
    found = texts()
    assert Path("README.md") in found
    assert not [
        dead for path, text in found.items() for dead in dead_links(path, text, texts=found)
    ]


def test_files_and_tests_that_are_named_are_there() -> None:
    assert not [dead for path, text in texts().items() for dead in dead_names(path, text)]


def test_the_words_of_make_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    used = _used("make", texts().values())
    assert {"run", "test"} <= used <= known


def test_the_words_of_manage_py_are_commands() -> None:
    used = _used("manage.py", texts().values())
    assert {"audit", "import_catalogue"} <= used <= set(get_commands())


def _used(command: str, found: Iterable[str]) -> set[str]:
    return {word for text in found for word in words_after(command, text)}


def test_refusals_are_seen_with_their_data() -> None:
    found = code(
        "class Full(Refusal):",
        "    code: ClassVar[str] = 'full'",
        "    limit: int",
        "class Fuller(errors.Full):",
        "    code: ClassVar[str] = 'fuller'",
        "class Other(Exception):",
        "    code: ClassVar[str] = 'other'",
    )
    assert refusals(found) == {RefusalFacts("full", ("limit",)), RefusalFacts("fuller", ())}


def test_a_refusal_without_a_code_is_an_error() -> None:
    with pytest.raises(ValueError, match="Full has no code"):
        refusals(code("class Full(Refusal):", "    limit: int"))


def test_refusals_of_tests_do_not_count() -> None:
    text = "class Full(Refusal):\n    code: ClassVar[str] = 'full'"
    assert not refusals([Source.parse("shop/cart/tests/test_errors.py", text)])


def test_invariants_are_seen_wherever_a_breach_is_made() -> None:
    found = code(
        "yield Breach('by-place', row, detail)",
        "yield breaches.Breach(invariant='by-name', row=row, detail=detail)",
        "yield from repeated_values(rows, 'a', invariant='by-helper', row='row')",
        "yield Breach(invariant, row, detail)",
        "other('nothing')",
    )
    assert invariants(found) == {"by-place", "by-name", "by-helper"}


def test_the_table_of_refusals_is_read_row_by_row() -> None:
    text = (
        "| `full` | No room. | `limit`, `lines` | 409 |\n"
        "| `gone` | Not there. | - | 404 |\n"
        "| full | Not a code. | - | 409 |\n"
    )
    assert refusal_table(text) == {
        RefusalFacts("full", ("limit", "lines")): 409,
        RefusalFacts("gone", ()): 404,
    }


@pytest.mark.parametrize(
    ("link", "dead"),
    [
        ("LICENSE", False),
        ("docs/glossary.md", False),
        ("docs", False),
        ("https://example.org/nowhere", False),
        ("#here-i-am", False),
        ("docs/glossary.md#nowhere", True),
        ("#nowhere", True),
        ("docs/nowhere.md", True),
        ("glossary.md", True),
    ],
)
def test_dead_links_are_seen(link: str, dead: bool) -> None:
    path, text = Path("README.md"), f"# Here I am\n[text]({link})"
    found = {path: text, Path("docs/glossary.md"): "# Words"}
    assert bool(list(dead_links(path, text, texts=found))) is dead


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Here I am", "here-i-am"),
        ("`stock-ledger`", "stock-ledger"),
        ("What `make` does, and why", "what-make-does-and-why"),
    ],
)
def test_anchors_are_made_of_headings(heading: str, expected: str) -> None:
    assert anchor(heading) == expected


def test_number_signs_in_code_are_no_headings() -> None:
    assert headings("# One\n```sh\n# no heading\n```\n## Two\n") == ["One", "Two"]


@pytest.mark.parametrize(
    ("name", "dead"),
    [
        ("shop/lib/fields.py", False),
        ("shop/lib/", False),
        ("shop/lib/fields.py::ExactCharField.db_parameters", False),
        ("shop/lib/fields.py::db_parameters", True),
        ("shop/lib/nowhere.py", True),
        ("shop/<package>/tasks.py", False),
        ("cart/add/12/", False),
    ],
)
def test_dead_names_are_seen(name: str, dead: bool) -> None:
    assert bool(list(dead_names(Path("README.md"), f"See `{name}`."))) is dead


def test_commands_are_read_from_code_alone() -> None:
    text = (
        "We make shops. Type `make run PORT=8080`, or:\n"
        "```sh\n"
        ".venv/bin/python manage.py audit   # make sure\n"
        "```\n"
        "```\n"
        "what would make sense elsewhere\n"
        "```\n"
    )
    assert words_after("make", text) == {"run"}
    assert words_after("manage.py", text) == {"audit"}
