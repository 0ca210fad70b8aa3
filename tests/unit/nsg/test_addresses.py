"""Reading and writing addresses, held to the standard library's `ipaddress`."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.nsg.spaces.addresses import (
    PUBLIC,
    PUBLIC_V4,
    V6,
    cidrs,
    parse_addresses,
    ranges_of,
    to_text,
)
from remediation.nsg.spaces.sets import Ranges, contains, covers, from_pairs, intersect, size, subtract, union

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

V4 = st.ip_addresses(v=4).map(str)
V6_TEXT = st.ip_addresses(v=6).flatmap(
    lambda address: st.sampled_from((str(address), address.exploded, str(address).upper()))
)
LENGTHS = st.integers(-1, 140).map(str) | st.just("08") | st.just("255.255.0.0") | st.just("")
ALMOST = st.text(alphabet="0123456789abcfF:./-* ", max_size=24)
SETS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=6).map(
    lambda spans: from_pairs((low, low + length) for low, length in spans)
)


def by_the_library(text: str) -> tuple[int, int] | None:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    low = int(network.network_address) + (V6 if network.version == 6 else 0)
    return low, low + network.num_addresses


@given(st.one_of(V4, V6_TEXT, ALMOST), LENGTHS | st.none())
def test_a_prefix_is_read_exactly_as_the_library_reads_it(address: str, length: str | None) -> None:
    text = address if length is None else f"{address}/{length}"
    if "-" not in text:
        assert parse_addresses(text) == by_the_library(text)


@pytest.mark.parametrize(
    "text",
    [
        *[
            "10.0.0.0/40",
            "010.0.0.1",
            "1.2.3",
            "1.2.3.4.5",
            "300.1.1.1",
            "::1::",
            "1:2:3:4:5:6:7",
            "12345::",
            "fe80::1/129",
            "1.2.3.4::",
        ],
        *[
            "::1.2.3",
            "1:2:3:4:5:6:7:8:9",
            "10.0.0.9-10.0.0.1",
            "10.0.0.1-::1",
            "AzureCloud",
            "1.2.3.4/-1",
            "1-2-3",
        ],
        *("", "1 .2.3.4", "1.2.3.4/ 8"),
    ],
)
def test_what_is_no_address_is_not_read(text: str) -> None:
    assert parse_addresses(text) is None


def test_a_range_is_read_with_both_its_ends() -> None:
    assert cidrs(ranges_of("10.0.0.1 - 10.0.0.2")) == ["10.0.0.1/32", "10.0.0.2/32"]
    assert cidrs(ranges_of("2a0b::-2a0b::ffff")) == ["2a0b::/112"]


@given(st.ip_addresses())
def test_an_address_is_written_as_the_library_writes_it(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if address.version == 6 and int(address) >> 32 == 0xFFFF:
        return  # mapped IPv4, which the library has written in two ways
    assert to_text(int(address) + (V6 if address.version == 6 else 0)) == str(address)


@given(
    st.lists(
        st.ip_addresses(v=4).map(lambda one: f"{one}/24") | st.ip_addresses(v=6).map(lambda one: f"{one}/60")
    )
)
def test_prefixes_are_collapsed_as_the_library_collapses_them(texts: list[str]) -> None:
    networks = [ipaddress.ip_network(text, strict=False) for text in texts]
    four = ipaddress.collapse_addresses([one for one in networks if isinstance(one, ipaddress.IPv4Network)])
    six = ipaddress.collapse_addresses([one for one in networks if isinstance(one, ipaddress.IPv6Network)])
    assert cidrs(ranges_of(*texts)) == [*map(str, four), *map(str, six)]


def test_the_public_space_has_the_size_the_contract_says() -> None:
    assert size(PUBLIC_V4) == 3_702_258_687
    assert sum(ipaddress.ip_network(text).num_addresses for text in cidrs(PUBLIC)) == size(PUBLIC)


@given(SETS, SETS)
def test_sets_behave_as_sets_of_their_members(left: Ranges, right: Ranges) -> None:
    ours, theirs = members(left), members(right)
    assert members(union(left, right)) == ours | theirs
    assert members(intersect(left, right)) == ours & theirs
    assert members(subtract(left, right)) == ours - theirs
    assert covers(left, right) == (ours >= theirs)
    assert size(left) == len(ours)


def members(ranges: Ranges) -> set[int]:
    assert list(ranges) == sorted(set(ranges))
    return {point for point in range(80) if contains(ranges, point)}
