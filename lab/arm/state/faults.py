"""Faults on demand: rules added through `/_lab/faults`, each with what it matches and what it does.

A fault is `{"match": {...}, "effect": {...}, "count": n, "after": n}`; see lab/README.md for the catalogue.
"""

from __future__ import annotations

import fnmatch
import itertools
import re
from dataclasses import dataclass, field
from typing import Any

from lab.arm import errors
from lab.arm.calls import Call, Fate
from lab.arm.errors import ArmError, OperationError
from lab.arm.persona import persona
from lab.arm.state.authorization import action_of

MATCHES = frozenset({"method", "path", "regex", "caller", "type"})
EFFECTS = frozenset({"error", "preset", "delay", "drop", "operation", "stale"})
MAX_DELAY = 60.0  # seconds of real time a fault may hold an answer


def _policy(_: Call, effect: dict[str, Any]) -> ArmError:
    name = _.path.name
    return errors.disallowed_by_policy(
        name, effect.get("assignment", f"/providers/lab/policyAssignments/deny-{name}")
    )


def _forbidden(call: Call, _: dict[str, Any]) -> ArmError:
    who = persona(call.caller, call.user_agent)
    return errors.not_authorized(call.caller, who.object_id, action_of(call), call.path.text)


def _link_forbidden(call: Call, effect: dict[str, Any]) -> ArmError:
    who = persona(call.caller, call.user_agent)
    linked = effect.get("linked", "Microsoft.Network/networkSecurityGroups/join/action")
    return errors.link_not_authorized(call.caller, who.object_id, action_of(call), call.path.text, linked)


def _throttled(call: Call, effect: dict[str, Any]) -> ArmError:
    seconds = int(effect.get("retry_after", 1))
    code = effect.get("code", "SubscriptionRequestsThrottled")
    return errors.throttled(code, call.caller, int(effect.get("limit", 200)), seconds)


def _busy(call: Call, _: dict[str, Any]) -> ArmError:
    where = f"{call.base}/subscriptions/{call.path.subscription}/providers/Microsoft.Network/locations/lab"
    return errors.another_operation(
        f"{where}/operations/{call.correlation_id}?api-version={call.api_version}"
    )


def _locked(call: Call, effect: dict[str, Any]) -> ArmError:
    operation = "delete" if call.method == "DELETE" else "write"
    return errors.scope_locked(call.path.text, operation, [effect.get("scope", call.path.text)])


def _stale_etag(call: Call, _: dict[str, Any]) -> ArmError:
    return errors.precondition_failed(
        call.headers.get("If-Match", "*"), f'W/"{call.correlation_id}"', call.path.text
    )


def _not_provisioned(call: Call, effect: dict[str, Any]) -> ArmError:
    other = effect.get("resource", call.path.parent)
    detail = {
        "code": "ReferencedResourceNotProvisioned",
        "message": f"Cannot proceed with operation since resource {other} used by resource "
        f"{call.path.text} is not in Succeeded state. Resource is in Updating state and the last operation "
        "that updated/is updating the resource is PutSubnetOperation.",
    }
    return ArmError(429, "RetryableError", "A retryable error occured.", details=(detail,))


def _server_error(_: Call, effect: dict[str, Any]) -> ArmError:
    status = int(effect.get("status", 500))
    texts = {502: "BadGateway", 503: "ServiceUnavailable", 504: "GatewayTimeout"}
    code = texts.get(status, "InternalServerError")
    headers = {"Retry-After": str(effect["retry_after"])} if "retry_after" in effect else {}
    return ArmError(
        status, code, "The service is unable to process your request now.", gateway=True, headers=headers
    )


PRESETS = {
    "policy": _policy,
    "forbidden": _forbidden,
    "link-forbidden": _link_forbidden,
    "throttled": _throttled,
    "busy": _busy,
    "locked": _locked,
    "precondition": _stale_etag,
    "not-provisioned": _not_provisioned,
    "server-error": _server_error,
}


