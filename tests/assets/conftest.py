"""A site that serves the built assets alone, and a way to open one page of it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from portal.web.assets import manifest
from portal.web.assets.build import build
from tests.assets.sampler_site import Site, page
from tests.support.browser import NewTab

Show = Callable[..., Page]


@pytest.fixture(scope="session")
def _assets() -> None:
    build(plain=False)
    manifest.cache_clear()


@pytest.fixture
def site(_assets: None) -> Iterator[Site]:
    """A site of this test's own: a page of the test before may still send its last words somewhere."""
    site = Site()
    yield site
    site.close()


@pytest.fixture
def show(site: Site, new_tab: NewTab) -> Show:
    """Put markup on a page and open it: `show("<p>…</p>")`, `show(markup, size=PHONE)`."""

    def open_page(markup: str, **options: object) -> Page:
        site.pages["/"] = page(f"<main><h1>見本</h1>{markup}</main>")
        tab = new_tab(**options)
        tab.goto(f"{site.url}/")
        return tab

    return open_page
