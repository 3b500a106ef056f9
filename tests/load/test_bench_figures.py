"""What `make bench` makes of what it has measured."""

from collections.abc import Sequence

import pytest

from load.bench import circumstances, figures, pgbench, rows, wrk
from load.bench.figures import Figure, MeasurementError
from load.bench.rows import NAMES, ROWS, Row, UnknownRowError

pytestmark = pytest.mark.once

REPORT = (
    'report {"requests": 1000, "bytes": 12000000, "seconds": 2.000000, "status": 0, "connect": 0, '
    '"read": 0, "write": 0, "timeout": 0, "p50_ms": 1.250, "p99_ms": 7.500}\n'
)
PGBENCH = """pgbench (15.18)
transaction type: spread.sql
number of transactions actually processed: 7524
number of failed transactions: 0 (0.000%)
latency average = 6.379 ms
initial connection time = 21.034 ms
tps = 2508.284326 (without initial connection time)
"""


def figure(rate: float, *, p50: float = 1.0, p99: float = 2.0, cores: float = 0.1) -> Figure:
    return Figure(answers=100, rate=rate, p50_ms=p50, p99_ms=p99, generator_cores=cores)


def rows_named(*names: str) -> Sequence[Row]:
    return rows.chosen(",".join(names))


class TestRows:
    def test_each_is_held_against_a_row_that_is_held_against_nothing_slower(self) -> None:
        limits = {row.name: row.limit for row in ROWS}

        for name, limit in limits.items():
            assert limit is None or NAMES.index(limit) < NAMES.index(name)

    def test_are_chosen_by_name_and_come_in_the_order_of_the_table(self) -> None:
        assert [row.name for row in rows_named("search", "bare_view")] == ["bare_view", "search"]

    def test_are_all_where_none_is_named(self) -> None:
        assert rows.chosen("") == list(ROWS)

    def test_one_that_there_is_not_is_refused_with_the_names_of_those_that_there_are(self) -> None:
        with pytest.raises(UnknownRowError, match=r"no row 'front_page'.*product_page"):
            rows.chosen("product_page,front_page")


class TestResults:
    def test_the_run_in_the_middle_counts_with_its_own_latencies(self) -> None:
        runs = {"bare_view": [figure(300, p99=9), figure(100, p99=30), figure(200, p99=12)]}

        (result,) = figures.results(rows_named("bare_view"), runs, {})

        assert (result.rate, result.p99_ms, result.runs) == (200, 12, (300, 100, 200))

    def test_the_ratio_is_that_of_the_medians(self) -> None:
        runs = {"bare_view": [figure(400)] * 3, "api_list": [figure(90), figure(100), figure(110)]}

        _, api_list = figures.results(rows_named("bare_view", "api_list"), runs, {})

        assert (api_list.limit, api_list.ratio) == ("bare_view", 0.25)

    def test_there_is_no_ratio_to_what_was_not_measured(self) -> None:
        (result,) = figures.results(rows_named("api_list"), {"api_list": [figure(100)]}, {})

        assert (result.rate, result.ratio) == (100, None)

    def test_a_row_with_one_error_in_any_run_has_failed_and_is_no_limit(self) -> None:
        runs = {"bare_view": [figure(400)] * 2, "api_list": [figure(100)] * 3}
        errors = {"bare_view": ["errors among 9 answers: status 3"]}

        bare, api_list = figures.results(rows_named("bare_view", "api_list"), runs, errors)

        assert (bare.rate, bare.p50_ms, bare.errors) == (None, None, tuple(errors["bare_view"]))
        assert (api_list.rate, api_list.ratio) == (100, None)

    def test_the_file_has_what_is_promised_of_each_row(self) -> None:
        (row,) = figures.as_json(
            figures.results(rows_named("bare_view"), {"bare_view": [figure(1234.56)]}, {})
        )

        promised = {"name", "rate", "p50_ms", "p99_ms", "limit", "ratio"}
        assert {name: row[name] for name in promised} == {
            "name": "bare_view",
            "rate": 1234.6,
            "p50_ms": 1.0,
            "p99_ms": 2.0,
            "limit": None,
            "ratio": None,
        }

    def test_the_table_has_a_line_for_each_row_and_says_what_failed(self) -> None:
        runs = {"bare_view": [figure(2000)], "api_list": [figure(500)]}
        found = figures.results(
            rows_named("bare_view", "api_list", "search"), runs, {"search": ["503"]}
        )

        head, bare, search, api_list = figures.table(found).splitlines()

        assert head.split() == ["row", "/s", "p50", "ms", "p99", "ms", "of", "ratio", "runs"]
        assert bare.split() == ["bare_view", "2,000", "1.0", "2.0", "2,000"]
        assert search.split() == ["search", "failed", "bare_view"]
        assert api_list.split() == [
            "api_list", "500.0", "1.0", "2.0", "bare_view", "25.0%", "500.0",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("share", "expected"), [(0.5, 50), (0.99, 99), (0.991, 100), (1, 100), (0, 1)]
    )
    def test_a_percentile_is_a_value_that_was_measured(self, share: float, expected: int) -> None:
        assert figures.percentile(range(1, 101), share) == expected


