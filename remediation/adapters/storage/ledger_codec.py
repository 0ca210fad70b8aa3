"""How a ledger record lies in a store: a key that any table accepts, and a value that fits.

Keys are escaped so that their order stays: the UTF-8 bytes of a key are replaced by code words that sort as
the bytes do, of characters that Azure Tables allows in a key. Only what is too long for a key is hashed; it
then sorts with its first characters.

Values are JSON. Beyond a small size they are compressed, because a thousand-rule NSG is two megabytes of
text that says much the same thing a thousand times.

A value carries the version of its kind of record in front; one without a number is of version 1.
"""

import hashlib
import re
import zlib
from collections.abc import Sequence
from typing import Any

import msgspec

from remediation.errors import NEWER, TooLargeError, UnreadableError
from remediation.ports import Change, Insert, Row

LONGEST_KEY = 512
"""Characters; Azure Tables allows 1 KiB of UTF-16 per key."""
_PREFIX = 400
"""Characters of a hashed key that keep its place in the order."""
_AFTER_ALL_CODES = "~"
_SHARDED = re.compile(r"([a-z-]+)(@[0-9a-f])")
"""A partition of which others of the same shard lie in the same partition of the store."""
_BEHIND_NAME, _AFTER_NAME = "|", "}"
"""Behind the name of a partition in the keys of a shard, and what sorts after them; no code begins so."""
MOST_AT_ONCE = 100
MAX_BYTES = 800 * 1024
_COMPRESS_BEYOND = 2 * 1024
_PLAIN, _COMPRESSED = b"j", b"z"
_FORM = re.compile(rb"(\d{0,9})(.)", re.DOTALL)


def _codes() -> tuple[str, ...]:
    """One code word per byte: letters, digits, '-' and ':' stand for themselves, the rest for lead + hex.

    The lead of each run of other bytes is its own first printable character, so a code word sorts where
    its byte would.
    """
    leads = {range(0x2D): "!", range(0x2E, 0x30): ".", range(0x3B, 0x41): ";"}
    leads |= {range(0x5B, 0x61): "[", range(0x7B, 0x100): "{"}
    words = {byte: chr(byte) for byte in range(0x80)}
    words |= {byte: f"{lead}{byte:02x}" for run, lead in leads.items() for byte in run}
    return tuple(words[byte] for byte in range(0x100))


_CODES = _codes()
_BYTES = {word: byte for byte, word in enumerate(_CODES)}


def escape(key: str, longest: int = LONGEST_KEY) -> str:
    """A key of safe characters that sorts as the original does; hashed at the end when it is too long."""
    word = escape_whole(key)
    if len(word) <= longest:
        return word
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{word[:_PREFIX]}{_AFTER_ALL_CODES}{digest}"


def lower_bound(key: str) -> str:
    """No key at or after `key` is stored before this."""
    return escape_whole(key)[:_PREFIX]


def upper_bound(key: str) -> str:
    """No key before `key` is stored at or after this."""
    word = escape_whole(key)
    return word if len(word) <= _PREFIX else word[:_PREFIX] + 2 * _AFTER_ALL_CODES


def escape_whole(key: str) -> str:
    """A key of safe characters, however long."""
    return "".join(map(_CODES.__getitem__, key.encode("utf-8", "surrogatepass")))


def unescape(word: str) -> str:
    """The key that `escape_whole` was given."""
    codes = re.findall(r"[!.;\[{]..|.", word)
    return bytes(_BYTES[code] for code in codes).decode("utf-8", "surrogatepass")


def partition_key(partition: str) -> str:
    """The partition of the store: one for all that lies in a shard, else one for each of ours."""
    sharded = _SHARDED.fullmatch(partition)
    return escape(sharded[2] if sharded else partition)


def lies_in_shard(partition: str) -> bool:
    return _SHARDED.fullmatch(partition) is not None


def row_key(partition: str, key: str) -> str:
    """The key in the store, led by the name of our partition where several share one of the store."""
    prefix = _row_prefix(partition)
    return prefix + escape(key, LONGEST_KEY - len(prefix))


def is_hashed(partition: str, key: str) -> bool:
    """Whether the key in the store does not tell the whole key."""
    return row_key(partition, key) != _row_prefix(partition) + escape_whole(key)


def key_of(partition: str, word: str) -> str:
    """The key that `row_key` was given, unless it was hashed."""
    return unescape(word.removeprefix(_row_prefix(partition)))


def row_bounds(partition: str, start: str, end: str) -> tuple[str, str]:
    """From where to before where the keys of a range lie in the store; "" where nothing ends it."""
    prefix = _row_prefix(partition)
    if end:
        return prefix + lower_bound(start), prefix + upper_bound(end)
    return prefix + lower_bound(start), prefix[:-1] + _AFTER_NAME if prefix else ""


def _row_prefix(partition: str) -> str:
    sharded = _SHARDED.fullmatch(partition)
    return escape_whole(sharded[1]) + _BEHIND_NAME if sharded else ""


def refuse_far_apart(changes: Sequence[Change]) -> None:
    """Raise ValueError for changes that no store could make at once: a mistake of ours."""
    rows = [change if isinstance(change, Insert) else change.row for change in changes]
    if len({partition_key(row.partition) for row in rows}) > 1:
        raise ValueError("a commit stays within one shard of the ledger")
    if len({(row.partition, row.key) for row in rows}) != len(rows) or len(rows) > MOST_AT_ONCE:
        raise ValueError(f"a commit names a record once, and at most {MOST_AT_ONCE} of them")


def pack(value: dict[str, Any], version: int = 1) -> bytes:
    """The bytes of a value; TooLargeError when they are more than a record can hold."""
    text = msgspec.json.encode(value)
    packed = _COMPRESSED + zlib.compress(text, 1) if len(text) > _COMPRESS_BEYOND else _PLAIN + text
    if len(packed) > MAX_BYTES:
        raise TooLargeError(f"a ledger record of {len(packed)} bytes is larger than {MAX_BYTES}")
    return packed if version == 1 else b"%d%b" % (version, packed)


def unpack(packed: bytes, newest: int = 1, partition: str = "", key: str = "") -> dict[str, Any]:
    """The value that `pack` was given; UnreadableError where it is damaged or later than `newest`."""
    form = _FORM.match(packed)
    version = int(form[1] or 1) if form else 1
    if version > newest:
        why = f"{NEWER} (version {version}, this one reads {newest})"
        raise UnreadableError(partition, key, why, newer=True)
    if form is None or form[2] not in {_PLAIN, _COMPRESSED}:
        raise UnreadableError(partition, key, "it is damaged: no form we know")
    content = packed[form.end() :]
    try:
        value = msgspec.json.decode(zlib.decompress(content) if form[2] == _COMPRESSED else content)
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(partition, key, f"it is damaged: {error}") from error
    if not isinstance(value, dict):
        raise UnreadableError(partition, key, "it is damaged: no object")
    return value


def row(packed: bytes, newest: int, partition: str, key: str, etag: str) -> Row:
    """A record for a list: one that cannot be read says why."""
    try:
        return Row(partition, key, unpack(packed, newest, partition, key), etag)
    except UnreadableError as error:
        return Row(partition, key, {}, etag, unreadable=error.why, newer=error.newer, raw=packed)


def refuse_unreadable(row: Row) -> None:
    """Raise UnreadableError for a row that nobody could read: it is left as it is."""
    if row.unreadable:
        raise UnreadableError(row.partition, row.key, row.unreadable, newer=row.newer)


def copied(value: dict[str, Any]) -> dict[str, Any]:
    """A value as it comes back from a store, so that nobody else's copy is held."""
    result: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    return result
