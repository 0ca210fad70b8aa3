"""A scan as a document: the page, Markdown and JUnit; what is alike told together; hostile names harmless."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from remediation.cli.output.scan_reports.groups import grouped
from remediation.cli.output.scan_reports.junit import junit
from remediation.cli.output.scan_reports.markdown import LONGEST, code, markdown, text
from remediation.cli.output.scan_reports.page import page
from remediation.cli.output.scan_table import show
from remediation.estates.scanning import Scan
from remediation.model import Disposition, Finding, Severity, Unknown
from remediation.resource_id import ResourceId
from remediation.rules import registry
from tests.browser import find
from tests.builders import NSG_ID
from tests.unit.scan.scanned import Desk, an_estate
from tests.unit.ways_in.reader import Reader
from tests.unit.ways_in.samples import report
from tests.unseen import NO_CHROMIUM

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
HOSTILE = (
    "</pre></script><img src=x onerror=alert(1)> [a](http://evil.example) @ada #1 ``` "
    "\x00\x1b[2J\u202e\ufffe\nb"
)
OPEN = "nsg-mgmt-open-to-internet"


def a_finding(
    number: int = 0,
    *,
    rule: str = OPEN,
    severity: Severity = Severity.HIGH,
    message: str = "",
    command: str = "",
) -> Finding:
    resource = ResourceId.parse(f"{NSG_ID}{number}")
    commands = (command or f"az network nsg rule delete --name x{number}",)
    return Finding(
        rule, resource, severity, registry()[rule].title, message or f"{number} is open", (), {},
        Disposition.ALERT, commands=commands,
    )  # fmt: skip


def many(count: int) -> Scan:
    """A large estate: every rule says something, most of it of hundreds of resources."""
    rules = sorted(registry())[:10]
    findings = [
        a_finding(each, rule=rules[each % 10], severity=Severity(each % 10 // 2)) for each in range(count)
    ]
    return Scan(tuple(sorted(findings, key=lambda one: -one.severity)), evaluated=count)


def printed(result: Scan, width: int = 120) -> str:
    out = io.StringIO()
    show(result, Console(file=out, width=width, highlight=False))
    return out.getvalue()


# What is alike -------------------------------------------------------------------------------------


def test_twenty_thousand_findings_are_a_screen_and_every_one_is_counted() -> None:
    told = printed(many(20_000))

    assert len(told.splitlines()) <= 42
    assert "20,000 findings: 4,000 critical, 4,000 high" in told
    assert 10 == told.count("and 1,997")


def test_a_few_of_a_kind_are_told_one_by_one_and_many_once() -> None:
    apart, together = ([a_finding(each) for each in range(count)] for count in (3, 4))

    assert [1, 1, 1] == [len(group.findings) for group in grouped(apart)]
    assert [4] == [len(group.findings) for group in grouped(together)]


def test_many_that_say_the_same_are_told_in_their_own_words_else_in_the_rules() -> None:
    same = grouped(a_finding(each, message="open to all") for each in range(5))
    different = grouped(a_finding(each) for each in range(5))

    assert ["open to all"] == [group.message for group in same]
    assert [registry()[OPEN].title] == [group.message for group in different]


def test_what_happens_differently_is_never_told_together() -> None:
    findings = [a_finding(each, severity=Severity(each % 2)) for each in range(8)]
    assert [4, 4] == [len(group.findings) for group in grouped(findings)]


# Markdown ------------------------------------------------------------------------------------------


def test_markdown_names_what_was_found_worst_first_and_what_to_type(desk: Desk) -> None:
    told = desk.scan("--estate", desk.file(an_estate(logs=False)), form="markdown").text

    assert told.startswith("## Bastion Guard: ")
    assert told.index("### Critical") < told.index("### Medium")
    assert "```bash\n  az network nic ip-config update" in told


@pytest.mark.parametrize("foreign", [HOSTILE, "www.evil.example", "**bold** | cell", "<details>", "![x](y)"])
def test_foreign_text_is_nothing_but_text_in_markdown(foreign: str) -> None:
    told = text(foreign)

    assert told.isprintable()
    bare = re.sub(r"&#\d+;", "?", told)
    assert not re.search(r"(?<!\\)[*_`\[\]|]|<(?!!-- -->)|@\w|#\d|://|www\.", bare)


def test_code_in_markdown_ends_where_we_end_it() -> None:
    assert "`a'b c?`" == code("a`b c\n")
    assert "` `" == code("")


def test_a_command_with_backticks_stays_in_its_fence() -> None:
    told = markdown(Scan((a_finding(command="az x ```` && y"),), evaluated=1), NOW, about="x")
    assert "`````bash\n  az x ```` && y\n  `````" in told


def test_markdown_fits_into_a_comment_however_much_there_is_to_say() -> None:
    findings = tuple(a_finding(each, command="az " + "x" * 900) for each in range(3))
    every = tuple(
        a_finding(each, rule=rule, command="az " + "x" * 4000) for rule in registry() for each in range(3)
    )
    assert "There is more" not in markdown(Scan(findings, evaluated=3), NOW, about="x")
    told = markdown(Scan(every, evaluated=3), NOW, about="x")
    assert len(told) < LONGEST + 100
    assert told.endswith("`--format json` has all of it._\n\n")


# JUnit ---------------------------------------------------------------------------------------------


def cases(told: str) -> dict[str, str]:
    """Each test case's name with what became of it."""
    root = ET.fromstring(told)  # noqa: S314  ours
    return {
        str(case.get("name")): next((child.tag for child in case), "passed") for case in root.iter("testcase")
    }


