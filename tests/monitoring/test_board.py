"""The board: whole, readable, and asking only for what there is."""

import json
import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from deploy.monitoring import board as boards
from tests.monitoring.expressions import ours, selectors
from tests.monitoring.programs import promtool
from tests.monitoring.rules import rules
from tests.monitoring.telling import told

once = pytest.mark.once
BOARD = boards.read()
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
UNITS = {"none", "short", "s", "bytes", "percentunit", "reqps", "ops", "opm", "cps", "cpm"}
KINDS = {"row", "stat", "timeseries", "heatmap", "table"}
COLUMNS = 24
# What is told of a server alone, and SQLite has none.
OF_SERVERS = {
    "novashop_database_connections",
    "novashop_database_connections_of_everybody",
    "novashop_database_connections_limit",
    "novashop_database_longest_seconds",
}
# What is told where a broker, or Kafka, carries events.
OF_CARRIERS = {
    "novashop_broker_messages",
    "novashop_broker_up",
    "novashop_events_for_others",
}
# Prometheus itself has these, of every target.
OF_PROMETHEUS = {"up", "scrape_duration_seconds", "ALERTS"}
# Labels that Prometheus adds, and those that recorded rules keep.
ADDED = {"job", "instance", "service"}


def shown() -> list[dict[str, Any]]:
    """Return every panel but the rows' own titles."""
    return [panel for panel in BOARD["panels"] if panel["type"] != "row"]


def name_of(panel: dict[str, Any]) -> str:
    return str(panel["title"])


def expressions() -> Iterator[str]:
    for panel in boards.panels(BOARD):
        for query in panel.queries:
            yield query.expression
    yield from boards.beside_panels(BOARD)


# --- Its shape ------------------------------------------------------------------------------------


@once
def test_it_is_a_board_that_grafana_takes_and_finds_again() -> None:
    assert BOARD["schemaVersion"] >= 39
    assert BOARD["uid"] == "novashop"
    assert BOARD["id"] is None
    assert (BOARD["title"], BOARD["tags"]) == ("NovaShop", ["novashop"])
    assert {panel["type"] for panel in BOARD["panels"]} == KINDS
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(set(ids)) == len(ids)
    titles = [(row, panel["title"]) for row, panel in _under_rows()]
    assert len(set(titles)) == len(titles)


def _under_rows() -> Iterator[tuple[str, dict[str, Any]]]:
    row = ""
    for panel in BOARD["panels"]:
        if panel["type"] == "row":
            row = panel["title"]
        else:
            yield row, panel


@once
def test_panels_lie_side_by_side_and_in_their_order() -> None:
    places = [panel["gridPos"] for panel in BOARD["panels"]]
    for place in places:
        assert place["x"] >= 0
        assert place["w"] > 0
        assert place["h"] > 0
        assert place["x"] + place["w"] <= COLUMNS
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)
    for one, other in pairwise(places):
        assert (one["y"], one["x"]) < (other["y"], other["x"])


@once
def test_what_matters_most_stands_on_top() -> None:
    top = [panel["title"] for panel in BOARD["panels"] if panel["gridPos"]["y"] == 0]
    assert top == [
        "Is the shop open",
        "Orders a minute",
        "Errors",
        "Page time, p95",
        "Oldest undelivered event",
        "Stock conflicts a minute",
    ]
    assert [panel["title"] for panel in BOARD["panels"] if panel["type"] == "row"] == [
        "Traffic",
        "Latency by route",
        "Orders and refusals",
        "Checkout and stock conflicts",
        "Cache",
        "Events",
        "Database",
        "Lanes",
        "Processes",
    ]


@once
@pytest.mark.parametrize("panel", shown(), ids=name_of)
def test_a_panel_says_what_it_shows_and_what_is_normal(panel: dict[str, Any]) -> None:
    assert re.fullmatch(r"[A-Z].{3,}", panel["title"])
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    said = panel["description"]
    assert len(said) > 50
    assert said.endswith(".")
    assert re.search(r"[Nn]ormal|Open:|The first one is where", said)


@once
@pytest.mark.parametrize("panel", shown(), ids=name_of)
def test_a_panel_asks_whom_the_reader_has_chosen(panel: dict[str, Any]) -> None:
    assert panel["datasource"] == DATASOURCE
    assert panel["targets"]
    references = [target["refId"] for target in panel["targets"]]
    assert len(set(references)) == len(references)
    for target in panel["targets"]:
        assert target["datasource"] == DATASOURCE
        assert target["expr"].strip()
        assert "legendFormat" in target
        for name, labels in selectors(target["expr"]):
            assert "job" in labels, f"{name} is asked of all shops"
        # Rates follow the reader's zoom; what looks at a fixed stretch of time is recorded.
        for words in re.findall(r"(?:rate|increase)\([^()]*\[([^\]]+)\]", target["expr"]):
            assert words == "$__rate_interval"


