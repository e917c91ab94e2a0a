"""Every component the README promises, as a person with a desk, a phone, large type or a contrast theme meets it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from portal.web.assets.build import HERE
from tests.assets.sampler_site import Site, examples, sampler
from tests.support.browser import DESK, PHONE, NewTab

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROWEST = (320, 800)
ALL = "".join(markup for shown in examples().values() for markup in shown)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["with script", "without script"])
def test_axe_finds_nothing_on_any_component(site: Site, new_tab: NewTab, size: tuple[int, int], scripts: bool) -> None:
    site.pages["/"] = sampler(scripts=scripts)
    tab = new_tab(size)
    tab.goto(f"{site.url}/")
    if scripts:
        tab.wait_for_selector(".toolbar")
    found = Axe().run(tab, options={"runOnly": {"type": "tag", "values": TAGS}}).response

    assert len(found["passes"]) > 30
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]] == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_while_things_are_open(site: Site, new_tab: NewTab, size: tuple[int, int]) -> None:
    site.pages["/"] = sampler()
    tab = new_tab(size)
    tab.goto(f"{site.url}/")
    tab.click("#record-1")
    tab.click("button:text-is('表')")
    for head in ("内容", "担当", "期限"):
        tab.keyboard.type(head)
        tab.keyboard.press("Tab")
    tab.click("button:text-is('決定事項')")
    tab.fill("#body-1", "連絡会")
    tab.wait_for_selector("[role=option]")
    tab.keyboard.press("ArrowDown")
    with_options = Axe().run(tab, options={"runOnly": {"type": "tag", "values": TAGS}}).response
    tab.click("[data-show-keys]")
    with_dialog = Axe().run(tab, options={"runOnly": {"type": "tag", "values": TAGS}}).response

    for found in (with_options, with_dialog):
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]] == []


@pytest.mark.parametrize("large", ["100", "130"])
@pytest.mark.parametrize("size", [DESK, PHONE, NARROWEST], ids=["desk", "phone", "320"])
def test_no_page_scrolls_sideways(site: Site, new_tab: NewTab, size: tuple[int, int], large: str) -> None:
    site.pages["/"] = sampler(size=large)
    tab = new_tab(size)
    tab.goto(f"{site.url}/")
    tab.wait_for_selector(".toolbar")

    assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_things_to_press_are_large_enough_for_a_finger(site: Site, new_tab: NewTab) -> None:
    site.pages["/"] = sampler()
    tab = new_tab(PHONE)
    tab.goto(f"{site.url}/")
    tab.wait_for_selector(".toolbar")
    small = tab.evaluate(
        """[...document.querySelectorAll("a, button, input, select, summary")]
        .filter(element => element.checkVisibility() && !element.closest(".picker, .seen-by-reader, .skip, p, .band, .error"))
        .map(element => [element.outerHTML.slice(0, 80), element.closest("label")?.getBoundingClientRect().height ?? 0,
                         element.getBoundingClientRect().height])
        .filter(([, label, own]) => Math.max(label, own) < 24)"""
    )

    assert small == []


def test_a_contrast_theme_keeps_the_current_menu_item_apart(site: Site, new_tab: NewTab) -> None:
    site.pages["/"] = sampler()
    tab = new_tab(forced_colors="active")
    tab.goto(f"{site.url}/")
    color = "element => getComputedStyle(element).borderBlockEndColor"
    current = tab.eval_on_selector(".menu a[aria-current]", color)
    other = tab.eval_on_selector(".menu li:first-child a", color)

    assert current != other


def test_the_focus_is_never_invisible(site: Site, new_tab: NewTab) -> None:
    site.pages["/"] = sampler()
    tab = new_tab()
    tab.goto(f"{site.url}/")
    for _ in range(12):
        tab.keyboard.press("Tab")
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_paper_carries_the_report_and_not_the_controls(site: Site, new_tab: NewTab) -> None:
    site.pages["/"] = sampler()
    tab = new_tab()
    tab.goto(f"{site.url}/")
    tab.emulate_media(media="print")

    assert not tab.is_visible(".menu")
    assert not tab.is_visible(".savebar")
    assert tab.is_visible(".facts")
    assert tab.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_the_examples_hold_no_inline_style_or_script() -> None:
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|javascript:", ALL)


def test_every_class_of_an_example_is_in_the_sheets() -> None:
    sheets = "".join(path.read_text() for path in (HERE / "css").glob("*.css"))
    used = {name for classes in re.findall(r'class="([^"]+)"', ALL) for name in classes.split()}

    assert {name for name in used if f".{name}" not in sheets} <= {"lead", "plain", "quiet", "small"}