def test_a_finding_that_fails_the_command_is_a_failure_and_a_lesser_one_is_skipped() -> None:
    result = Scan((a_finding(1), a_finding(2, severity=Severity.LOW)), evaluated=2)

    told = cases(junit(result, NOW, Severity.MEDIUM, unknown_fails=False))

    assert {f"{NSG_ID}1": "failure", f"{NSG_ID}2": "skipped", "2 resources judged": "passed"} == told


def test_never_fails_nothing_and_unknowns_count_where_they_do_for_the_command() -> None:
    unknown = (Unknown(OPEN, NSG_ID, "not read"),)

    for fails, became in ((False, "skipped"), (True, "error")):
        told = cases(junit(Scan((a_finding(1),), unknown, 1), NOW, None, unknown_fails=fails))
        assert {f"{NSG_ID}1": "skipped", NSG_ID.text: became, "1 resource judged": "passed"} == told


def test_a_scan_that_judged_nothing_is_red() -> None:
    assert {"0 resources judged": "error"} == cases(junit(Scan(), NOW, None, unknown_fails=False))


def test_the_counts_of_suites_add_up() -> None:
    root = ET.fromstring(junit(many(100), NOW, Severity.HIGH, unknown_fails=False))  # noqa: S314  ours
    for name in ("tests", "failures", "errors", "skipped"):
        assert int(root.get(name, "")) == sum(int(suite.get(name, "")) for suite in root)
    assert ("101", "40", "60") == (root.get("tests"), root.get("failures"), root.get("skipped"))


def test_no_name_makes_it_anything_but_xml() -> None:
    finding = a_finding(message=HOSTILE + "\ud800]]>", command=HOSTILE)
    told = junit(
        Scan((finding,), (Unknown(OPEN, NSG_ID, HOSTILE),), 1), NOW, Severity.INFO, unknown_fails=True
    )
    failure = ET.fromstring(told.encode()).find(".//failure")  # noqa: S314  ours
    assert failure is not None
    assert "alert(1)" in failure.get("message", "")
    assert all(line.isprintable() for line in (failure.text or "").splitlines())


# The page ------------------------------------------------------------------------------------------


