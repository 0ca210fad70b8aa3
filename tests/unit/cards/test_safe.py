import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.telling.cards.safe import clip, exact, neutral

FORBIDDEN = ("](", "{{", "${", "//", "<", ">", "www.")
ANYTHING = st.text(st.characters(), max_size=200)
NASTY = st.lists(
    st.sampled_from(
        ["](", "[", "{", "$", "/", ":", "<at>", "</at>", "www.", "\u202e", "\u200b", "\n", "a", " "]
    )
).map("".join)


@given(ANYTHING | NASTY)
def test_no_text_can_start_a_link_a_mention_or_a_card_function(text: str) -> None:
    shown = neutral(text)

    assert [each for each in FORBIDDEN if each in shown.lower()] == []


@given(ANYTHING | NASTY)
def test_a_neutral_text_is_one_visible_line(text: str) -> None:
    shown = neutral(text)

    assert shown.split() == shown.split(" ") or shown == ""
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@given(ANYTHING | NASTY)
def test_making_a_text_neutral_twice_changes_nothing_more(text: str) -> None:
    assert neutral(neutral(text)) == neutral(text)


@given(st.text(st.sampled_from("abcXYZ019 -_.,;:!?'()[]*#|~`äöüßñ漢字"), max_size=80))
def test_ordinary_text_is_shown_as_it_was_written(text: str) -> None:
    words = " ".join(text.split())

    assert neutral(words) == words.replace("](", "] (")


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("[Approve](https://evil.example)", "[Approve] (https:/ /evil.example)"),
        ("<at>Security Team</at>", "\u2039at\u203aSecurity Team\u2039/at\u203a"),
        ("{{DATE(2020-01-01T00:00:00Z)}}", "{ {DATE(2020-01-01T00:00:00Z)}}"),
        ("${body}", "$ {body}"),
        ("exe.txt\u202egpj", "exe.txtgpj"),
        ("nsg\u200b-\u2060web", "nsg-web"),
        ("one\r\ntwo\u2028three", "one two three"),
        ("z" + "\u0335" * 30, "z\u0335\u0335"),
        ("\u3164\u2800", ""),
        ("\ud800lone", "lone"),
        ("\x1b[31mred", "[31mred"),
        ("WWW.evil.example", "WWW[.]evil.example"),
    ],
)
def test_each_known_trick_shows_as_harmless_text(hostile: str, shown: str) -> None:
    assert neutral(hostile) == shown


@given(ANYTHING, st.integers(1, 50))
def test_a_clipped_text_says_that_it_was_clipped(text: str, limit: int) -> None:
    clipped = clip(text, limit)

    assert len(clipped) <= limit
    assert clipped == text or clipped.endswith("…")


@pytest.mark.parametrize(
    "command",
    [
        "az group delete\u202e",
        "echo \u200bx",
        "echo <at>you</at>",
        "a](b",
        "x" * 101,
        "",
        "a\tb",
        "a\rb",
        "a\u2028b",
        " \n ",
        "echo ${HOME}",
    ],
)
def test_a_command_that_could_not_be_shown_exactly_is_not_shown(command: str) -> None:
    assert not exact(command, 100)


def test_an_ordinary_command_is_shown_over_several_lines_too() -> None:
    assert exact("az network nsg rule update \\\n  -g rg --nsg-name 'nsg' -n \"a\"  --ports 22 '*'", 100)