@dataclass(slots=True)
class Fault:
    """One rule. `count` uses are left (None: no end); the first `after` matching requests go through."""

    id: int
    match: dict[str, str]
    effect: dict[str, Any]
    count: int | None = None
    after: int = 0
    hits: int = 0

    def applies(self, call: Call) -> bool:
        wanted = self.match
        path = call.path.text.lower()
        return (
            wanted.get("method", call.method).upper() == call.method
            and fnmatch.fnmatchcase(path, wanted.get("path", "*").lower())
            and ("regex" not in wanted or re.search(wanted["regex"], path, re.IGNORECASE) is not None)
            and wanted.get("caller", call.caller) == call.caller
            and wanted.get("type", call.path.kind).lower() == call.path.kind
        )

    def use(self) -> bool:
        """Count one matching request; True if the fault shows this time."""
        if self.after > 0:
            self.after -= 1
            return False
        if self.count == 0:
            return False
        self.count = None if self.count is None else self.count - 1
        self.hits += 1
        return True

    def refusal(self, call: Call) -> ArmError | None:
        """The error this fault answers with, if that is what it does."""
        if "preset" in self.effect:
            return PRESETS[self.effect["preset"]](call, self.effect)
        error = self.effect.get("error")
        if error is None:
            return None
        return ArmError(
            int(error.get("status", 400)),
            error.get("code", "BadRequest"),
            error.get("message", "Refused by the lab."),
            gateway=bool(error.get("gateway", False)),
            unwrapped=bool(error.get("unwrapped", False)),
            details=tuple(error.get("details", ())),
            headers={str(k): str(v) for k, v in error.get("headers", {}).items()},
        )

    def fate(self) -> Fate | None:
        """What becomes of the operation the request begins."""
        wanted = self.effect.get("operation")
        if wanted is None:
            return None
        status = wanted.get("status", "Failed")
        code = wanted.get("code", "Canceled" if status == "Canceled" else "InternalServerError")
        error = OperationError(
            code, wanted.get("message", "The lab was told so."), tuple(wanted.get("details", ()))
        )
        return Fate(status, error, wanted.get("polls"), bool(wanted.get("applied", False)))

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "match": self.match,
            "effect": self.effect,
            "count": self.count,
            "after": self.after,
            "hits": self.hits,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What the faults that met one request add up to."""

    refusal: ArmError | None = None
    fate: Fate | None = None
    stale: bool = False
    delay: float = 0.0
    virtual_delay: float = 0.0
    drop: str = ""


NO_FAULTS = Plan()


@dataclass(slots=True)
class Faults:
    """All rules, in the order they were added."""

    rules: list[Fault] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def add(self, document: dict[str, Any]) -> Fault:
        """Add a rule from its document. Raises ValueError that names what is wrong in it."""
        match, effect = document.get("match", {}), document.get("effect", {})
        unknown = (set(match) - MATCHES) | (set(document) - {"match", "effect", "count", "after"})
        if unknown or not effect or not EFFECTS & set(effect):
            known = f"match: {', '.join(sorted(MATCHES))}; effect: {', '.join(sorted(EFFECTS))}; count; after"
            raise ValueError(f"not a fault: {', '.join(sorted(unknown)) or 'no effect'} (known are {known})")
        if effect.get("preset", "policy") not in PRESETS:
            raise ValueError(f"unknown preset '{effect['preset']}'; known are {', '.join(sorted(PRESETS))}")
        fault = Fault(next(self._ids), match, effect, document.get("count"), int(document.get("after", 0)))
        self.rules.append(fault)
        return fault

    def plan(self, call: Call) -> Plan:
        if not self.rules:
            return NO_FAULTS
        met = [fault for fault in self.rules if fault.applies(call) and fault.use()]
        return Plan(
            refusal=next(filter(None, (fault.refusal(call) for fault in met)), None),
            fate=next(filter(None, (fault.fate() for fault in met)), None),
            stale=any(fault.effect.get("stale") for fault in met),
            delay=min(MAX_DELAY, sum(float(_delay(fault, "seconds")) for fault in met)),
            virtual_delay=sum(float(_delay(fault, "virtual")) for fault in met),
            drop=next((str(fault.effect["drop"]) for fault in met if "drop" in fault.effect), ""),
        )

    def clear(self) -> None:
        self.rules.clear()


def _delay(fault: Fault, kind: str) -> float:
    wanted = fault.effect.get("delay", {})
    return (
        float(wanted.get(kind, 0))
        if isinstance(wanted, dict)
        else (float(wanted) if kind == "seconds" else 0.0)
    )
