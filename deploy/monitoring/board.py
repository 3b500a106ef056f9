"""What the Grafana board asks of Prometheus, read from its file."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BOARD = HERE / "grafana" / "dashboards" / "novashop.json"

# What Grafana puts in for its variables: everything, and a stretch of time that holds some scrapes.
EVERYTHING = ".+"
RATE_INTERVAL = "1m"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """One question of a panel; `legend` names its lines."""

    expression: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel; `may_be_empty` says when it has nothing to show although all is well."""

    title: str
    may_be_empty: str
    queries: tuple[Query, ...]


def read(path: Path = BOARD) -> Json:
    """Return a board as its file has it. Raises OSError and ValueError."""
    board: Json = json.loads(path.read_text(encoding="utf-8"))
    return board


def panels(board: Json) -> Iterator[Panel]:
    """Yield every panel that asks something, those in folded rows as well."""
    for panel in _flat(board["panels"]):
        if panel["type"] == "row":
            continue
        yield Panel(
            title=panel["title"],
            may_be_empty=panel["fieldConfig"]["defaults"].get("noValue", ""),
            queries=tuple(
                Query(target["expr"], target["legendFormat"]) for target in panel["targets"]
            ),
        )


def _flat(found: list[Json]) -> Iterator[Json]:
    for panel in found:
        yield panel
        yield from panel.get("panels", [])


def beside_panels(board: Json) -> Iterator[str]:
    """Yield what is asked for marks on the time line, and for the choices of variables."""
    for annotation in board["annotations"]["list"]:
        if "expr" in annotation:
            yield annotation["expr"]
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            found = re.fullmatch(r"label_values\((.+), *\w+\)", variable["query"]["query"])
            if found:
                yield found[1]


def filled(expression: str, *, rate_interval: str = RATE_INTERVAL) -> str:
    """Return an expression as Grafana asks it, where everything is chosen."""
    asked = expression.replace("$__rate_interval", rate_interval)
    return re.sub(r"\$(job|lane|route)\b", EVERYTHING, asked)
