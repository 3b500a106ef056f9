"""What is said of a healthy stack: to people in the window, to programs in stack.json."""

import json
import os
import sys
from dataclasses import asdict
from typing import Any
from urllib.parse import unquote

from deploy.stack import offers
from deploy.stack.files import write_private
from deploy.stack.plan import Plan


def write_facts(plan: Plan) -> None:
    write_private(plan.folders.facts, json.dumps(facts(plan), indent=2) + "\n")


def facts(plan: Plan) -> dict[str, Any]:
    return {
        "url": plan.url,
        "port": plan.wish.port,
        "pid": os.getpid(),
        "database_url": plan.database.url,
        "redis_url": plan.redis.url,
        "broker_url": plan.shop["BROKER_URL"],
        "apps": [asdict(app) for app in plan.apps],
        "workers": plan.workers,
        "environment": plan.shop,
        "supervisor": str(plan.folders.supervisor_socket),
        "nginx": {
            "program": str(plan.nginx.program),
            "configuration": str(plan.nginx.configuration),
            "listen": f"{_bracketed(plan.address)}:{plan.wish.port}",
            "account": _account(plan),
        },
    }


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _account(plan: Plan) -> str:
    """Return whom root's nginx has its workers run as: somebody who can read the shop's files."""
    account = plan.nginx.account
    if account.name is None:
        return ""
    return account.name if plan.folders.admits(account) else "root"


def _letters(plan: Plan) -> object:
    """Say where letters go, without the password of a mail server."""
    own = str(plan.folders.letters) in unquote(plan.shop["EMAIL_URL"])
    return plan.folders.letters if own else "as EMAIL_URL says"


def _events(plan: Plan) -> str:
    """Say who lets handlers hear events, without the password of a broker."""
    if plan.broker is not None:
        return f"RabbitMQ in {plan.broker.folder}, {', '.join(plan.workers)}"
    if plan.workers:
        return f"as BROKER_URL says, {', '.join(plan.workers)}"
    if plan.wish.broker == "none":
        return "the relay itself (BROKER=none)"
    return f"the relay itself ({offers.WITHOUT_RABBITMQ})"


def places(plan: Plan, *, people: dict[str, str], seconds: float) -> str:
    """Say where everything is, line by line."""
    rows = {
        "shop": f"{plan.url}/",
        "back office": f"{plan.url}/admin/",
        "API": f"{plan.url}/api/docs/",
        "metrics": f"{plan.url}/metrics",
        "app servers": ", ".join(f"{app.name} (port {app.port})" for app in plan.apps),
        "data folder": plan.folders.data,
        "database": f"{plan.database.name} in {plan.database.folder}",
        "events": _events(plan),
        "logs": plan.folders.logs,
        "letters": _letters(plan),
        **_accounts(people),
        "to stop": "Ctrl-C, or make stack-down in another window",
    }
    lines = [f"  {name:<15}{where}" for name, where in rows.items()]
    return "\n".join([f"NovaShop's stack is open, after {seconds:.1f} s.", *lines])


def _accounts(people: dict[str, str]) -> dict[str, str]:
    """Return who can sign in: the demo's people, or how to become the first of one's own."""
    if not people:
        manage = f"{os.path.relpath(sys.executable)} -m deploy.stack manage"
        return {"staff account": f"{manage} createsuperuser"}
    named = {f"  {name}": what for name, what in people.items() if name}
    return {"sign in as": f"(each with the password {people['']})", **named}
