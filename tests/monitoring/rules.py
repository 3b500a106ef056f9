"""The files of rules, and what tests ask of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deploy.monitoring.board import HERE

RULES = HERE / "rules" / "novashop.yml"
TESTS = sorted((HERE / "rules" / "tests").glob("*.yml"))
CONFIGURATIONS = [HERE / "prometheus.yml", HERE / "prometheus-one-machine.yml"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A figure that is worked out (`record`), or an alert; the other one is empty."""

    record: str
    alert: str
    expression: str
    labels: dict[str, str]
    annotations: dict[str, str]


def rules() -> list[Rule]:
    """Return every rule, in the order of the file."""
    groups = read(RULES)["groups"]
    return [_rule(found) for group in groups for found in group["rules"]]


def _rule(found: dict[str, Any]) -> Rule:
    return Rule(
        record=found.get("record", ""),
        alert=found.get("alert", ""),
        expression=found["expr"],
        labels=found.get("labels", {}),
        annotations=found.get("annotations", {}),
    )


def alerts() -> list[Rule]:
    """Return the alerts; several can have one name."""
    return [rule for rule in rules() if rule.alert]


def read(path: Path) -> Any:
    """Return what a file of YAML says."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))
