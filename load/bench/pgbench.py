"""The database's own limit: transactions shaped like an order, by PostgreSQL's own pgbench.

Each takes one unit if there is one (a conditional update), and inserts an order, a line and an
event. The tables are copies of the shop's own, with all their columns, checks and indexes, in a
schema of their own in the same database: the same server, the same durability.
"""

import os
import re
import resource
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import environ
import psycopg
from psycopg import sql

from load.bench.figures import Figure, MeasurementError, percentile

CLIENTS = 16
SCHEMA = "bench_limits"
_UNITS = 1_000_000_000
_TABLES = ("inventory_stocklevel", "orders_order", "orders_orderline", "events_event")

# What the statements say of these columns; all others of a table get something of their type.
_SAID = {
    "orders_order": {
        "number": "substr(md5(random()::text), 1, 12)",
        "origin": "'cart:' || gen_random_uuid()",
        "status": "'Pending'",
        "payment_state": "'Unpaid'",
        "fulfilment_state": "'Unshipped'",
        "payment_method": "'on_delivery'",
        "email": "'maya@example.org'",
        "name": "'Maya Rowe'",
        "line1": "'4 Station Road'",
        "city": "'Leeds'",
        "postcode": "'LS1 4AP'",
        "country": "'GB'",
        "currency": "'GBP'",
        "goods_total": "12.50",
        "total": "12.50",
    },
    "orders_orderline": {
        "order_id": ":order_id::bigint",
        "position": "1",
        "variant_id": ":level::bigint",
        "sku": "'TT-' || :level::bigint",
        "name": "'Archive box'",
        "quantity": "1",
        "unit_price": "12.50",
        "amount": "12.50",
    },
    "events_event": {
        "name": "'order.placed'",
        "subject": "'order:' || :order_id::bigint",
        "payload": """'{"order_id": 1}'""",
    },
}
_OF_TYPE = {
    "timestamp with time zone": "now()",
    "jsonb": "'{}'",
    "text": "''",
    "character varying": "''",
    "boolean": "false",
    "uuid": "gen_random_uuid()",
}
_SCRIPT = """\\set level random(1, {levels})
BEGIN;
UPDATE {schema}.inventory_stocklevel SET promised = promised + 1
 WHERE id = :level AND on_hand - promised >= 1;
{order} RETURNING id AS order_id \\gset
{line};
{event};
COMMIT;
"""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the shop's PostgreSQL is, as libpq says it."""

    parameters: Mapping[str, str]

    @classmethod
    def at(cls, url: str) -> "Server":
        """Return the server of a DATABASE_URL."""
        place = environ.Env.db_url_config(url)
        names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
        names["NAME"] = "dbname"
        return cls({libpq: str(place[name]) for name, libpq in names.items() if place[name]})

    def connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(autocommit=True, **dict(self.parameters))  # type: ignore[arg-type]

    def program(self) -> Path | None:
        """Return the pgbench that came with this server, None where it came without."""
        with self.connect() as connection:
            found = connection.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
            row = found.fetchone()
        path = Path(str(row[0])) / "pgbench" if row else None
        return path if path is not None and os.access(path, os.X_OK) else None


def prepare(server: Server, *, folder: Path) -> dict[str, Path]:
    """Make the tables, with as many stock levels as the shop has; return the script of each row."""
    schema = sql.Identifier(SCHEMA)
    with server.connect() as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
        for table in _TABLES:
            connection.execute(
                sql.SQL("CREATE TABLE {} (LIKE public.{} INCLUDING ALL)").format(
                    sql.Identifier(SCHEMA, table), sql.Identifier(table)
                )
            )
        connection.execute(
            sql.SQL("ALTER TABLE {} ADD FOREIGN KEY (order_id) REFERENCES {}").format(
                sql.Identifier(SCHEMA, "orders_orderline"), sql.Identifier(SCHEMA, "orders_order")
            )
            # As Django declares them.
            + sql.SQL(" DEFERRABLE INITIALLY DEFERRED")
        )
        levels = _fill(connection)
        inserts = {table: _insert(connection, table) for table in _TABLES[1:]}
    return {
        name: _write_script(folder / f"{name}.sql", levels=many, inserts=inserts)
        for name, many in (("pgbench_spread", levels), ("pgbench_hot", 1))
    }


def _fill(connection: "psycopg.Connection[tuple[object, ...]]") -> int:
    """Write as many stock levels as the shop has, numbered from 1, and return how many."""
    table = sql.Identifier(SCHEMA, "inventory_stocklevel")
    connection.execute(
        sql.SQL(
            "INSERT INTO {} (id, variant_id, location_id, on_hand, promised)"
            " SELECT row_number() OVER (ORDER BY id), variant_id, location_id, %s, 0"
            " FROM public.inventory_stocklevel"
        ).format(table),
        [_UNITS],
    )
    connection.execute(sql.SQL("ANALYZE {}").format(table))
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
    levels = int(str(row[0])) if row else 0
    if not levels:
        raise MeasurementError("the shop has no stock level, so there is nothing to order")
    return levels


