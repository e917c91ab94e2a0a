"""A headless Chromium for tests that look at the portal as a person does.

`new_tab` opens pages at the width of a desk (1280) or a phone (390) and, when the test ends, fails it if a page broke the
content security policy, threw an error nobody caught, or asked any other machine for anything.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.packages import require_package, require_program

DESK = (1280, 900)
PHONE = (390, 844)

# No sandbox: the tests may run as root. The rest keeps the browser from asking its maker for anything.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--lang=ja",
]
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_OWN_SCHEMES = {"about", "blob", "data"}


def chromium_path() -> Path:
    """Return the browser of this machine (CHROME_PATH overrides), or fail with the command that installs it."""
    if chosen := os.environ.get("CHROME_PATH"):
        return Path(chosen)
    return require_program("chromium")


@dataclass
class Watch:
    """What went wrong on the pages of one test; a test that provokes a fault clears the list itself."""

    faults: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Collect the faults of a page."""
        page.on("request", lambda request: self._request(request.url))
        page.on("console", lambda message: self._console(message.text))
        page.on("pageerror", lambda error: self.faults.append(f"uncaught error: {error}"))

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _OWN_SCHEMES and parts.hostname not in _LOOPBACK:
            self.faults.append(f"asked another machine: {url}")

    def _console(self, text: str) -> None:
        if "Content Security Policy" in text or "Trusted Type" in text or "TrustedHTML" in text:
            self.faults.append(f"broke the content security policy: {text}")


NewTab = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Yield one headless Chromium for this worker; every tab gets a profile of its own."""
    path = chromium_path()
    require_package("libatomic1")
    require_package("fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Watch:
    """Return the faults seen on this test's pages so far."""
    return Watch()


@pytest.fixture
def new_tab(chromium: Browser, watch: Watch) -> Iterator[NewTab]:
    """Yield a function that opens a page in a fresh profile: `new_tab()`, `new_tab(PHONE)`, `new_tab(java_script_enabled=False)`."""
    contexts = []

    def open_tab(size: tuple[int, int] = DESK, **options: object) -> Page:
        context = chromium.new_context(
            **{
                "viewport": {"width": size[0], "height": size[1]},
                "locale": "ja-JP",
                "timezone_id": "Asia/Tokyo",
                "has_touch": size == PHONE,
                **options,
            }
        )
        context.set_default_timeout(10_000)
        context.on("page", watch.follow)
        contexts.append(context)
        return context.new_page()

    yield open_tab
    for context in contexts:
        context.close()
    assert watch.faults == []
