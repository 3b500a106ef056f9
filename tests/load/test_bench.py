"""`make bench` for real: its limits, its refusals, and a short run of two rows."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from deploy.servers.account import Account
from deploy.servers.nginx import Nginx
from deploy.servers.programs import NotInstalledError
from load.bench import circumstances, limits, rows, running, shop, wrk
from load.bench.circumstances import what_is_measured
from load.bench.crowd import HalfLoad
from load.bench.figures import MeasurementError
from load.bench.limits import Limits
from load.bench.pgbench import Server
from load.bench.processes import get
from load.bench.running import MissingProgramError, Report, in_rounds
from load.bench.shop import Effort, Shop

pytestmark = pytest.mark.once

BENCH = [sys.executable, "-m", "load.bench"]
PAGE = b"<!doctype html><title>A page</title>" * 300
SHORT = Effort(clients=4, seconds=1)


def bench(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*BENCH, *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def shelf() -> Iterator[Path]:
    with running.shelf() as folder:
        yield folder


@pytest.fixture
def beside(shelf: Path) -> Iterator[Limits]:
    """nginx as a limit, with a page and without an app behind it."""
    if not os.environ.get("CI"):
        try:
            Nginx(folder=shelf, account=Account())
        except NotInstalledError as error:
            pytest.skip(str(error))
    nginx = str(Nginx(folder=shelf, account=Account()).program)
    with limits.behind_nginx(folder=shelf, nginx=nginx, page=PAGE, app_ports=[1]) as port:
        yield Limits(port)


class TestRefusals:
    def test_a_row_that_there_is_not(self) -> None:
        done = bench("--rows", "front_page")

        assert done.returncode == 2
        assert done.stderr.startswith("bench: there is no row 'front_page'; there are static_page,")
        assert not done.stdout

    @pytest.mark.parametrize("option", ["--seconds", "--clients", "--runs"])
    @pytest.mark.parametrize("value", ["0", "-1", "2.5", "many"])
    def test_a_number_that_is_none(self, option: str, value: str) -> None:
        done = bench(f"{option}={value}")

        assert done.returncode == 2
        assert f"{value!r} is no whole number from 1 on" in done.stderr

    def test_what_is_missing_is_skipped_by_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CI", raising=False)
        monkeypatch.setattr(wrk, "program", lambda: None)
        report = Report(facts={})

        left = running.possible(rows.chosen(""), pgbench_program=None, report=report)

        assert [row.name for row in rows.ROWS if row not in left] == [
            "static_page",
            "cached_static",
            "pgbench_spread",
            "pgbench_hot",
            "browser_mix",
        ]
        assert report.notes == [
            "skipped static_page: wrk is not installed",
            "skipped cached_static: wrk is not installed",
            "skipped pgbench_spread: this PostgreSQL came without pgbench",
            "skipped pgbench_hot: this PostgreSQL came without pgbench",
            "skipped browser_mix: wrk is not installed",
        ]

    def test_with_ci_nothing_is_skipped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CI", "1")
        monkeypatch.setattr(wrk, "program", lambda: None)

        with pytest.raises(MissingProgramError, match="skipped static_page: wrk is not installed"):
            running.possible(
                rows.chosen("static_page,search"), pgbench_program=None, report=Report(facts={})
            )


class TestLimits:
    def test_the_static_ones_are_the_page_byte_for_byte(self, beside: Limits) -> None:
        assert get(beside.port, limits.STATIC) == (200, PAGE)
        assert get(beside.port, limits.CACHED) == (200, PAGE)
        assert get(beside.port, limits.EMPTY) == (204, b"")

    def test_they_are_measured_without_an_error(self, beside: Limits, shelf: Path) -> None:
        figure = shop.page(beside.port, limits.CACHED, effort=SHORT, folder=shelf)

        assert figure.rate > 100
        assert 0 < figure.p50_ms <= figure.p99_ms

    def test_a_page_that_is_not_there_has_no_figure(self, beside: Limits, shelf: Path) -> None:
        # Nobody listens at the port of the app.
        with pytest.raises(MeasurementError, match="GET /products/1/: 502"):
            shop.page(beside.port, "/products/1/", effort=SHORT, folder=shelf)

    def test_wrk_itself_notices_errors(self, beside: Limits) -> None:
        if wrk.program() is None and not os.environ.get("CI"):
            pytest.skip("wrk is not installed")
        with pytest.raises(MeasurementError, match=r"errors among .* answers: status"):
            wrk.measure(beside.url("/products/1/"), clients=2, seconds=1)

    def test_wrk_asks_for_one_path_after_the_other(self, beside: Limits, shelf: Path) -> None:
        if wrk.program() is None and not os.environ.get("CI"):
            pytest.skip("wrk is not installed")
        paths, empty = shelf / "paths", beside.url(limits.EMPTY)
        paths.write_text(f"{limits.STATIC}\n{limits.CACHED}\n")

        wrk.measure(empty, clients=2, seconds=1, least_bytes=len(PAGE), paths=paths)

        paths.write_text(f"{limits.STATIC}\n/products/1/\n")
        with pytest.raises(MeasurementError, match=r"errors among .* answers: status"):
            wrk.measure(empty, clients=2, seconds=1, paths=paths)

    def test_half_of_nothing_is_no_figure(self, beside: Limits, shelf: Path) -> None:
        server = Server.at("postgresql://nobody@127.0.0.1:1/none")
        facts = {"product": 1, "search": ""}
        subject = Shop(port=beside.port, environment={}, database=server, folder=shelf, facts=facts)

        with pytest.raises(MeasurementError, match="no page came in time"):
            HalfLoad(subject, row="product_page_uncached").measure(SHORT)

    def test_without_wrk_our_own_client_asks(
        self, beside: Limits, shelf: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(wrk, "program", lambda: None)

        figure = shop.page(beside.port, limits.STATIC, effort=SHORT, folder=shelf)

        assert figure.rate > 100

    @pytest.mark.long
    def test_the_generators_are_measured_where_nothing_is_done(
        self, beside: Limits, shelf: Path
    ) -> None:
        managed = circumstances.generator(beside, SHORT, folder=shelf)

        assert managed.keys() == {"get", "post"}
        assert all(rate > 100 for rate in managed.values())


def test_orders_are_measured_when_all_else_is_done() -> None:
    asked = rows.chosen("bare_view,pgbench_hot,api_list,order_hot")

    assert [(number, row.name) for number, row in in_rounds(asked, 2)] == [
        (1, "bare_view"),
        (1, "api_list"),
        (2, "bare_view"),
        (2, "api_list"),
        (1, "pgbench_hot"),
        (1, "order_hot"),
        (2, "pgbench_hot"),
        (2, "order_hot"),
    ]


def test_what_a_reader_has_to_know_is_said() -> None:
    said = "\n".join(what_is_measured(Effort(clients=64, seconds=5)))

    assert "a closed loop: 64 clients" in said
    assert "product_page comes out of the caches" in said


@pytest.mark.long
def test_a_run_writes_the_figures_it_prints(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    names = ["bare_view", "pgbench_hot", "api_list", "add_to_cart", "order_hot"]
    effort = ["--seconds", "1", "--runs", "1", "--clients", "4"]

    done = bench("--rows", ",".join(names), *effort, BENCH_OUT=str(out), DATABASE_URL="")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Audit: Everything agrees." in done.stdout
    report = json.loads(out.read_text())
    assert [row["name"] for row in report["rows"]] == names
    by_name = {row["name"]: row for row in report["rows"]}
    for row in by_name.values():
        assert row["rate"] > 0
        assert 0 < row["p50_ms"] <= row["p99_ms"]
        assert row["errors"] == []
    assert by_name["api_list"]["limit"] == "bare_view"
    # What it would be held against was not asked for.
    assert by_name["add_to_cart"]["ratio"] is None
    for name, limit in (("api_list", "bare_view"), ("order_hot", "pgbench_hot")):
        assert by_name[name]["ratio"] == pytest.approx(
            by_name[name]["rate"] / by_name[limit]["rate"], rel=0.01
        )
    assert (report["seconds"], report["clients"], report["runs"]) == (1, 4, 1)
    assert {"date", "cores", "load_average_before", "versions", "generator"} <= report.keys()
    assert f"{by_name['order_hot']['rate']:.1f}" in done.stdout