def _insert(connection: "psycopg.Connection[tuple[object, ...]]", table: str) -> str:
    """Return the INSERT that names every column which has to have a value."""
    columns = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s AND is_nullable = 'NO'"
        " AND is_identity = 'NO' AND column_default IS NULL ORDER BY ordinal_position",
        [SCHEMA, table],
    ).fetchall()
    said = _SAID[table]
    values = {
        str(name): said.get(str(name)) or _OF_TYPE.get(str(kind), "0") for name, kind in columns
    }
    names, expressions = ", ".join(values), ", ".join(values.values())
    # All of it is our own text, and the names are the database's.
    return f"INSERT INTO {SCHEMA}.{table} ({names}) VALUES ({expressions})"  # noqa: S608


def _write_script(file: Path, *, levels: int, inserts: Mapping[str, str]) -> Path:
    file.write_text(
        _SCRIPT.format(
            levels=levels,
            schema=SCHEMA,
            order=inserts["orders_order"],
            line=inserts["orders_orderline"],
            event=inserts["events_event"],
        )
    )
    return file


def measure(server: Server, *, program: Path, script: Path, seconds: int, folder: Path) -> Figure:
    """Run the transactions for so long.

    Raises MeasurementError when one failed, or has not written what it should.
    """
    before = _written(server)
    figure = _run(server, program=program, script=script, seconds=seconds, folder=folder)
    orders, units = (
        after - earlier for after, earlier in zip(_written(server), before, strict=True)
    )
    if not orders == units == figure.answers:
        raise MeasurementError(
            f"{figure.answers} transactions have written {orders} orders and promised {units} units"
        )
    return figure


def _run(server: Server, *, program: Path, script: Path, seconds: int, folder: Path) -> Figure:
    logs = folder / "pgbench-log"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir()
    size = ["-c", str(CLIENTS), "-j", "2", "-T", str(seconds)]
    # The log has the time of each transaction: pgbench itself prints averages alone.
    logging = ["--log", f"--log-prefix={logs / 'times'}"]
    began, cpu = time.monotonic(), _cpu_of_children()
    done = subprocess.run(  # noqa: S603
        [str(program), "-n", "-M", "prepared", *size, *logging, "-f", str(script)],
        env={**os.environ, **_environment(server)},
        capture_output=True,
        text=True,
        check=False,
    )
    cores = (_cpu_of_children() - cpu) / (time.monotonic() - began)
    if done.returncode:
        raise MeasurementError(f"pgbench: {done.stderr.strip()[-500:]}")
    return parse(done.stdout, times=_times(logs), generator_cores=cores)


def parse(output: str, *, times: list[float], generator_cores: float) -> Figure:
    """Read what pgbench has printed. Raises MeasurementError where a transaction failed."""
    rate = re.search(r"^tps = ([\d.]+) \(without initial", output, re.MULTILINE)
    done = re.search(r"^number of transactions actually processed: (\d+)", output, re.MULTILINE)
    failed = re.search(r"^number of failed transactions: (\d+)", output, re.MULTILINE)
    if rate is None or done is None or not times:
        raise MeasurementError(f"pgbench has printed no rate: {output.strip()[-300:]}")
    if failed is not None and int(failed[1]):
        raise MeasurementError(f"{failed[1]} transactions failed")
    return Figure(
        answers=int(done[1]),
        rate=float(rate[1]),
        p50_ms=percentile(times, 0.50),
        p99_ms=percentile(times, 0.99),
        generator_cores=generator_cores,
    )


def _times(folder: Path) -> list[float]:
    """Return how long each transaction took, in milliseconds, sorted."""
    lines = (line.split() for file in folder.iterdir() for line in file.read_text().splitlines())
    return sorted(int(fields[2]) / 1_000 for fields in lines if fields[2].isdigit())


def _written(server: Server) -> tuple[int, int]:
    """Return how many orders there are, and how many units are promised."""
    query = sql.SQL("SELECT (SELECT count(*) FROM {}), (SELECT sum(promised) FROM {})").format(
        sql.Identifier(SCHEMA, "orders_order"), sql.Identifier(SCHEMA, "inventory_stocklevel")
    )
    with server.connect() as connection:
        row = connection.execute(query).fetchone()
    return (int(str(row[0])), int(str(row[1]))) if row else (0, 0)


def _environment(server: Server) -> dict[str, str]:
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    names["password"] = "PGPASSWORD"  # noqa: S105
    return {names[name]: value for name, value in server.parameters.items()}


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