@once
def test_nobodys_own_datasource_is_written_down() -> None:
    uids = set(re.findall(r'"uid": "([^"]*)"', json.dumps(BOARD)))
    assert uids == {"${datasource}", "-- Grafana --", "novashop"}


@once
def test_each_variable_is_there_and_is_used() -> None:
    names = {variable["name"] for variable in BOARD["templating"]["list"]}
    text = json.dumps(BOARD)
    used = set(re.findall(r"\$\{?([a-z]+)\b", text))

    assert names == {"datasource", "job", "lane", "route"} == used
    for variable in BOARD["templating"]["list"]:
        assert variable["label"]
        if variable["type"] == "query":
            assert (variable["includeAll"], variable["allValue"]) == (True, boards.EVERYTHING)


# --- What it asks ---------------------------------------------------------------------------------


@once
def test_every_expression_makes_sense(tmp_path: Path) -> None:
    """As a rule of its own, so that promtool reads it as Prometheus does."""
    asked = [boards.filled(expression) for expression in expressions()]
    assert not [expression for expression in asked if "$" in expression]
    found = [{"record": f"question_{n}", "expr": words} for n, words in enumerate(asked)]
    file = tmp_path / "questions.yml"
    file.write_text(json.dumps({"groups": [{"name": "board", "rules": found}]}))

    done = promtool("check", "rules", "--lint=none", file)

    assert done.returncode == 0, done.stdout + done.stderr
    found[0]["expr"] += ")"
    file.write_text(json.dumps({"groups": [{"name": "board", "rules": found}]}))
    assert promtool("check", "rules", "--lint=none", file).returncode != 0


@pytest.mark.django_db(transaction=True)
def test_board_and_rules_name_only_what_the_shop_tells(client: Client) -> None:
    told = _told(client)
    asked = [*expressions(), *(rule.expression for rule in rules())]
    recorded = {rule.record for rule in rules()}

    unknown = {name for words in asked for name in ours(words)} - told - recorded
    assert unknown == OF_CARRIERS | (OF_SERVERS if connection.vendor == "sqlite" else set())


def _told(client: Client) -> set[str]:
    """Return every name under which /metrics has a number, or would have one."""
    found = set()
    for family in text_string_to_metric_families(told(client)):
        found |= {sample.name for sample in family.samples}
        ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
        found |= {f"{family.name}{end}" for end in ends.get(family.type, [""])}
    return found


@pytest.mark.django_db(transaction=True)
def test_the_shop_tells_nothing_that_the_board_leaves_out(client: Client) -> None:
    asked = " ".join([*expressions(), *(rule.expression for rule in rules())])

    unused = {name for name in _told(client) if not _is_asked(name, asked)}
    assert unused <= {"novashop_build_info", "novashop_database_up"}, "add it to a panel"


def _is_asked(name: str, asked: str) -> bool:
    # One of the three numbers of a distribution is enough.
    family = re.sub(r"_(bucket|sum|count)$", "", name)
    return re.search(rf"\b{family}(_bucket|_sum|_count)?\b", asked) is not None


@once
def test_every_other_name_is_one_of_prometheus() -> None:
    named = {name for words in expressions() for name, _ in selectors(words)}
    assert {name for name in named if not name.startswith("novashop")} == OF_PROMETHEUS


@once
@pytest.mark.django_db(transaction=True)
def test_the_runbook_explains_whatever_the_shop_tells(client: Client) -> None:
    text = (boards.HERE.parents[1] / "docs" / "runbook.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`(novashop_\w+)`", text))
    names = {re.sub(r"_(bucket|sum|count)$", "", name) for name in _told(client)}

    told = {name for name in names if f"{name}_total" not in names}
    assert explained > OF_SERVERS | OF_CARRIERS
    assert told - explained == set()


@once
@pytest.mark.django_db(transaction=True)
def test_prometheus_finds_nothing_odd_in_what_the_shop_tells(
    client: Client, tmp_path: Path
) -> None:
    (tmp_path / "metrics").write_text(told(client))

    with (tmp_path / "metrics").open() as text:
        done = promtool("check", "metrics", given=text)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
