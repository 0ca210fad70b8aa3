"""Whatever an id holds: exactly one path below a subscription, or a refusal."""

from urllib.parse import unquote, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from remediation.errors import InvalidResourceId
from remediation.resource_id import MAX_ID_LENGTH, ResourceId
from tests.builders import AT, BASTION_ID, NSG_ID, SUBNET_ID
from tests.unit.fuzzing.damage import HOSTILE, misspelt

TRICKS = (
    "/", "//", "/..", "/./", "?", "#", "%2f", "%00", "\\", "@", ":", ";", "\r\n", "\t", " ", "\u2028",
    "\u00ad", "\uff0f", "\u2044", "/providers/", "/subscriptions/", *HOSTILE,
)  # fmt: skip
IDS = st.sampled_from(
    [NSG_ID.text, SUBNET_ID.text, BASTION_ID.extension("Microsoft.Insights/x", "y").text, AT]
)
MISSPELT = IDS.flatmap(lambda text: misspelt(text, TRICKS))


@given(MISSPELT)
def test_a_misspelt_id_is_refused_shortly_or_is_one_path_of_arm(text: str) -> None:
    try:
        parsed = ResourceId.parse(text)
    except InvalidResourceId as error:
        reason = str(error)
        assert len(reason) < MAX_ID_LENGTH + 200
        return
    url = urlsplit(f"https://management.azure.com{parsed.text}")
    assert (url.hostname, unquote(url.path), url.query, url.fragment) == (
        "management.azure.com",
        parsed.text,
        "",
        "",
    )
    assert not {"", ".", ".."} & set(parsed.text.split("/")[1:])
    assert len(parsed.text) <= MAX_ID_LENGTH
    assert parsed.text.isprintable()


@given(MISSPELT)
def test_an_id_that_is_taken_reads_back_as_itself_from_its_text_and_from_its_key(text: str) -> None:
    try:
        parsed = ResourceId.parse(text)
    except InvalidResourceId:
        return
    assert parsed == ResourceId.parse(parsed.text) == ResourceId.parse(parsed.key)
    assert parsed.key == ResourceId.parse(parsed.key).key
