"""The part of a baseline about channels, routes and owners -> Routing, every mistake with its path."""

import re
from collections.abc import Mapping
from typing import Any

from remediation.baseline.routes import CARDS_PER_MINUTE, TYPES, Channel, Route, Routing
from remediation.baseline.scopes import matches_any
from remediation.baseline.structure import MATCHES, Structure
from remediation.model import Severity

ROUTING_KEYS = frozenset({"channels", "routes", "defaultChannel", "ownerTags"})
_ROUTE_MATCHES = MATCHES | {"rules", "severity"}
_CHANNEL_KEYS = frozenset({"type", "secret", "digestAbove", "cardsPerMinute"})
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_SETTING = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_SEVERITIES = {severity.text: severity for severity in Severity}
_MOST_CHANNELS = 200
_MOST_PER_MINUTE = 60
OWN_RULES = ("gave-up",)
"""Rules of findings that the app makes about itself; routes may name them."""


class RoutesReader(Structure):
    """Reads where alerts go. `called` are the channels that the document names, good ones and others."""

    called: frozenset[str] = frozenset()

    def _routing(self, document: Mapping[Any, Any]) -> Routing:
        channels = self._channels(document.get("channels"))
        self.called = frozenset(str(name) for name in _mapping_or_nothing(document.get("channels")))
        routes = tuple(self._each(document, "routes", self._route))
        default = self._text(document, "defaultChannel", "defaultChannel") or ""
        if default:
            self._known_channel(default, "defaultChannel")
        return Routing(channels, routes, default, self._owner_tags(document))

    def _channels(self, value: Any) -> dict[str, Channel]:
        entries = self._mapping(value, "channels")
        if len(entries) > _MOST_CHANNELS:
            self.wrong("channels", f"are more than {_MOST_CHANNELS}", len(entries))
            return {}
        read = [self._channel(name, entry) for name, entry in entries.items()]
        return {channel.name: channel for channel in read if channel is not None}

    def _channel(self, name: Any, value: Any) -> Channel | None:
        path = f"channels.{name}"
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.wrong(
                path, "a channel's name is at most 40 of a-z, 0-9 and -, and begins and ends without -"
            )
            return None
        entry = self._mapping(value, path)
        self._only(entry, _CHANNEL_KEYS, f"{path}.")
        kind = entry.get("type")
        if kind not in TYPES:
            self.wrong(f"{path}.type", f"must be {', '.join(TYPES[:-1])} or {TYPES[-1]}", kind)
            kind = TYPES[0]
        return Channel(
            name,
            kind,
            self._secret(entry, f"{path}.secret"),
            self._count(entry, "digestAbove", path, 0, 1000, None),
            self._count(entry, "cardsPerMinute", path, 1, _MOST_PER_MINUTE, None) or CARDS_PER_MINUTE,
        )

    def _secret(self, entry: Mapping[Any, Any], path: str) -> str:
        """The name of a setting. What stands there instead may be the secret itself, so it is not shown."""
        name = entry.get("secret")
        if name is None:
            self.wrong(path, "is required: the name of the setting that holds the webhook's URL")
        elif not isinstance(name, str) or not _SETTING.fullmatch(name):
            self.wrong(path, "not the name of a setting; the URL itself belongs into the setting it names")
        else:
            return name
        return ""

    def _count(
        self, entry: Mapping[Any, Any], key: str, path: str, least: int, most: int, default: int | None
    ) -> int | None:
        number = entry.get(key)
        if number is None:
            return default
        if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
            self.wrong(f"{path}.{key}", f"must be a whole number from {least} to {most}", number)
            return default
        return number

    def _route(self, value: Any, path: str) -> Route:
        entry = self._mapping(value, path)
        self._only(entry, {"match", "channels", "continue"}, f"{path}.")
        wanted = entry.get("match")
        match = self._match(wanted, f"{path}.match", _ROUTE_MATCHES)
        limits = _mapping_or_nothing(wanted)
        goes_on = entry.get("continue", False)
        if not isinstance(goes_on, bool):
            self.wrong(f"{path}.continue", "must be true or false", goes_on)
        return Route(
            match,
            self._patterns(limits, f"{path}.match.rules"),
            self._severity(limits, f"{path}.match.severity"),
            self._targets(entry, f"{path}.channels"),
            goes_on is True,
        )

    def _patterns(self, limits: Mapping[Any, Any], path: str) -> tuple[str, ...]:
        """Ids of rules, or globs; one that no rule has is a mistake, since it would never match."""
        if "rules" not in limits:
            return ()
        patterns = self._texts(limits["rules"], path)
        for pattern in patterns if self.known_rules is not None else ():
            known = (*(self.known_rules or ()), *OWN_RULES)
            if not any(matches_any((pattern,), rule) for rule in known):
                self.wrong(path, f"no such rule{self.meant(pattern, known)}", pattern)
        return patterns

    def _severity(self, limits: Mapping[Any, Any], path: str) -> Severity | None:
        if "severity" not in limits:
            return None
        word = limits["severity"]
        if not isinstance(word, str) or word not in _SEVERITIES:
            self.wrong(path, f"must be {', '.join(_SEVERITIES)}", word)
            return None
        return _SEVERITIES[word]

    def _targets(self, entry: Mapping[Any, Any], path: str) -> tuple[str, ...]:
        if "channels" not in entry:
            self.wrong(path, "is required: names of channels")
            return ()
        names = self._texts(entry["channels"], path)
        if entry["channels"] == []:
            self.wrong(path, "is empty: what goes nowhere is told to nobody")
        for name in names:
            self._known_channel(name, path)
        return tuple(dict.fromkeys(names))

    def _known_channel(self, name: str, path: str) -> None:
        if name not in self.called:
            self.wrong(path, f"no such channel{self.meant(name, self.called)}", name)

    def _owner_tags(self, document: Mapping[Any, Any]) -> tuple[str, ...]:
        if document.get("ownerTags") is None:
            return ()
        return tuple(
            dict.fromkeys(tag.strip().lower() for tag in self._texts(document["ownerTags"], "ownerTags"))
        )


def _mapping_or_nothing(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}
