"""The names Azure makes up, computed as it does: `uniqueString` and `guid`.

Neither is documented; both are held against the Bicep compiler's own evaluation in the tests.
"""

import uuid
from collections.abc import Sequence

from remediation.landing_zone.facts import GUID_NAMESPACE

_MASK = 0xFFFFFFFF
_FIRST, _SECOND = 0x239B961B, 0xAB0E9789
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_LENGTH = 13


def unique_string(parts: Sequence[str]) -> str:
    """Thirteen letters and digits made of a hash of the parts."""
    value = _murmur("-".join(parts).encode())
    return "".join(_LETTERS[value >> (59 - 5 * place) & 31] if place < 12 else _LETTERS[value << 1 & 31]
                   for place in range(_LENGTH))  # fmt: skip


def guid(parts: Sequence[str]) -> str:
    return str(uuid.uuid5(GUID_NAMESPACE, "-".join(parts)))


def _murmur(data: bytes) -> int:
    """MurmurHash3 in the variant of 64 bits made of two halves of 32."""
    one = two = 0
    whole = len(data) - len(data) % 8
    for at in range(0, whole, 8):
        one ^= _scrambled(data[at : at + 4], _FIRST, 15, _SECOND)
        one = (_turned(one, 19) + two) * 5 + 0x561CCD1B & _MASK
        two ^= _scrambled(data[at + 4 : at + 8], _SECOND, 17, _FIRST)
        two = (_turned(two, 13) + one) * 5 + 0x0BCAA747 & _MASK
    one ^= _scrambled(data[whole : whole + 4], _FIRST, 15, _SECOND)
    two ^= _scrambled(data[whole + 4 :], _SECOND, 17, _FIRST)
    one, two = one ^ len(data), two ^ len(data)
    one = one + two & _MASK
    two = one + two & _MASK
    one, two = _mixed(one), _mixed(two)
    one = one + two & _MASK
    return (one + two & _MASK) << 32 | one


def _scrambled(part: bytes, before: int, turns: int, after: int) -> int:
    return _turned(int.from_bytes(part, "little") * before & _MASK, turns) * after & _MASK


def _turned(value: int, by: int) -> int:
    return value << by & _MASK | value >> 32 - by


def _mixed(value: int) -> int:
    value ^= value >> 16
    value = value * 0x85EBCA6B & _MASK
    value ^= value >> 13
    value = value * 0xC2B2AE35 & _MASK
    return value ^ value >> 16
