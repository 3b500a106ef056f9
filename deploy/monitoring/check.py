"""Whether the board has something to show: every panel and rule, asked of a running Prometheus.

    python -m deploy.monitoring.check http://127.0.0.1:9090

It exits with 0 if every question makes sense, every rule and target is well, and no panel is empty
that should not be. A panel that can be empty while all is well says so (its text for no value).
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.monitoring import board
from deploy.monitoring.prometheus import CannotAskError, Prometheus

# What a rule or target is before it was looked at for the first time.
_UNKNOWN = "unknown"


class Findings:
    """What was found: `trouble` has to be looked at, `empty` is what can be empty."""

    def __init__(self) -> None:
        self.trouble: list[str] = []
        self.empty: list[str] = []
        self.questions = 0

    def panel(self, panel: board.Panel, *, server: Prometheus, rate_interval: str) -> None:
        """Ask everything that a panel asks."""
        silent: list[str] = []
        for query in panel.queries:
            self.questions += 1
            expression = board.filled(query.expression, rate_interval=rate_interval)
            try:
                if not server.samples(expression):
                    silent.append(query.legend or "its only line")
            except CannotAskError as error:
                self.trouble.append(f"{panel.title}: {error} (in {expression})")
        if len(silent) == len(panel.queries) and not panel.may_be_empty:
            self.trouble.append(f"{panel.title}: no data")
        elif silent:
            why = f" ({panel.may_be_empty})" if panel.may_be_empty else ""
            self.empty.append(f"{panel.title}: nothing for {', '.join(silent)}{why}")


def look(server: Prometheus, panels: Sequence[board.Panel], *, rate_interval: str) -> Findings:
    """Ask everything. Raises CannotAskError where nothing can be asked at all."""
    findings = Findings()
    findings.trouble += [*_unwell_targets(server), *_unwell_rules(server)]
    for panel in panels:
        findings.panel(panel, server=server, rate_interval=rate_interval)
    return findings


def _unwell_targets(server: Prometheus) -> Iterator[str]:
    targets = server.targets()
    if not any(target["labels"]["job"].startswith("novashop") for target in targets):
        yield "No target's job is called novashop: the rules know the shop by that name"
    for target in targets:
        if target["health"] not in {"up", _UNKNOWN}:
            yield f"{target['scrapeUrl']} is {target['health']}: {target['lastError']}"


def _unwell_rules(server: Prometheus) -> Iterator[str]:
    rules = server.rules()
    if not any(rule["name"].startswith("novashop:") for rule in rules):
        yield "Prometheus has none of the shop's rules: see rule_files in its configuration"
    for rule in rules:
        if rule["health"] not in {"ok", _UNKNOWN}:
            yield f"The rule {rule['name']} is {rule['health']}: {rule.get('lastError', '')}"


def main(arguments: Sequence[str]) -> int:
    """Print what was found, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.monitoring.check", description="Has the board something to show?"
    )
    parser.add_argument("url", help="where Prometheus is: http://127.0.0.1:9090")
    parser.add_argument("--board", type=Path, default=board.BOARD, help="default: %(default)s")
    parser.add_argument(
        "--rate-interval",
        default=board.RATE_INTERVAL,
        help="four times the interval of scrapes, or more (default: %(default)s)",
    )
    asked = parser.parse_args(arguments)
    try:
        panels = list(board.panels(board.read(asked.board)))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise SystemExit(f"The board {asked.board} cannot be read: {error}.") from error
    try:
        findings = look(Prometheus(asked.url), panels, rate_interval=asked.rate_interval)
    except CannotAskError as error:
        raise SystemExit(f"Nothing could be checked: {error}.") from error
    _tell(findings)
    return 1 if findings.trouble else 0


def _tell(findings: Findings) -> None:
    for line in findings.empty:
        sys.stdout.write(f"empty    {line}\n")
    for line in findings.trouble:
        sys.stdout.write(f"trouble  {line}\n")
    verdict = f"{len(findings.trouble)} to look at" if findings.trouble else "all is well"
    sys.stdout.write(f"{findings.questions} questions of the board were asked: {verdict}.\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
