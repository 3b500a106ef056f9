"""A real browser for the journeys: the system's Chromium, and what it complained about."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
# A page that never comes is a fault; one that is late because the machine is busy is none.
SECONDS_TO_SHOW = 60
# What is gone through on both: of the two, the small one finds more.
SIZES = [
    pytest.param(PHONE, id="phone"),
    pytest.param(DESKTOP, id="desktop", marks=pytest.mark.long),
]


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    """A browser of this machine; without one the journey is skipped, but never in CI.

    It is ended with the module: what comes after it may want a loop of its own in this thread.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI has no Chromium to make this journey with")
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    # Playwright's loop runs in this thread, and Django takes the thread's queries for async ones.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def chromium(started: Browser) -> Iterator[Browser]:
    """A browser in which nobody has been yet."""
    yield started
    for context in started.contexts:
        context.close()


@pytest.fixture
def faults() -> list[str]:
    """What a browser complained about."""
    return []


def open_page(
    browser: Browser, size: Any, faults: list[str], *, javascript: bool, url: str = ""
) -> Page:
    """Open a page of somebody new; whatever goes wrong on it is a fault."""
    context = browser.new_context(
        viewport=size, java_script_enabled=javascript, base_url=url or None
    )
    page = context.new_page()
    page.set_default_timeout(SECONDS_TO_SHOW * 1000)
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    # What a page still asked for when somebody went on to the next one is nobody's fault.
    page.on(
        "requestfailed",
        lambda request: (
            faults.append(f"{request.failure} {request.url}")
            if request.failure != "net::ERR_ABORTED"
            else None
        ),
    )
    page.on(
        "response",
        lambda response: (
            faults.append(f"{response.status} {response.url}") if response.status >= 400 else None
        ),
    )
    return page
