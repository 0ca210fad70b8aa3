"""Resource ids: an identity without case, and a gate for what becomes part of a URL."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from remediation.errors import InputError, InvalidResourceId
from remediation.resource_id import MAX_ID_LENGTH, ResourceId
from tests.builders import AT, BASTION_ID, NSG_ID, SUBNET_ID, SUBSCRIPTION, VNET_ID
from tests.story.core.calm import CALM

SETTING = BASTION_ID.extension("Microsoft.Insights/diagnosticSettings", "central")

NAMES = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.()", min_size=1, max_size=20
)
SEGMENTS = NAMES.filter(
    lambda name: name.strip(".") != "" and name.lower() not in {"providers", "subscriptions"}
)
IDS = st.builds(
    lambda group, name, rule: (
        f"{AT}/resourceGroups/{group}/providers/Microsoft.Network/nsgs/{name}/rules/{rule}"
    ),
    SEGMENTS,
    SEGMENTS,
    SEGMENTS,
)


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        (AT, "microsoft.resources/subscriptions", SUBSCRIPTION),
        (f"{AT}/resourceGroups/rg", "microsoft.resources/subscriptions/resourcegroups", "rg"),
        (NSG_ID.text, "microsoft.network/networksecuritygroups", "web"),
        (f"{NSG_ID}/", "microsoft.network/networksecuritygroups", "web"),
        (SUBNET_ID.text, "microsoft.network/virtualnetworks/subnets", "web"),
        (SETTING.text, "microsoft.insights/diagnosticsettings", "central"),
        (f"{AT}/providers/Microsoft.Authorization/locks/l", "microsoft.authorization/locks", "l"),
    ],
)
def test_an_id_tells_its_type_and_name(text: str, kind: str, name: str) -> None:
    parsed = ResourceId.parse(text)

    assert (kind, name, SUBSCRIPTION) == (parsed.type, parsed.name, parsed.subscription)


def test_ids_compare_without_case_and_keep_their_spelling() -> None:
    shouted = ResourceId.parse(NSG_ID.text.upper())

    assert {NSG_ID} == {shouted}
    assert NSG_ID.text.upper() == shouted.text


def test_an_extension_stands_on_its_resource_and_a_child_below_its_parent() -> None:
    assert (BASTION_ID, None) == (SETTING.extended, SETTING.parent)
    assert (VNET_ID, None) == (SUBNET_ID.parent, SUBNET_ID.extended)
    assert (None, None) == (NSG_ID.parent, NSG_ID.extended)


def test_the_way_up_leads_to_the_nearest_of_a_type_or_nowhere() -> None:
    assert VNET_ID == SUBNET_ID.up_to(VNET_ID.type)
    assert BASTION_ID == SETTING.up_to(BASTION_ID.type)
    assert SUBNET_ID == SUBNET_ID.up_to(SUBNET_ID.type)
    assert SUBNET_ID.up_to("microsoft.network/bastionhosts") is None


@pytest.mark.parametrize(
    "text",
    [
        None,
        5,
        [],
        "",
        "/",
        "web",
        "subscriptions/x",
        "/providers/Microsoft.Network/nsgs/x",
        "/subscriptions",
        "/subscriptions/",
        f"{AT}/resourceGroups",
        f"{AT}/resourceGroups/rg/providers",
        f"{AT}/resourceGroups/rg/providers/Microsoft.Network",
        f"{AT}/resourceGroups/rg/providers/Microsoft.Network/nsgs",
        f"{AT}/resourceGroups/rg/unknown/segment",
        f"{AT}/resourceGroups/../providers/Microsoft.Network/nsgs/x",
        f"{AT}/resourceGroups/./providers/Microsoft.Network/nsgs/x",
        f"{AT}//resourceGroups/rg",
        f"{NSG_ID}?api-version=1",
        f"{NSG_ID}#fragment",
        f"{NSG_ID}%2e%2e",
        f"{NSG_ID}\\..\\x",
        f"{NSG_ID}\nHost: evil.example",
        f"{NSG_ID}\x00",
        f"{NSG_ID}\u202e",
        f"{NSG_ID}\ud800",
        NSG_ID.text.replace("k", "\u212a", 1),  # the sign for kelvin, which lower-casing turns into a k
        f"{NSG_ID}\u017f",  # long s
        f"{NSG_ID}\u0130",  # I with a dot, of which an i and a mark come
        f"{NSG_ID}\u1e9e",  # capital sharp s, which comes back as two letters
        f"{NSG_ID}\u2126",  # the sign for ohm
        f"{NSG_ID}\uff57",  # fullwidth
        f"{NSG_ID}\ufb01",  # a ligature
        f"{NSG_ID}e\u0301",  # an accent by itself
        f"{NSG_ID}\u200b",  # zero width
        f"{NSG_ID}\u034f",
        f"{NSG_ID}\u3164",  # fillers
        f"{NSG_ID}\u2800",
        f"{NSG_ID}\ufe0f",  # a selector
        f"https://evil.example{NSG_ID}",
        f"//evil.example{NSG_ID}",
        f"{NSG_ID}" + "x" * MAX_ID_LENGTH,
    ],
)
def test_what_is_not_exactly_one_id_is_refused(text: object) -> None:
    with pytest.raises(InvalidResourceId):
        ResourceId.parse(text)


@pytest.mark.parametrize(
    "name",
    [
        "gr\u00f6\u00dfe",
        "caf\u00e9",
        "\u0434\u043e\u043c",
        "\u6771\u4eac",
        "kay\u0131t",
        "\u03bb\u03cc\u03b3\u03bf\u03c2",
    ],
)
def test_names_in_other_alphabets_are_names(name: str) -> None:
    assert name == ResourceId.parse(f"{AT}/resourceGroups/{name}").name


@CALM
@given(st.characters(min_codepoint=0x80))
def test_no_letter_of_an_id_becomes_another_one_when_ids_are_compared(letter: str) -> None:
    try:
        parsed = ResourceId.parse(f"{AT}/resourceGroups/x{letter}x")
    except InputError:
        return
    assert not parsed.key.rpartition("/")[2].strip("x").isascii()
    assert parsed.name.lower().upper() == parsed.name.upper()


def test_a_refusal_shows_the_beginning_of_an_endless_id_only() -> None:
    with pytest.raises(InvalidResourceId) as refused:
        ResourceId.parse(f"{NSG_ID}" + "x" * 1_000_000)

    assert len(str(refused.value)) < 300


@CALM
@given(st.text() | st.text(st.sampled_from(f"/.?#%\\{AT}providers"), max_size=80))
def test_any_text_is_an_id_below_subscriptions_or_refused(text: str) -> None:
    try:
        parsed = ResourceId.parse(text)
    except InputError:
        return
    assert parsed.key.startswith("/subscriptions/")
    assert not {"", ".", ".."} & set(parsed.key.split("/")[1:])
    assert parsed.subscription


@CALM
@given(IDS, st.integers(0, 200), st.sampled_from(["/..", "/.", "//", "?", "#", "%", "\\", "\n", "\x7f", "<"]))
def test_no_trick_put_into_an_id_gets_through(text: str, place: int, trick: str) -> None:
    place = min(place, len(text))
    spoilt = text[:place] + trick + text[place:]
    assume(spoilt.strip() == spoilt)
    try:
        parsed = ResourceId.parse(spoilt)
    except InputError:
        return
    assert trick in {"/..", "/."}, "only a longer name may come of it"
    assert not {".", ".."} & set(parsed.text.split("/"))


@CALM
@given(IDS)
def test_parsing_the_text_of_an_id_gives_the_same_id(text: str) -> None:
    parsed = ResourceId.parse(text)

    assert parsed == ResourceId.parse(parsed.text)
    assert parsed == ResourceId.parse(parsed.key)
    assert parsed.parent == ResourceId.parse(text.rsplit("/", 2)[0])


@CALM
@given(IDS, SEGMENTS)
def test_a_child_knows_its_parent_and_an_extension_what_it_stands_on(text: str, name: str) -> None:
    own = ResourceId.parse(text)

    assert own == own.child("things", name).parent
    assert own == own.extension("Microsoft.Insights/diagnosticSettings", name).extended
