"""The preview as Chromium draws it. Runs under the mark `browser`; skipped where Chromium or a Japanese font is missing.

A script of the test's own measures it from outside and writes what it found into the document.
"""

import html
import json
import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest
from digests import HOSTILE, TOKYO, full_digest, make_digest, make_digest_entry, make_section

from monitor.model import Snippet
from monitor.preview.page import preview_html

pytestmark = pytest.mark.browser

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SECONDS = 60
#: The page itself allows no scripts at all, so that it stands in a frame and is measured from outside.
FRAME = """<!doctype html><meta charset="utf-8">
<body style="margin: 0"><iframe style="border: 0; width: 100%; height: 3000px"></iframe>
<script>
const frame = document.querySelector("iframe");
function ink(page, sign) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 40;
  const pen = canvas.getContext("2d");
  pen.font = "32px " + frame.contentWindow.getComputedStyle(page.body).fontFamily;
  pen.fillText(sign, 2, 34);
  return canvas.toDataURL();
}
frame.onload = () => {
  const page = frame.contentDocument;
  const boxes = (what) => [...page.querySelectorAll(what)].map((one) => one.getBoundingClientRect());
  const told = document.createElement("pre");
  told.id = "measured";
  told.textContent = JSON.stringify({
    wide: boxes("body *").filter((box) => box.right > frame.clientWidth + 1).length,
    font: ink(page, "関") !== ink(page, "\\uE000") && ink(page, "関") !== ink(page, "税"),
    marked: boxes("b").filter((box) => box.width > 0 && box.height > 0).length,
    loaded: frame.contentWindow.performance.getEntriesByType("resource").map((one) => one.name),
    scripts: page.scripts.length,
    height: page.documentElement.scrollHeight,
  });
  document.body.append(told);
};
frame.srcdoc = PAGE;
</script>
"""


def chromium(tmp_path: Path, page: Path, *options: str) -> str:
    if BROWSER is None:
        pytest.skip("no Chromium here")
    fixed = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        f"--user-data-dir={tmp_path / 'profile'}",
    )
    made = subprocess.run(
        [BROWSER, *fixed, *options, page.as_uri()], capture_output=True, text=True, timeout=SECONDS, check=True
    )
    return made.stdout


def measured(tmp_path: Path, text: str, width: int) -> dict:
    page = tmp_path / "page.html"
    quoted = json.dumps(text).replace("</", "<\\/")
    page.write_text(FRAME.replace("PAGE", quoted, 1), encoding="utf-8")
    dumped = chromium(tmp_path, page, f"--window-size={width},1000", "--dump-dom")
    found = re.search(r'<pre id="measured">(.*?)</pre>', dumped, re.DOTALL)
    assert found, dumped[-500:]
    told = json.loads(html.unescape(found[1]))
    if not told["font"]:
        pytest.skip("no Japanese font here")
    return told


def pixels(png: bytes) -> tuple[int, int, bytes]:
    """(width, height, filtered scan lines) of a PNG (its specification, sections 5 and 10)."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    data, at = b"", 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += 12 + size
    return width, height, zlib.decompress(data)


@pytest.mark.parametrize("width", [500, 900])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_everything_is_drawn_within_the_window(tmp_path, language, width):
    told = measured(tmp_path, preview_html([full_digest()], language=language, zone=TOKYO), width)
    assert told["wide"] == 0
    assert told["marked"] > 3
    assert told["loaded"] == []


def test_a_hostile_page_neither_runs_nor_loads_nor_bursts_the_frame(tmp_path):
    entries = [
        make_digest_entry(number, title=Snippet(text=title), snippet=Snippet(text=title), outlet=title)
        for number, title in enumerate(HOSTILE)
    ]
    told = measured(tmp_path, preview_html([make_digest(make_section(*entries))], language="ja", zone=TOKYO), 600)
    assert told["wide"] == 0
    assert told["loaded"] == []
    assert told["scripts"] == 0


def test_a_screenshot_shows_it(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(preview_html([full_digest()], language="ja", zone=TOKYO), encoding="utf-8")
    picture = tmp_path / "page.png"
    chromium(tmp_path, page, "--window-size=900,1200", f"--screenshot={picture}")
    width, height, lines = pixels(picture.read_bytes())
    assert (width, height) == (900, 1200)
    # Text on a plain ground: many grey values, and most of the page is ground.
    assert len(set(lines)) > 50
    assert lines.count(0) > len(lines) / 3
