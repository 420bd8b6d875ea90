"""Chromium without a window and without a network, and axe-core; tests that need one are skipped if it is missing."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workbench import ROOT

AXE = ROOT / ".axe" / "package" / "axe.min.js"
"""What `npm pack axe-core` brings, where `.ci/run` unpacks it."""


def find_axe() -> str:
    """Returns the code of axe-core, and skips the test if it is not there."""
    if not AXE.exists():
        pytest.skip(f"axe-core is not there; .ci/run says how {AXE.relative_to(ROOT)} is brought")
    return AXE.read_text(encoding="utf-8")


@contextlib.contextmanager
def open_chromium(*arguments: str) -> Iterator[Any]:
    """Gives a browser that finds no host, and skips the test if there is none."""
    webdriver = pytest.importorskip("selenium.webdriver")
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (program and driver):
        pytest.skip("Chromium is not installed: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses to run as root in its sandbox.
    for argument in ("--headless=new", "--disable-dev-shm-usage", "--force-device-scale-factor=1", offline, *sandbox):
        options.add_argument(argument)
    for argument in arguments:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        browser.set_window_size(1200, 900)
        yield browser
    finally:
        browser.quit()


def set_scheme(browser: Any, scheme: str) -> None:
    """Has the browser say that the reader prefers a light or a dark page."""
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def open_page(browser: Any, path: Path) -> None:
    """Opens a file."""
    browser.get(path.as_uri())
