"""The page is one file, and text in it is text. What a browser makes of it is in test_report_in_chromium.py."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fixture_report import HOSTILE, empty_report, hostile_report

from textsynth.pages.charts import Curves, Interval, Shares
from textsynth.pages.report_page import render_page, write_page

VOID = {"meta", "link", "input"}
SVG_ALONE = {"line", "rect", "circle", "polyline"}


class Reader(HTMLParser):
    """Reads a page strictly: every element that begins must end, in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in SVG_ALONE
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.setdefault(self.open[-1] if self.open else "", []).append(data)


@pytest.fixture(scope="module", params=[hostile_report, empty_report])
def page(request: pytest.FixtureRequest) -> str:
    return render_page(request.param())


def test_every_element_ends_where_it_must_and_ids_are_unique(page: str):
    ids = [attributes["id"] for _, attributes in Reader(page).found if "id" in attributes]
    assert len(ids) == len(set(ids)) > 3


def test_nothing_is_asked_of_a_network(page: str):
    reader = Reader(page)
    for tag, attributes in reader.found:
        places = [value for name, value in attributes.items() if name in ("src", "href", "action", "data", "srcset")]
        assert all(place.startswith("#") or place == "data:," for place in places if place), (tag, attributes)
    style = "".join(reader.text["style"])
    assert not re.search(r"url\(|@import", style)
    assert "default-src 'none'" in page


def test_every_link_has_its_place(page: str):
    found = Reader(page).found
    ids = {attributes.get("id") for _, attributes in found}
    links = [str(attributes["href"]) for tag, attributes in found if tag == "a"]
    assert links
    assert {link.removeprefix("#") for link in links} <= ids


def test_hostile_text_is_text():
    page = render_page(hostile_report())
    reader = Reader(page)
    assert [tag for tag, _ in reader.found].count("script") == 2
    assert "img" not in [tag for tag, _ in reader.found]
    assert not any(name.startswith("on") for _, attributes in reader.found for name in attributes)
    for text in HOSTILE[:6]:
        assert text in reader.text["li"]
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", page)


def test_the_browser_of_examples_has_every_text_and_the_classes_of_a_combination():
    report = hostile_report()
    report["examples"][0]["class"] = "joy\ufdd0love"
    data = next(text for text in Reader(render_page(report)).text["script"] if text.startswith("{"))
    examples = json.loads(data)["examples"]
    assert [each["text"] for each in examples] == HOSTILE
    assert examples[0]["classes"] == ["joy", "love"]
    assert [each["source"]["text"] for each in examples] == HOSTILE


def test_the_file_is_what_is_rendered(tmp_path: Path):
    report = empty_report()
    write_page(report, tmp_path / "new" / "report.html")
    assert (tmp_path / "new" / "report.html").read_text(encoding="utf-8") == render_page(report)
    assert render_page(report).startswith("<!DOCTYPE html>")


def test_a_shared_report_says_nothing_of_quotes():
    quotes = "This page quotes the source"
    assert quotes in render_page(hostile_report())
    assert quotes not in render_page(empty_report())


def test_an_interval_is_to_scale():
    """From 0 to 10, with a margin of 15 % on both sides: 13 units on 130."""
    assert Interval.of(2, 10, 0, 4, 130) == Interval(35.0, 115.0, 15.0, 55.0, 130)
    assert Interval.of(1, None, None, None, 130) is None
    assert Interval.of(1, 1, None, None, 100) == Interval(50.0, 50.0, None, None, 100)


def test_shares_are_of_what_their_corpus_has():
    shares = Shares.of({"synthetic": {"A": 1, "B": 3}, "source": {"C": 5}})
    assert shares.names == ("B", "A", "C")
    assert shares.counts == ((3, 0), (1, 0), (0, 5))
    assert shares.shares == ((0.75, 0), (0.25, 0), (0, 1))
    lengths = Shares.of_lengths({"synthetic": {"bounds": [0, 5, 10], "counts": [1, 3]}})
    assert (lengths.names, lengths.shares) == (("0 to 5", "5 to 10"), ((0.25,), (0.75,)))


def test_curves_share_a_scale_and_bear_what_was_not_measured():
    curves = Curves.of([0, 10, 20], {"training": [3.0, 2.0, 1.0], "heldout": [None, 2.0, None]}, 100, 50)
    assert curves is not None
    assert curves.lines == {"training": "0.0,0.0 50.0,25.0 100.0,50.0", "heldout": "50.0,25.0"}
    assert curves.rows == ((0, 3.0, None), (10, 2.0, 2.0), (20, 1.0, None))
    assert Curves.of([1], {"training": [None]}, 100, 50) is None
