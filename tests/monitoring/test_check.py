"""`python -m deploy.monitoring.check` tells a board that works from one that does not."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from deploy.monitoring import board as boards
from deploy.monitoring.check import main
from deploy.monitoring.prometheus import CannotAskError, Prometheus
from tests.monitoring.programs import prometheus
from tests.monitoring.rules import RULES
from tests.monitoring.telling import told

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

CONFIGURATION = """
global: {{scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}}
rule_files: [{rules}]
scrape_configs:
  - job_name: novashop
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""
SECONDS_TO_LEARN = 30


@pytest.fixture
def text(client: Client) -> bytes:
    return told(client).encode()


@contextmanager
def telling(text: bytes) -> Iterator[int]:
    """Stand for a shop that always tells the same; yield its port."""

    class Shop(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


@contextmanager
def watching(folder: Path, text: bytes, *, rules: Path = RULES) -> Iterator[str]:
    """Let a Prometheus watch such a shop; yield its address when it knows rates."""
    with telling(text) as port:
        configuration = CONFIGURATION.format(rules=json.dumps(str(rules)), port=port)
        with prometheus(folder, configuration) as url:
            deadline = time.monotonic() + SECONDS_TO_LEARN
            # What is worked out of rates comes last.
            learned = "novashop:lane_busy:ratio_rate5m and on () novashop:orders:rate5m"
            while not Prometheus(url).samples(learned):
                assert time.monotonic() < deadline, "it learns nothing"
                time.sleep(0.2)
            yield url


def changed(folder: Path, **targets: str) -> list[str]:
    """Return the words that name a board with other questions: by title, of its first one."""
    board = boards.read()
    for panel in board["panels"]:
        if panel["title"] in targets:
            panel["targets"][0]["expr"] = targets[panel["title"]]
    file = folder / "board.json"
    file.write_text(json.dumps(board), encoding="utf-8")
    return ["--board", str(file)]


@pytest.mark.long
def test_a_board_is_well_and_then_it_is_not(
    tmp_path: Path, text: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    with watching(tmp_path, text) as url:
        assert main([url]) == 0
        assert "were asked: all is well." in capsys.readouterr().out

        assert main([url, *changed(tmp_path, Saturation="sum(rate(novashop_busy[1m])")]) == 1
        said = capsys.readouterr().out
        assert "trouble  Saturation: invalid parameter" in said
        assert "were asked: 1 to look at." in said

        assert main([url, *changed(tmp_path, Memory="novashop_process_resident_megabytes")]) == 1
        assert "trouble  Memory: no data\n" in capsys.readouterr().out

        with pytest.raises(CannotAskError, match="it is a string"):
            Prometheus(url).samples('"a word"')

        # That can be empty while all is well.
        assert main([url, *changed(tmp_path, Breaker="novashop_cache_away > 5")]) == 1
        assert main([url, *changed(tmp_path, **{"Hit ratio": "novashop_cache_away > 5"})]) == 0
        assert "empty    Hit ratio: nothing for hits (not asked)" in capsys.readouterr().out


@pytest.mark.long
def test_a_prometheus_that_does_not_know_the_shop(
    tmp_path: Path, text: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "others.yml"
    rules.write_text("groups: []")
    configuration = CONFIGURATION.format(rules=rules, port=1).replace("novashop", "other")
    with prometheus(tmp_path, configuration) as url:
        deadline = time.monotonic() + SECONDS_TO_LEARN
        while "down" not in {target["health"] for target in Prometheus(url).targets()}:
            assert time.monotonic() < deadline, "it does not ask its target"
            time.sleep(0.1)

        assert main([url]) == 1

    said = capsys.readouterr().out
    assert "No target's job is called novashop" in said
    assert "has none of the shop's rules" in said
    assert "http://127.0.0.1:1/metrics is down" in said


def test_what_is_no_prometheus_is_said_in_a_sentence(text: bytes) -> None:
    with pytest.raises(SystemExit, match=r"Nothing could be checked: .*http://127\.0\.0\.1:9090"):
        main(["localhost"])
    with pytest.raises(SystemExit, match=r"Nothing could be checked: .* does not answer as Prom"):
        main(["http://127.0.0.1:1"])
    with (
        telling(text) as port,
        pytest.raises(SystemExit, match=r"Nothing could be checked: .* does not answer as Prom"),
    ):
        main([f"http://127.0.0.1:{port}"])


@pytest.mark.parametrize("written", [None, "{", "[]", "{}", '{"panels": [{}]}'])
def test_a_board_that_cannot_be_read_is_said_in_a_sentence(
    tmp_path: Path, written: str | None
) -> None:
    file = tmp_path / "board.json"
    if written is not None:
        file.write_text(written)

    with pytest.raises(SystemExit, match=rf"^The board {file} cannot be read: .*\.$"):
        main(["http://127.0.0.1:1", "--board", str(file)])
