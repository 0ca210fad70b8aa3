"""The page as an answer: what is in it, what guards it, and that nothing in it names another host."""

import base64
import hashlib
import re

from remediation.app.board.page import HERE, SCRIPTS, page
from remediation.app.functions import App

MOST_BYTES = 100_000
WAYS_TO_MAKE_MARKUP = (
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "createContextualFragment",
    "eval(",
)


def policy() -> dict[str, str]:
    rules = page().headers["Content-Security-Policy"].split("; ")
    return dict(rule.split(" ", 1) for rule in rules)


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_every_script_beside_it_is_in_the_page_and_the_page_holds_no_other() -> None:
    assert sorted(SCRIPTS) == sorted(path.name for path in HERE.glob("*.js"))
    assert 1 == page().text.count("<script")


def test_its_policy_lets_its_own_style_and_script_run_and_nothing_else() -> None:
    text = page().text
    script, style = (
        text.split("<script>")[1].split("</script>")[0],
        text.split("<style>")[1].split("</style>")[0],
    )

    assert policy() == {
        "default-src": "'none'",
        "style-src": hashed(style),
        "script-src": hashed(script),
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


def test_nothing_in_it_names_another_host() -> None:
    assert [] == re.findall(r"https?://|//[a-z0-9-]+\.[a-z]", page().text)


def test_no_element_carries_a_handler_or_a_style_of_its_own() -> None:
    markup = (HERE / "page.html").read_text()
    assert [] == re.findall(r"\son\w+=|\sstyle=|javascript:", markup)


def test_no_text_can_become_markup() -> None:
    script = "".join((HERE / name).read_text() for name in SCRIPTS)
    assert [] == [name for name in WAYS_TO_MAKE_MARKUP if name in script]


def test_it_is_no_larger_than_a_picture() -> None:
    assert MOST_BYTES > len(page().text.encode())


def test_it_is_the_same_each_time_so_that_a_browser_may_keep_it() -> None:
    assert page().etag == f'"{hashlib.sha256(page().text.encode()).hexdigest()[:32]}"'
    assert "no-cache" == page().headers["Cache-Control"]


def test_a_browser_that_has_it_is_told_so_and_keeps_its_guards() -> None:
    """Whatever is wrong with the settings."""
    first = App({}).board({})
    again = App({}).board({"if-none-match": f'"other", W/{first.etag}'})

    assert (200, 304, "") == (first.status, again.status, again.text)
    assert first.headers == again.headers
