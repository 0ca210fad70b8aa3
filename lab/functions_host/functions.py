"""What a loaded function says of itself, and what host.json says of the host."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_TIME = re.compile(r"(?:(\d+)\.)?(\d+):(\d\d):(\d\d(?:\.\d+)?)")

type Binding = Mapping[str, Any]


class HostError(Exception):
    """The app cannot be hosted: nothing to load, a mistake in it, a second app in one process."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function with the binding that triggers it and its outputs by parameter name."""

    name: str
    id: str
    trigger: Binding
    outputs: Mapping[str, Binding] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, function_id: str, raw_bindings: list[str]) -> "Function":
        """Read the JSON texts in which the runtime lists a function's bindings."""
        bindings = [json.loads(text) for text in raw_bindings]
        triggers = [binding for binding in bindings if binding["type"].endswith("Trigger")]
        if len(triggers) != 1:
            raise HostError(f"function {name} has {len(triggers)} triggers; a function has exactly one")
        outputs = {each["name"]: each for each in bindings if each.get("direction") == "OUT"}
        return cls(name, function_id, triggers[0], outputs)

    @property
    def kind(self) -> str:
        """``eventGridTrigger``, ``queueTrigger``, ``timerTrigger`` or ``httpTrigger``."""
        return str(self.trigger["type"])

    @property
    def parameter(self) -> str:
        return str(self.trigger["name"])

    @property
    def queue_outputs(self) -> dict[str, tuple[str, str]]:
        """Parameter name -> (queue name, name of the setting that holds the connection)."""
        queues = {name: each for name, each in self.outputs.items() if each["type"] == "queue"}
        return {name: (each["queueName"], each["connection"]) for name, each in queues.items()}


@dataclass(frozen=True, slots=True)
class HostSettings:
    """The parts of host.json the lab's host obeys; defaults are the host's own. Times are seconds."""

    route_prefix: str = "api"
    function_timeout: float = 300
    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    visibility_timeout: float = 0
    max_polling_interval: float = 60
    message_encoding: str = "base64"

    @classmethod
    def read(cls, app_dir: Path) -> "HostSettings":
        """Read ``host.json`` of an app directory; raises HostError when it is missing or not JSON."""
        path = app_dir / "host.json"
        try:
            document = json.loads(path.read_text())
        except FileNotFoundError as error:
            raise HostError(f"{path} is missing; every function app has one") from error
        except json.JSONDecodeError as error:
            raise HostError(f"{path} is not JSON: {error}") from error
        return cls.of(document)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "HostSettings":
        usual = cls()
        extensions = document.get("extensions", {})
        queues = extensions.get("queues", {})
        batch_size = queues.get("batchSize", usual.batch_size)
        encoding = queues.get("messageEncoding", usual.message_encoding)
        if encoding not in {"base64", "none"}:
            raise HostError(f"host.json: messageEncoding is base64 or none, not {encoding!r}")
        return cls(
            route_prefix=extensions.get("http", {}).get("routePrefix", usual.route_prefix),
            function_timeout=seconds(document.get("functionTimeout", "00:05:00")),
            batch_size=batch_size,
            new_batch_threshold=queues.get("newBatchThreshold", batch_size // 2),
            max_dequeue_count=queues.get("maxDequeueCount", usual.max_dequeue_count),
            visibility_timeout=seconds(queues.get("visibilityTimeout", "00:00:00")),
            max_polling_interval=seconds(queues.get("maxPollingInterval", "00:01:00")),
            message_encoding=encoding,
        )


def seconds(text: str) -> float:
    """The length of ``[d.]HH:MM:SS[.fff]`` in seconds; ``-1`` (no limit) is infinity."""
    if text == "-1":
        return float("inf")
    found = _TIME.fullmatch(text)
    if found is None:
        raise HostError(f"host.json: {text!r} is not a time like 00:05:00")
    days, hours, minutes, rest = (float(part or 0) for part in found.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + rest
