"""Takes a picture of a page, by Chromium: `python docs/make_screenshot.py report.html docs/report.png`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTH, HEIGHT = 1200, 1500


def take(page: Path, image: Path) -> None:
    """Writes the upper part of a page as a picture."""
    with tempfile.TemporaryDirectory() as profile:
        command = [
            *("chromium", "--headless=new", "--hide-scrollbars", "--disable-dev-shm-usage"),
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # Chromium refuses to run as root in its sandbox.
            *(f"--user-data-dir={profile}", f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={image.resolve()}"),
            page.resolve().as_uri(),
        ]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
