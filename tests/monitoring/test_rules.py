"""The rules of Prometheus: valid, tried alert by alert, and explained one by one in the runbook."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from deploy.monitoring.board import HERE, RATE_INTERVAL
from tests.architecture.documents import anchor
from tests.architecture.house import ROOT
from tests.monitoring.expressions import ours
from tests.monitoring.programs import promtool
from tests.monitoring.rules import CONFIGURATIONS, RULES, TESTS, alerts, read, rules

pytestmark = pytest.mark.once

RUNBOOK = ROOT / "docs" / "runbook.md"
SEVERITIES = {"page", "ticket"}


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.name)
def test_a_configuration_is_valid(path: Path) -> None:
    done = promtool("check", "config", path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{RULES}" in done.stdout, "it reads no rules"


def test_the_rules_are_valid() -> None:
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", RULES)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules())} rules found" in done.stdout


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_alerts_do_what_their_own_tests_say(path: Path) -> None:
    done = promtool("test", "rules", path)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long
@pytest.mark.parametrize("instead", ["vector(1)", "vector(1) > 1"], ids=["always", "never"])
def test_alerts_that_are_broken_are_found_by_them(tmp_path: Path, instead: str) -> None:
    """The twin of the test before: alerts that call whatever happens, and such as never do."""
    folder = Path(shutil.copytree(HERE / "rules", tmp_path / "rules"))
    text = RULES.read_text(encoding="utf-8")
    begin = text.index("- alert: ")
    expression = r"expr: (?:\|\n(?: {10}.*\n)+|.*\n)"
    broken, count = re.subn(expression, f"expr: {instead}\n", text[begin:])
    (folder / RULES.name).write_text(text[:begin] + broken, encoding="utf-8")

    assert count == len(alerts())
    assert promtool("check", "rules", folder / RULES.name).returncode == 0
    done = promtool("test", "rules", *(folder / "tests" / path.name for path in TESTS))
    found = set(re.findall(r"alertname: (\w+)", done.stderr + done.stdout))
    assert found == {rule.alert for rule in alerts()}


def test_each_alert_is_tried_both_when_it_calls_and_when_it_is_silent() -> None:
    calls: set[tuple[str, str]] = set()
    silent: set[str] = set()
    for case in _cases():
        for expected in case.get("exp_alerts", []):
            calls.add((case["alertname"], str(sorted(expected["exp_labels"].items()))))
        if not case.get("exp_alerts"):
            silent.add(case["alertname"])

    assert silent == {rule.alert for rule in alerts()}
    for rule in alerts():
        own = {(name, value) for name, value in rule.labels.items()}
        labels = [words for name, words in calls if name == rule.alert]
        assert any(all(str(pair) in words for pair in own) for words in labels), rule.alert


def _cases() -> list[dict[str, Any]]:
    groups = [group for path in TESTS for group in read(path)["tests"]]
    return [case for group in groups for case in group.get("alert_rule_test", [])]


def test_alerts_say_how_much_it_hurries_and_what_is_wrong() -> None:
    for rule in alerts():
        assert rule.labels["severity"] in SEVERITIES, rule.alert
        assert set(rule.annotations) == {"summary", "description", "runbook_url"}, rule.alert
        assert all(text.strip() for text in rule.annotations.values()), rule.alert


def test_each_alert_has_its_heading_in_the_runbook_and_each_heading_its_alert() -> None:
    names = {rule.alert for rule in alerts()}
    links = {rule.annotations["runbook_url"] for rule in alerts()}

    assert _headings_of_alerts() == names
    assert links == {f"{{{{ $externalLabels.docs }}}}/runbook.md#{anchor(name)}" for name in names}
    assert (HERE.parents[1] / "docs" / "runbook.md").exists()


def _headings_of_alerts() -> set[str]:
    text = RUNBOOK.read_text(encoding="utf-8")
    chapter = re.search(r"^## Alerts$(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL)
    assert chapter is not None
    return set(re.findall(r"^### (\w+)$", chapter[1], flags=re.MULTILINE))


def test_the_runbook_names_what_each_configuration_lets_people_set() -> None:
    """Links of alerts are made of this label; without it they would lead nowhere."""
    for path in CONFIGURATIONS:
        assert read(path)["global"]["external_labels"]["docs"].startswith("https://"), path.name


def test_what_is_recorded_is_used_and_what_is_used_is_recorded() -> None:
    recorded = {rule.record for rule in rules() if rule.record}
    used = {name for rule in rules() for name in ours(rule.expression) if ":" in name}
    used |= {
        name
        for name in ours((HERE / "grafana/dashboards/novashop.json").read_text())
        if ":" in name
    }

    assert used == recorded


def test_the_interval_of_scrapes_fits_what_the_board_counts_on() -> None:
    assert RATE_INTERVAL == "1m"
    for path in CONFIGURATIONS:
        assert read(path)["global"]["scrape_interval"] == "15s", path.name
