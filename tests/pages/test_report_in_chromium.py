"""What a browser makes of a report's page: offline, with keyboard and screen reader, in both colour schemes."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import find_axe, open_chromium, open_page, set_scheme
from fixture_report import HOSTILE, empty_report, hostile_report, support_report
from workbench import ROOT

from textsynth.pages.report_page import write_page

pytestmark = pytest.mark.slow

REPORTS = {"support": support_report, "hostile": hostile_report, "empty": empty_report}

SHOWN = """
const own = (node) => (node.nodeName === "MARK" ? node.firstChild : node).textContent;
const whole = (line) => [...line.childNodes].map(own).join("");
return [...document.querySelectorAll("#list > li")].map((item) => [...item.querySelectorAll(".text")].map(whole));
"""
"""Reads the texts of each example without the labels that are written into them."""

TYPE = """
const field = document.querySelector("[name=text]");
const start = performance.now();
field.value = "e";
field.dispatchEvent(new Event("input", { bubbles: true }));
document.body.offsetHeight;
return performance.now() - start;
"""
"""Types a letter and says how many milliseconds it took until the page was laid out again."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    for name, report in REPORTS.items():
        write_page(report(), folder / f"{name}.html")
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def support(chromium: Any, folder: Path) -> Any:
    open_page(chromium, folder / "support.html")
    return chromium


def texts(browser: Any, selector: str) -> list[str]:
    return [each.get_property("textContent") for each in browser.find_elements("css selector", selector)]


def enter(browser: Any, field: str, value: str) -> str:
    """Fills in a field of the browser of examples, and returns what it found."""
    browser.find_element("css selector", f"[name={field}]").send_keys(value)
    return texts(browser, "#found")[0]


@pytest.mark.parametrize("name", REPORTS)
def test_it_opens_without_a_word_on_the_console(chromium: Any, folder: Path, name: str):
    chromium.get_log("browser")
    open_page(chromium, folder / f"{name}.html")
    assert chromium.get_log("browser") == []
    asked = chromium.execute_script("return performance.getEntriesByType('resource').map(each => each.name)")
    assert [each for each in asked if not each.startswith("data:")] == []


def test_examples_are_filtered_by_text_label_class_and_origin(support: Any):
    examples = support_report()["examples"]
    assert texts(support, "#found") == [f"{len(examples)} of {len(examples)} examples, 1 to 25 shown"]
    wanted = [each for each in examples if each["origin"] == "heldout"]
    assert enter(support, "origin", "heldout").startswith(f"{len(wanted)} of ")
    wanted = [each for each in wanted if any(span[2] == "DATE" for span in each["spans"])]
    assert enter(support, "label", "DATE").startswith(f"{len(wanted)} of ")
    wanted = [each for each in wanted if each["class"] == "delivery_problem"]
    assert enter(support, "class", "delivery_problem").startswith(f"{len(wanted)} of ")
    wanted = [each for each in wanted if "the" in each["text"].lower()]
    assert enter(support, "text", "The").startswith(f"{len(wanted)} of ")
    assert 0 < len(wanted) == len(texts(support, "#list > li"))
    assert texts(support, "#list mark:first-of-type .tag")
    enter(support, "text", "no such text")
    assert texts(support, "#list > li") == []


def test_a_derived_example_has_its_source_beside_it(support: Any):
    enter(support, "origin", "mention_replacement")
    examples = [each for each in support_report()["examples"] if each["source"]]
    origins = texts(support, "#list > li:first-child .origin")
    assert origins == ["mention_replacement", "source"]
    marks = texts(support, "#list > li:first-child .side:last-child mark > bdi:first-child")
    source = examples[0]["source"]
    assert marks == [source["text"][start:end] for start, end, _ in source["spans"]]


def test_the_keyboard_reaches_and_turns_the_pages(support: Any):
    keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
    support.find_element("css selector", "body").send_keys(keys.TAB)
    assert support.switch_to.active_element.get_property("className") == "skip"
    reached = []
    for _ in range(80):
        support.switch_to.active_element.send_keys(keys.TAB)
        active = support.switch_to.active_element
        reached.append(active.get_attribute("name") or active.get_attribute("id") or active.tag_name)
        if reached[-1] == "next":
            break
    assert reached[-5:] == ["text", "label", "class", "origin", "next"]
    support.switch_to.active_element.send_keys(keys.ENTER)
    assert "26 to 50 shown" in texts(support, "#found")[0]
    support.switch_to.active_element.send_keys(keys.SHIFT, keys.TAB)
    assert support.switch_to.active_element.get_attribute("id") == "previous"
    support.switch_to.active_element.send_keys(keys.SPACE)
    assert "1 to 25 shown" in texts(support, "#found")[0]
    assert support.switch_to.active_element.get_attribute("id") == "next"


def test_hostile_text_is_text(chromium: Any, folder: Path):
    open_page(chromium, folder / "hostile.html")
    assert chromium.title.startswith("Report on ")
    shown = chromium.execute_script(SHOWN)
    assert shown == [[text, text] for text in HOSTILE]
    marked = texts(chromium, "#list .side:first-child mark > bdi:first-child")
    assert marked == [text[:5] for text in HOSTILE]
    direction = "return getComputedStyle(document.querySelectorAll('#list > li')[4].querySelector('.text')).direction"
    assert chromium.execute_script(direction) == "rtl"
    assert len(chromium.find_elements("css selector", "script")) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", REPORTS)
def test_axe_finds_no_violation(chromium: Any, folder: Path, name: str, scheme: str):
    axe = find_axe()
    set_scheme(chromium, scheme)
    open_page(chromium, folder / f"{name}.html")
    chromium.execute_script("for (const each of document.querySelectorAll('details')) each.open = true;")
    chromium.execute_script(axe)
    found = chromium.execute_async_script("axe.run().then(arguments[0])")
    told = [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]]
    assert told == []
    assert len(found["passes"]) > 20
    paper = chromium.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(251, 250, 248)", "dark": "rgb(22, 24, 28)"}[scheme]
    set_scheme(chromium, "light")


def test_thousands_of_examples_are_quick(chromium: Any, tmp_path: Path):
    """A letter typed into the search of 5,000 examples is answered within a quarter of a second."""
    report = support_report()
    some = random.Random(1).choices(report["examples"], k=5000)
    write_page(report | {"examples": some}, tmp_path / "many.html")
    open_page(chromium, tmp_path / "many.html")
    taken = chromium.execute_script(TYPE)
    assert len(chromium.find_elements("css selector", "#list > li")) == 25
    assert taken < 250


def test_the_screenshot_is_taken(folder: Path, tmp_path: Path):
    if shutil.which("chromium") is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    image = tmp_path / "report.png"
    script = ROOT / "docs" / "make_screenshot.py"
    subprocess.run([sys.executable, script, folder / "support.html", image], check=True, capture_output=True)
    content = image.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert [int.from_bytes(content[place : place + 4]) for place in (16, 20)] == [1200, 1500]


def test_paper_has_what_is_folded_away(support: Any):
    pages = support.execute_cdp_cmd("Page.printToPDF", {})["data"]
    assert len(pages) > 10_000
    support.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert not support.find_elements("css selector", "details:not([open])")
    support.execute_script("dispatchEvent(new Event('afterprint'))")
    assert not support.find_elements("css selector", "details[open]")
