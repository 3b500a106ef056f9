"""Where log records go, and in which form: Django's LOGGING. `records.py` does the writing.

This is read with the settings, and so reads nothing of the shop.
"""

from typing import Any

FORMS = ("line", "json")
_LINE = "{asctime} {levelname} {name}: {message}"


def settings(form: str, *, process: str) -> dict[str, Any]:
    """Return Django's LOGGING for one of FORMS; `process` is how the log calls this process."""
    json_form = form == "json"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "novashop.records.LineFormatter", "format": _LINE, "style": "{"},
            "json": {"()": "novashop.records.json_formatter", "process": process},
        },
        "filters": {"told": {"()": "novashop.records.NotToldAlready"}},
        "handlers": {
            "console": {
                "class": "novashop.records.Handler" if json_form else "logging.StreamHandler",
                "formatter": form,
                "filters": ["told"] if json_form else [],
            },
            # Python writes what has no handler at all to the window.
            "nobody": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # Anybody can send a host that is not ours; it is refused, and nothing to wake up for.
            "django.security.DisallowedHost": {"handlers": ["nobody"], "propagate": False},
            # It says of each message that it came and that it is done; our own record says more.
            "celery": {"level": "WARNING"},
            "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        },
    }


def add_fault_reports(logging: dict[str, Any], *, dsn: str, environment: str, process: str) -> None:
    """Send what the log calls an error to Sentry as well."""
    logging["handlers"]["faults"] = {
        "()": "novashop.fault_reports.FaultHandler",
        "dsn": dsn,
        "environment": environment,
        "process": process,
    }
    logging["root"]["handlers"].append("faults")
