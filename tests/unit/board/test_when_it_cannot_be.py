"""What the page says when it cannot show or do what was asked."""

from tests.unit.board.samples import finding
from tests.unit.board.seeing import LISTED, READ, ROWS, opened
from tests.unit.board.stand_in import KEY, App
from tests.unit.board.visitor import Visitor


def test_whoever_is_not_signed_in_signs_in_and_is_back_at_the_finding(
    visitor: Visitor, address: str, app: App
) -> None:
    app.person = ""
    visitor.visit(f"{address}?finding={app.of('nsg-web')['id']}")
    visitor.reads("You are not signed in. Findings are shown to people of this organisation.", "#notices")

    visitor.press_button("Sign in")
    visitor.reads("Rule allow-any lets the whole internet in", "#finding")


def test_without_a_sign_in_the_page_says_what_there_is_instead(
    visitor: Visitor, address: str, app: App
) -> None:
    app.person, app.signs_in = "", False
    visitor.visit(address)
    visitor.reads("this app has no sign-in yet", "#notices")


def test_the_function_key_reads_leaves_the_address_and_does_nothing_else(
    visitor: Visitor, address: str, app: App
) -> None:
    app.person = ""
    visitor.visit(f"{address}?code={KEY}&finding={app.of('nsg-web')['id']}")
    visitor.until(READ)
    visitor.reads("You look on with the function key.", "#notices")
    visitor.reads(
        "You cannot act on this: The function key reads and does nothing else: sign in.", "#reasons"
    )
    assert KEY not in visitor.sees("location.href")

    visitor.go(visitor.sees("location.href"))
    visitor.reads("You look on with the function key.", "#notices")


def test_whoever_may_not_read_is_told_and_sees_nothing(visitor: Visitor, address: str, app: App) -> None:
    app.person = "stranger"
    visitor.visit(address)
    visitor.reads("You may not see this. people.read of the baseline does not name you.", "#notices")
    visitor.reads(
        "You are signed in as stranger@contoso.example (aaaaaaaa-2222-4333-8444-555555555555).", "#notices"
    )
    assert [] == visitor.sees(ROWS)


def test_offline_the_page_keeps_what_it_has_and_does_nothing(
    visitor: Visitor, address: str, app: App
) -> None:
    opened(visitor, address, app)
    app.down = True
    visitor.sees("dispatchEvent(new Event('online'))")
    visitor.reads("No connection to the app. What you see is of 2026-11-29 09:30 UTC", "#notices")
    visitor.press_button("Apply the repair")
    assert not visitor.sees("document.getElementById('confirm').open")

    app.down = False
    visitor.press_button("Try now")
    visitor.until("!document.querySelector('.notice.offline')")
    visitor.press_button("Apply the repair")
    visitor.reads("Apply this repair?", "#confirm")


def test_an_app_that_cannot_answer_says_why(visitor: Visitor, address: str, app: App) -> None:
    app.busy = True
    visitor.visit(address)
    visitor.reads("The app cannot answer that now. The ledger does not answer.", "#notices")
    app.busy = False
    visitor.press_button("Try again")
    visitor.until(LISTED)


def test_a_finding_that_is_not_known_is_said_to_be_so(visitor: Visitor, address: str) -> None:
    visitor.visit(f"{address}?finding=nobody")
    visitor.reads("This finding is not known", "#finding")


def test_news_are_told_and_not_moved_under_a_finger(visitor: Visitor, address: str, app: App) -> None:
    visitor.visit(address)
    visitor.until(LISTED)
    app.findings.insert(0, finding(99, name="nsg-new"))
    visitor.sees("dispatchEvent(new Event('online'))")
    visitor.reads("There is news since you looked.", "#notices")
    assert "nsg-new" not in visitor.sees(ROWS)

    visitor.press_button("Show it")
    visitor.until(f"{ROWS}.includes('nsg-new')")


def test_where_nothing_is_open_it_says_what_is_watched(visitor: Visitor, address: str, app: App) -> None:
    app.findings = [one for one in app.findings if one["state"] == "fixed"]
    visitor.visit(address)
    visitor.reads(
        "Nothing is open 3 subscriptions watched by 42 rules. The last look was 4 min ago.", "#empty"
    )
    visitor.reads("7 repaired 41 s until repaired, in the middle", "#week")
