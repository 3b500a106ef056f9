"""What a developer sees with DEBUG=on: Django Debug Toolbar on every page, and a log of everything.

The settings read this file, so what needs Django to run is in the files beside it.
"""

import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PANELS = [
    f"debug_toolbar.panels.{name}"
    for name in (
        "history.HistoryPanel",
        "timer.TimerPanel",
        "sql.SQLPanel",
        "cache.CachePanel",
        "templates.TemplatesPanel",
        "request.RequestPanel",
        "headers.HeadersPanel",
        "staticfiles.StaticFilesPanel",
        "alerts.AlertsPanel",
        "settings.SettingsPanel",
        "versions.VersionsPanel",
        "signals.SignalsPanel",
        "redirects.RedirectsPanel",
        "profiling.ProfilingPanel",
    )
]
# They slow every page down, or stand in the way; a tick in the toolbar switches each of them on.
_OFF_AT_FIRST = {PANELS[-3], PANELS[-2], PANELS[-1]}
_REQUESTS_KEPT = 50
# What every request goes through before it reaches the code that asks; Django's own is hidden too.
_EVERY_STACK = [
    "granian",
    "multiprocessing",
    "whitenoise",
    "django_htmx",
    "zeal",
    "novashop.debug_pages",
    "novashop.query_log",
    "shop.lib.proxies",
    "shop.lib.requests",
    "shop.ops.draining",
    "shop.backoffice.auditing",
]

_WHITENOISE = "whitenoise.middleware.WhiteNoiseMiddleware"
_TOOLS = [
    "debug_toolbar.middleware.DebugToolbarMiddleware",
    "novashop.debug_pages.DebugPageMiddleware",
    "novashop.query_log.QueryLogMiddleware",
]


# What the detector of N+1 takes for one, and is none: it takes any two `get` below one line of ours
# for a loop, and Django's admin, its sessions and its types of content `get` their single rows
# below the lines that every request goes through. What loops over `get`, budgets of queries find.
NO_ROW_BY_ROW = [{"model": "*", "field": "get()"}]


def add_debug_tools(*, installed_apps: list[str], middleware: list[str]) -> None:
    """Switch the toolbar and the log of queries on, and the detector of N+1 where it is installed.

    They stand inside of WhiteNoise: the files of a page would push the page itself out of what the
    toolbar remembers.
    """
    installed_apps.append("debug_toolbar")
    place = middleware.index(_WHITENOISE) + 1
    middleware[place:place] = _TOOLS
    if find_spec("zeal"):
        installed_apps.append("zeal")
        # The log of queries says it, with the request.
        warnings.filterwarnings("ignore", r"N\+1 detected", UserWarning)


def toolbar_config() -> dict[str, Any]:
    """Return DEBUG_TOOLBAR_CONFIG."""
    from debug_toolbar.settings import CONFIG_DEFAULTS

    return {
        "SHOW_TOOLBAR_CALLBACK": "novashop.debug_pages.is_watched",
        "TOOLBAR_STORE_CLASS": "novashop.debug_store.FolderStore",
        "RESULTS_CACHE_SIZE": _REQUESTS_KEPT,
        "DISABLE_PANELS": _OFF_AT_FIRST,
        "HIDE_IN_STACKTRACES": (*CONFIG_DEFAULTS["HIDE_IN_STACKTRACES"], *_EVERY_STACK),
        # What htmx or the API's own page has asked since is what one looks for.
        "UPDATE_ON_FETCH": True,
    }


def add_debug_log(*, logging: dict[str, Any], file: Path) -> None:
    """Send every record to `file` as well, queries with their values among them."""
    logging["formatters"]["full"] = {"()": "novashop.query_log.FullFormatter"}
    logging["filters"]["asked"] = {"()": "novashop.query_log.AskedForSomething"}
    logging["handlers"]["debug_file"] = {
        "class": "novashop.query_log.DebugFile",
        "filename": str(file),
        "formatter": "full",
        "filters": ["asked"],
        "level": "DEBUG",
    }
    logging["root"]["handlers"].append("debug_file")
    logging["root"]["level"] = "DEBUG"
    logging["handlers"]["console"]["level"] = "INFO"
    loggers = logging["loggers"]
    loggers["django"]["level"] = "DEBUG"
    # In the window, the log of queries has a line for each request already.
    loggers["django.server"]["handlers"] = ["debug_file"]
    # They write hundreds of lines about files they look at, and variables that may be missing.
    for name in ("django.utils.autoreload", "django.template", "PIL"):
        loggers[name] = {"level": "INFO"}
