from msgspec.structs import replace

from remediation.telling.cards import digest, text_of
from tests.unit.cards.samples import DIAGNOSTICS, FIXED, FOUND, NETWORK, NOW, PIP, SUBSCRIPTION, burst


def test_a_digest_counts_what_happened_and_how_bad_it_is() -> None:
    lines = list(text_of(digest(burst(40), now=NOW)))

    assert lines[0] == "DIGEST \u00b7 36 CRITICAL, 1 HIGH, 1 MEDIUM"
    assert lines[1] == "40 findings at once: 37 drift found, 1 repair proposed, 2 repaired"


def test_a_digest_says_who_caused_most_of_it_and_when() -> None:
    assert list(text_of(digest(burst(40), now=NOW)))[2] == (
        "36 of 40 changed by sp-deploy-orders from 203.0.113.10. Began 2026-10-20 09:15 UTC, latest just now."
    )


def test_what_is_open_comes_before_what_is_over_and_the_worst_first() -> None:
    lines = list(text_of(digest([DIAGNOSTICS, FIXED, PIP, FOUND], now=NOW)))
    titles = [FOUND.title, PIP.title, FIXED.title, DIAGNOSTICS.title]

    assert [line for line in lines if line in titles] == titles


def test_what_does_not_fit_is_counted() -> None:
    lines = list(text_of(digest(burst(40), now=NOW)))

    assert any(line.endswith("nsg-orders-11 and 24 more") for line in lines)


def test_many_kinds_of_news_are_counted_beyond_the_first() -> None:
    records = [replace(FOUND, rule=f"rule-{number:02}") for number in range(30)]

    assert list(text_of(digest(records, now=NOW)))[-1] == "... and 22 more of other kinds, see the list"


def test_many_groups_are_counted_beyond_the_first() -> None:
    records = [
        replace(FOUND, resource=FOUND.resource.replace("rg-spoke-orders", f"rg-{number:02}"))
        for number in range(30)
    ]

    assert list(text_of(digest(records, now=NOW)))[-1] == "... and 24 more in other groups, see the list"


def test_the_button_opens_what_all_of_them_have_in_common() -> None:
    portal = "https://portal.azure.com/"
    elsewhere = replace(FOUND, resource=FOUND.resource.replace("1111", "2222", 1))
    group = NETWORK.partition("/providers/")[0]

    assert _first_url(digest([FOUND, PIP], now=NOW)) == f"{portal}#@/resource{group}"
    assert _first_url(digest([FOUND, DIAGNOSTICS], now=NOW)) == f"{portal}#@/resource{SUBSCRIPTION}"
    assert _first_url(digest([FOUND, elsewhere], now=NOW)) == portal


def test_a_digest_of_nothing_is_still_a_card() -> None:
    assert "No findings" in list(text_of(digest([], now=NOW)))


def _first_url(card: dict[str, object]) -> object:
    actions = card["actions"]
    assert isinstance(actions, list)
    return actions[0]["url"]
