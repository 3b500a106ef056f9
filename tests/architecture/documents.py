"""What the documents name, and what the source says there is, so that the two can be compared."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.architecture.house import ROOT, Source

GLOSSARY = ROOT / "docs" / "glossary.md"
CONSISTENCY = ROOT / "docs" / "consistency.md"

_REFUSAL_ROOT = "Refusal"
# What a path in backticks begins with when it is one of ours.
_OUR_FOLDERS = "deploy|docs|novashop|shop|tests"


def documents() -> list[Path]:
    """Return every document for people, relative to the root of the repository."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(path.relative_to(ROOT) for path in found)


@dataclass(frozen=True, slots=True)
class RefusalFacts:
    """What a face needs to know of a refusal: its code, and the names of its data."""

    code: str
    fields: tuple[str, ...]


def refusals(sources: Iterable[Source]) -> set[RefusalFacts]:
    """Return every refusal that is declared outside tests. Raises ValueError for one without code.

    Subclasses of subclasses count too: a class is a refusal if one of its bases is.
    """
    classes = [
        node
        for source in sources
        if not source.is_test
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
    ]
    names = {_REFUSAL_ROOT}
    while more := {node.name for node in classes if _bases(node) & names} - names:
        names |= more
    return {_facts(node) for node in classes if node.name in names - {_REFUSAL_ROOT}}


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rsplit(".", 1)[-1] for base in node.bases}


def _facts(node: ast.ClassDef) -> RefusalFacts:
    code, fields = "", []
    for line in node.body:
        if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name):
            continue
        if line.target.id == "code" and isinstance(line.value, ast.Constant):
            code = str(line.value.value)
        elif "ClassVar" not in ast.unparse(line.annotation):
            fields.append(line.target.id)
    if not code:
        raise ValueError(f"{node.name} has no code")
    return RefusalFacts(code, tuple(fields))


def invariants(sources: Iterable[Source]) -> set[str]:
    """Return the name of every invariant: what a Breach is made with."""
    found: set[str] = set()
    for source in sources:
        if source.is_test:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                found |= _invariants_of(node)
    return found


def _invariants_of(call: ast.Call) -> set[str]:
    named = [word.value for word in call.keywords if word.arg == "invariant"]
    if ast.unparse(call.func).rsplit(".", 1)[-1] == "Breach":
        named += call.args[:1]
    return {str(node.value) for node in named if isinstance(node, ast.Constant)}


def refusal_table(text: str) -> dict[RefusalFacts, int]:
    """Return the rows `| code | meaning | data | status |` of the glossary, with their status."""
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| (\d{3}) \|$", text, flags=re.MULTILINE)
    return {
        RefusalFacts(code, tuple(re.findall(r"`(\w+)`", data))): int(status)
        for code, data, status in rows
    }


def headings(text: str) -> list[str]:
    """Return what stands behind the number signs, leaving blocks of code aside."""
    return re.findall(r"^#+ (.+)$", _without_code_blocks(text), flags=re.MULTILINE)


def _without_code_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchor(heading: str) -> str:
    """Return the anchor that a heading gets where Markdown is shown."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def dead_links(path: Path, text: str, *, texts: Mapping[Path, str]) -> Iterator[str]:
    """Yield the relative links of a document that lead nowhere; `texts` are all documents."""
    for target, fragment in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", text):
        if "://" in target or target.startswith("mailto:"):
            continue
        led = (ROOT / path.parent / target).resolve() if target else ROOT / path
        if not led.exists():
            yield f"{path}: {target} is not there"
        elif fragment and fragment not in _anchors(texts, led):
            yield f"{path}: {target}#{fragment} has no such heading"


def _anchors(texts: Mapping[Path, str], led: Path) -> set[str]:
    text = texts.get(led.relative_to(ROOT), "")
    return {anchor(heading) for heading in headings(text)}


def dead_names(path: Path, text: str) -> Iterator[str]:
    """Yield the files, and the functions `file::name` in them, that a document names wrongly."""
    pattern = rf"`((?:{_OUR_FOLDERS})/[\w./-]*)(?:::([\w.]+))?`"
    for name, inside in re.findall(pattern, text):
        file = ROOT / name
        if not file.exists():
            yield f"{path}: {name} is not there"
        elif inside and inside not in _definitions(file):
            yield f"{path}: {name} has no {inside}"


@cache
def _definitions(file: Path) -> frozenset[str]:
    """Return the functions and classes of a file, `Class.method` as well."""
    return frozenset(_defined(ast.parse(file.read_text(encoding="utf-8")), prefix=""))


def _defined(node: ast.AST, *, prefix: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        inner = prefix
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            yield prefix + child.name
            inner = f"{prefix}{child.name}."
        yield from _defined(child, prefix=inner)


def words_after(command: str, text: str) -> set[str]:
    """Return the words that a document puts after a command: `make run`, `manage.py audit`."""
    blocks = re.findall(r"^```sh$(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", _without_code_blocks(text))
    code = "\n".join([*blocks, *inline])
    # A comment behind a command is no command.
    code = re.sub(r"(?:^|\s)#.*$", "", code, flags=re.MULTILINE)
    return set(re.findall(rf"(?:^|[\s/;&]){re.escape(command)} ([a-z_-]+)", code, re.MULTILINE))