class TestDoubts:
    def doubts(self, name: str, rate: float, *, cores: float) -> list[str]:
        found = figures.results(rows_named(name), {name: [figure(rate, cores=cores)]}, {})
        return circumstances.doubts(found, {"get": 50_000, "post": 5_000})

    def test_there_are_none_where_the_generator_could_do_a_multiple(self) -> None:
        assert self.doubts("product_page", 24_000, cores=0.4) == []
        assert self.doubts("order_hot", 2_400, cores=0.4) == []

    def test_a_rate_near_that_of_the_generator_is_doubted(self) -> None:
        (said,) = self.doubts("static_page", 26_000, cores=0.4)
        assert said.startswith("static_page: may be the load generator's own limit")
        assert "50,000/s" in said
        assert len(self.doubts("order_spread", 2_600, cores=0.1)) == 1

    def test_a_busy_generator_is_doubted_whatever_the_rate(self) -> None:
        (said,) = self.doubts("pgbench_spread", 100, cores=0.6)
        assert "0.60 of a core" in said


class TestWrk:
    def test_its_report_is_read_exactly(self) -> None:
        found = wrk.parse(f"Running 2s test\n{REPORT}", least_bytes=12_000, generator_cores=0.5)

        assert found == Figure(answers=1000, rate=500, p50_ms=1.25, p99_ms=7.5, generator_cores=0.5)

    @pytest.mark.parametrize("kind", ["status", "connect", "read", "write", "timeout"])
    def test_one_error_is_too_many(self, kind: str) -> None:
        report = REPORT.replace(f'"{kind}": 0', f'"{kind}": 1')

        with pytest.raises(MeasurementError, match=f"errors among 1000 answers: {kind} 1"):
            wrk.parse(report, least_bytes=0, generator_cores=0)

    def test_answers_that_are_too_short_are_no_answers(self) -> None:
        with pytest.raises(MeasurementError, match="answers of 12,000 bytes instead of 12,001"):
            wrk.parse(REPORT, least_bytes=12_001, generator_cores=0)

    def test_no_answer_is_no_rate(self) -> None:
        report = REPORT.replace('"requests": 1000', '"requests": 0')

        with pytest.raises(MeasurementError, match="nobody has answered"):
            wrk.parse(report, least_bytes=0, generator_cores=0)

    def test_without_a_report_what_it_said_is_told(self) -> None:
        with pytest.raises(MeasurementError, match="Connection refused"):
            wrk.parse("unable to connect: Connection refused", least_bytes=0, generator_cores=0)


class TestPgbench:
    def test_what_it_prints_is_read(self) -> None:
        times = [float(number) for number in range(1, 101)]

        found = pgbench.parse(PGBENCH, times=times, generator_cores=0.2)

        assert found == Figure(
            answers=7524, rate=2508.284326, p50_ms=50, p99_ms=99, generator_cores=0.2
        )

    def test_one_failed_transaction_is_too_many(self) -> None:
        output = PGBENCH.replace("failed transactions: 0", "failed transactions: 1")

        with pytest.raises(MeasurementError, match="1 transactions failed"):
            pgbench.parse(output, times=[1.0], generator_cores=0)

    def test_no_rate_is_an_error(self) -> None:
        with pytest.raises(MeasurementError, match="printed no rate"):
            pgbench.parse("pgbench (15.18)", times=[1.0], generator_cores=0)
