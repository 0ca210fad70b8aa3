"""Who asks, as App Service authentication or the function key says, and which rights they have.

App Service authentication strips these headers from what comes in and sets them for whoever signed in. Where
it is off nobody does either, so there they are anybody's word and say nothing.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from remediation.baseline import People
from remediation.on_call.acting.caller import Caller
from remediation.structs import decoded

PRINCIPAL_ID = "x-ms-client-principal-id"
PRINCIPAL_NAME = "x-ms-client-principal-name"
PRINCIPAL_IDP = "x-ms-client-principal-idp"
PRINCIPAL = "x-ms-client-principal"
ENTRA = "aad"
KEY, KEY_HEADER = "code", "x-functions-key"
SIGN_IN = "/.auth/login/aad"
LONGEST_NAME = 200
LONGEST_PRINCIPAL = 256 * 1024
_GROUPS = frozenset({"groups", "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"})
_CUT = frozenset({"_claim_names", "hasgroups"})
"""Claims that stand for the groups of somebody who is in more than fit into a token."""
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class _Claim(msgspec.Struct):
    typ: str = ""
    val: str = ""


class _Principal(msgspec.Struct):
    claims: list[_Claim] = []


class SigningIn:
    """Tells callers apart. `trusted`: App Service authentication is on. `opens`: whether a key is the app's.

    `people` gives the baseline's rights, `readers` are those whom a setting names; both to who signed in.
    """

    def __init__(
        self,
        *,
        trusted: bool,
        people: Callable[[], People],
        readers: frozenset[str],
        opens: Callable[[str], bool],
    ) -> None:
        self._trusted = trusted
        self._people = people
        self._readers = readers
        self._opens = opens

    @property
    def where(self) -> str:
        """Where to sign in; "" where that is off, and there is nowhere."""
        return SIGN_IN if self._trusted else ""

    def caller(self, headers: Mapping[str, str], query: Mapping[str, str]) -> Caller:
        """Who asks; raises TransientError where a key cannot be checked, ConfigurationError without rights.

        `headers` have lower-case names.
        """
        identity = self._identity(headers)
        if not identity:
            key = headers.get(KEY_HEADER) or query.get(KEY, "")
            return Caller(rights=frozenset({"read"} if key and self._opens(key) else ()))
        claims = _claims(headers.get(PRINCIPAL, ""))
        groups = frozenset(claim.val.lower() for claim in claims if claim.typ in _GROUPS)
        rights = self._people().rights_of(groups | {identity})
        if identity in self._readers:
            rights |= {"read"}
        cut = any(claim.typ in _CUT for claim in claims) and not groups
        name = next(_names(headers, claims), "")
        return Caller(name[:LONGEST_NAME], identity, rights, cut)

    def _identity(self, headers: Mapping[str, str]) -> str:
        """The object id of whoever signed in with Entra ID; "" where nobody did."""
        identity = headers.get(PRINCIPAL_ID, "").strip().lower()
        by_entra = headers.get(PRINCIPAL_IDP, ENTRA).strip().lower() == ENTRA
        return identity if self._trusted and by_entra and _GUID.fullmatch(identity) else ""


def _names(headers: Mapping[str, str], claims: list[_Claim]) -> Iterator[str]:
    told = [headers.get(PRINCIPAL_NAME, "")]
    told += [claim.val for claim in claims if claim.typ in {"preferred_username", "name"}]
    yield from (name.strip() for name in told if name.strip() and name.isprintable())


def _claims(text: str) -> list[_Claim]:
    """The claims of a sign-in as App Service hands them on; none of what cannot be read."""
    if not text or len(text) > LONGEST_PRINCIPAL:
        return []
    try:
        return decoded(base64.b64decode(text, validate=True), _Principal).claims
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError):
        return []
