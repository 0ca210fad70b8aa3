"""The picture of the report that the README shows: `make picture` (needs chromium)."""

import base64
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from remediation import baseline
from remediation.cli.output.scan_reports.page import page
from remediation.estates.estate import Estate
from remediation.estates.files import read_all
from remediation.estates.scanning import scan
from remediation.estates.ways_in import report
from remediation.rules import judged_types
from tests.browser import find
from tests.unit.ways_in.reader import Reader

ROOT = Path(__file__).resolve().parents[3]
ESTATE = "examples/estate.json"
PICTURE = ROOT / "docs" / "report.png"
WIDTH, HEIGHT = 1100, 1130
MAP_IS_DRAWN = "new Promise((done) => setTimeout(done, 1500))"
NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)


def main() -> int:
    browser = find()
    if browser is None:
        sys.stderr.write("picture: no Chromium on this machine\n")
        return 2
    estate = Estate(read_all([str(ROOT / ESTATE)]), [])
    found = scan(estate, estate.subjects(judged_types()), baseline.NOTHING, NOW)
    html = page(found, report(estate, baseline.NOTHING), NOW, about=ESTATE)
    with tempfile.TemporaryDirectory() as folder, Reader(browser, Path(folder)) as reader:
        reader.open(html, width=WIDTH, height=HEIGHT)
        reader.sees(MAP_IS_DRAWN)
        shot = reader.call("Page.captureScreenshot", format="png")["data"]
    PICTURE.write_bytes(base64.b64decode(shot))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
