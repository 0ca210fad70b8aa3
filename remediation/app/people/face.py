"""What every answer to people has in common: the caller is known, refused or answered; errors are told."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from remediation.app.answering import answered
from remediation.app.answers import Answer, problem
from remediation.app.people.signing_in import SIGN_IN, SigningIn
from remediation.on_call.acting.caller import Caller, Right
from remediation.on_call.tools import OnCall

log = logging.getLogger("bastion_guard.people")

type Body = Callable[[OnCall, Caller], Answer]
HEADERS = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}


class Face:
    """Answers people. `tools` and `signing_in` raise ConfigurationError while settings are wrong."""

    def __init__(self, tools: Callable[[], OnCall], signing_in: Callable[[], SigningIn]) -> None:
        self._tools = tools
        self._signing_in = signing_in

    def caller(self, headers: Mapping[str, str], query: Mapping[str, str]) -> Caller:
        """Who asks; raises what keeps that from being known."""
        return self._signing_in().caller(headers, query)

    def answer(
        self, headers: Mapping[str, str], query: Mapping[str, str], right: Right | None, body: Body
    ) -> Answer:
        """The answer for who has the right (None: for anybody), the refusal of anybody else."""

        def told() -> Answer:
            caller = self.caller(headers, query)
            return refused(caller, right) or body(self._tools(), caller)

        found = answered("cannot be asked", told)
        return Answer(found.status, found.body, {**HEADERS, **found.headers})


def refused(caller: Caller, right: Right | None) -> Answer | None:
    """The refusal of a caller without a right; None where they have it."""
    if right is None or right in (caller.rights if right == "read" else caller.acts):
        return None
    if not caller.signed_in:
        return signed_out("sign in with Entra ID, or read with the function key")
    cut = "; you are in too many groups for your sign-in to name them" if caller.groups_cut else ""
    return problem(
        403, "not permitted", [f"you do not have the right {right} (`people` in the baseline){cut}"]
    )


def signed_out(why: str) -> Answer:
    """The refusal of who is not signed in, with where to do that."""
    found = problem(401, "not signed in", [why])
    return Answer(401, {**found.body, "signIn": SIGN_IN})


def tagged(body: Mapping[str, Any], etag: str, headers: Mapping[str, str]) -> Answer:
    """The answer with its etag; 304 for who has it already."""
    quoted = f'"{etag}"'
    had = {one.strip().removeprefix("W/") for one in headers.get("if-none-match", "").split(",")}
    if quoted in had or "*" in had:
        return Answer(304, {}, {"ETag": quoted})
    return Answer(200, body, {"ETag": quoted})


def digest(body: Mapping[str, Any]) -> str:
    """A name for the content of an answer."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]
