"""The picture of the page that the README shows: `make picture` (needs chromium)."""

import sys
import tempfile
from pathlib import Path

from tests.browser import find
from tests.unit.board.samples import alert, declared, exempt, finding, fixed
from tests.unit.board.stand_in import App, serving
from tests.unit.board.visitor import Visitor

PICTURE = Path(__file__).resolve().parents[3] / "docs" / "board.png"
WIDTH, HEIGHT = 1280, 900


def main() -> int:
    browser = find()
    if browser is None:
        sys.stderr.write("picture: no Chromium on this machine\n")
        return 2
    findings = [
        finding(0, name="nsg-web", owner="payments"),
        finding(2, severity="high", name="nsg-orders"),
        alert(3),
        finding(4, severity="medium", name="nsg-jump"),
        declared(5),
        exempt(7),
        fixed(8),
    ]
    app = App(findings)
    with (
        tempfile.TemporaryDirectory() as folder,
        Visitor(browser, Path(folder)) as visitor,
        serving(app) as url,
    ):
        visitor.visit(f"{url}?finding={app.of('nsg-web')['id']}", width=WIDTH, height=HEIGHT)
        visitor.until("document.querySelector('.verbs') && document.querySelector('#list[aria-busy=false]')")
        visitor.sees("document.getElementById('side').scrollTo(0, 330)")
        visitor.settle()
        PICTURE.write_bytes(visitor.picture())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
