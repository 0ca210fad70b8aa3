"""Acting on a finding: what is said first, what is sent, and what is told when it is refused."""

import json

from tests.unit.board.seeing import FOCUSED, MINUS, diff, opened
from tests.unit.board.stand_in import App
from tests.unit.board.visitor import Visitor


def test_applying_says_first_exactly_what_is_sent(visitor: Visitor, address: str, app: App) -> None:
    opened(visitor, address, app)
    visitor.press_button("Apply the repair")
    visitor.press_button("The whole request: PUT allow-any")

    shown = visitor.sees("document.querySelector('#confirm pre').textContent")
    write = app.of("nsg-web")["fix"]["writes"][0]
    head, _, body = shown.partition("\n\n")
    assert (f"PUT {write['id']}", write["body"]) == (head, json.loads(body))
    visitor.reads(
        "You decide over: The baseline only observes. Attached to 7 subnets and NICs, more than 5.",
        "#confirm",
    )
    assert [] == [asked for asked in app.asked if asked[0] == "POST"]


def test_what_was_applied_is_told_and_shown(visitor: Visitor, address: str, app: App) -> None:
    opened(visitor, address, app)
    visitor.press_button("Apply the repair")
    visitor.sees("document.querySelector('#confirm textarea').value = 'agreed with payments'")
    visitor.press_button("Write this to Azure")

    visitor.reads("Applied to nsg-web.", "#outcome")
    visitor.reads("REPAIRED", "#finding")
    visitor.reads("Take the repair back", ".verbs")
    visitor.until("document.querySelector('[data-severity=critical] b').innerText === '1'")
    assert ("fixed", [{"reason": "agreed with payments"}]) == (app.of("nsg-web")["state"], app.bodies)


def test_a_change_carries_what_was_shown_and_what_no_other_page_can_send(
    visitor: Visitor, address: str, app: App
) -> None:
    opened(visitor, address, app)
    etag = visitor.sees(
        f"fetch('/api/findings/{app.of('nsg-web')['id']}').then((it) => it.json()).then((it) => it.etag)"
    )
    visitor.press_button("Apply the repair")
    visitor.press_button("Write this to Azure")
    visitor.reads("Applied to nsg-web.")

    [headers] = [headers for method, _, headers in app.asked if method == "POST"]
    assert ("1", f'"{etag}"') == (headers["x-bastion-guard"], headers["if-match"])
    assert 36 == len(headers["idempotency-key"])
    assert "same-origin" == headers["sec-fetch-site"]


def test_a_stale_page_does_nothing_and_shows_how_it_is_now(visitor: Visitor, address: str, app: App) -> None:
    opened(visitor, address, app)
    app.change(app.of("nsg-web"), message="Rule allow-any lets the whole internet in on TCP 22.")
    visitor.press_button("Apply the repair")
    visitor.press_button("Write this to Azure")

    visitor.reads("This has changed since you looked, so nothing was done.", "#notices")
    visitor.reads("lets the whole internet in on TCP 22.", "#finding")
    assert ("open", "heading") == (app.of("nsg-web")["state"], visitor.sees(FOCUSED))

    visitor.press_button("Apply the repair")
    visitor.press_button("Write this to Azure")
    visitor.reads("Applied to nsg-web.")


def test_what_a_guard_refuses_is_told_in_the_confirmation(visitor: Visitor, address: str, app: App) -> None:
    app.refuses = "the resource has a lock (CanNotDelete, made by kim)"
    opened(visitor, address, app)
    visitor.press_button("Apply the repair")
    visitor.press_button("Write this to Azure")

    visitor.reads("Not done. The resource has a lock (CanNotDelete, made by kim).", "#wrong")
    visitor.press("Escape")
    assert ("open", "apply") == (app.of("nsg-web")["state"], visitor.sees(FOCUSED))


def test_leaving_alone_wants_a_reason_and_says_until_when(visitor: Visitor, address: str, app: App) -> None:
    opened(visitor, address, app)
    visitor.press_button("Leave it alone …")
    visitor.reads("Until 2026-11-29 13:30 UTC; it ends by itself.", "#confirm")
    visitor.press_button("Leave it alone")
    assert "open" == app.of("nsg-web")["state"]  # the browser asks for the reason first

    visitor.sees("document.querySelector('#confirm textarea').value = 'migration'")
    visitor.press_button("Leave it alone")
    visitor.reads("This is left alone until 2026-11-29 13:30 UTC (4 h).", "#finding")
    assert [{"reason": "migration", "exemptFor": "4h"}] == app.bodies


def test_taking_back_shows_what_comes_back(visitor: Visitor, address: str, app: App) -> None:
    opened(visitor, address, app, app.findings[8]["name"])
    visitor.press_button("Take the repair back")
    assert [
        "destinationPortRange",
        f"{MINUS} before: 443",
        "destinationPortRanges",
        "+ after: 22, 443, 3389",
    ] == visitor.sees(diff("#confirm"))

    visitor.press_button("Write this to Azure")
    visitor.reads("OPEN", "#finding .pills")


def test_seen_and_looked_at_again(visitor: Visitor, address: str, app: App) -> None:
    opened(visitor, address, app)
    visitor.press_button("Look again")
    visitor.reads("Looked at: it is as it was.", "#outcome")
    visitor.press_button("I have seen it")
    visitor.sees("document.querySelector('#confirm [type=submit]').click()")
    visitor.reads("Seen by engineer@contoso.example", "#finding .facts")


def test_accepting_repeats_what_will_count_as_declared(visitor: Visitor, address: str, app: App) -> None:
    opened(visitor, address, app, app.findings[5]["name"])
    visitor.press_button("Accept what is there")
    visitor.reads(
        f"securityRules/allow-web/sourceAddressPrefix {MINUS} before: 10.0.0.0/8 + after: *", "#confirm"
    )
    visitor.press_button("Declare it so")
    visitor.reads("RESOLVED", "#finding .pills")


def test_a_reader_sees_everything_and_cannot_apply(visitor: Visitor, address: str, app: App) -> None:
    app.person = "reader"
    opened(visitor, address, app)
    visitor.reads(
        "Your account has no right to do this; people.apply of the baseline names who has.", "#reasons"
    )

    visitor.press_button("Apply the repair")
    assert not visitor.sees("document.getElementById('confirm').open")
    assert [] == [asked for asked in app.asked if asked[0] == "POST"]