def a_page(*findings: Finding, drawn: bool = True) -> str:
    notes, unknowns = (HOSTILE,), (Unknown(OPEN, NSG_ID, HOSTILE),)
    result = Scan(findings, unknowns, len(findings), notes)
    return page(result, report(5) if drawn else None, NOW, about=HOSTILE)


def test_nothing_of_a_document_is_markup_on_the_page() -> None:
    html = a_page(a_finding(message=HOSTILE, command=HOSTILE), drawn=False)

    assert "<img" not in html
    assert "<script" not in html
    assert not set("\x00\x1b\u202e\ufffe") & set(html)


def test_the_page_asks_nobody_for_anything() -> None:
    html = a_page(a_finding())
    assert {"http://www.w3.org/2000/svg"} == set(re.findall(r"https?://[^\"'\s)&;\]]+", html)) - {
        "http://evil.example"  # as text, from the names above
    }
    assert "default-src &#x27;none&#x27;" in html


def test_without_a_way_there_is_no_map_and_no_script_may_run() -> None:
    html = a_page(a_finding(), drawn=False)
    assert "<iframe" not in html
    assert "script-src &#x27;none&#x27;" in html


def test_a_large_estate_is_a_page_of_a_few_megabytes_that_says_what_it_left_out() -> None:
    html = page(many(20_000), None, NOW, about="x")
    assert len(html) < 6_000_000
    assert 10 == html.count("and 1,500 more: --format json has them all")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    found = find()
    if found is None:
        pytest.skip(NO_CHROMIUM)
    with Reader(found, tmp_path_factory.mktemp("chromium")) as reader:
        yield reader


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen_and_the_browser_has_no_complaint(
    reader: Reader, width: int, *, dark: bool
) -> None:
    hostile = [a_finding(each, message=HOSTILE * 3, command="x" * 500) for each in range(5)]
    reader.open(a_page(*hostile), width=width, height=844, dark=dark)

    reader.sees("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert width >= reader.sees("document.documentElement.scrollWidth")
    assert 1 == reader.sees("document.querySelectorAll('iframe').length")
    assert ([], []) == (reader.complaints, reader.requests)


# As it is typed ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["table", "json", "sarif", "html", "markdown", "junit"])
def test_every_format_is_printed_or_written_and_the_exit_status_is_the_same(desk: Desk, form: str) -> None:
    estate, target = desk.file(an_estate()), desk.folder / "out"

    printed_ = desk.scan("--estate", estate, form=form)
    written = desk.scan("--estate", estate, "--output", str(target), form=form)
    never = desk.scan("--estate", estate, "--fail-on", "never", form=form)

    assert 0 == never.status
    assert (1, 1, "") == (printed_.status, written.status, written.text)
    assert printed_.text.count("\n") == Path(target).read_text(encoding="utf-8").count("\n")
    assert f"wrote {target}" in written.errors


def test_the_page_of_an_estate_draws_its_ways(desk: Desk) -> None:
    html = desk.scan("--estate", desk.file(an_estate()), form="html").text
    assert "open, 0 not known" in html
    assert 'sandbox="allow-scripts"' in html


def test_a_folder_that_is_not_there_is_said_before_anything_is_read(desk: Desk) -> None:
    answer = desk.scan("--estate", "nowhere.json", "--output", "/no/such/folder/x", form="html")
    assert (2, "") == (answer.status, answer.text)
    assert "--output /no/such/folder/x: cannot be written: there is no folder" in answer.errors
    assert "nowhere.json" in answer.errors


def test_without_a_baseline_that_is_what_holds_a_repair_back(desk: Desk) -> None:
    """Not "observe mode": nobody chose one."""
    without, chosen = (
        desk.scan("--estate", desk.file(an_estate()), baseline=baseline, form="markdown")
        for baseline in (None, {"version": 1})
    )
    assert ("no baseline given" in without.text, "observe mode" in without.text) == (True, False)
    assert ("no baseline given" in chosen.text, "observe mode" in chosen.text) == (False, True)
