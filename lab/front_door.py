"""What App Service authentication does before an app: signs people in, and tells the app who they are.

Requests that are not signed in go through as they are, without any header that claims otherwise. Who signs in
is whoever sits at the desk then (`at_the_desk`): nobody types a password here.
"""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

SIGN_IN, COOKIE = "/.auth/login/aad", "AppServiceAuthSession"
CLAIMED = "x-ms-client-principal"
NOT_PASSED_ON = frozenset({"host", "content-length", "transfer-encoding", "content-encoding", "connection"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the tenant, with the groups that their sign-in names."""

    name: str
    object_id: str
    groups: Sequence[str] = ()

    def headers(self) -> dict[str, str]:
        """As App Service tells an app who signed in."""
        claims = [
            {"typ": "name", "val": self.name},
            *({"typ": "groups", "val": each} for each in self.groups),
        ]
        told = base64.b64encode(json.dumps({"auth_typ": "aad", "claims": claims}).encode()).decode()
        return {
            CLAIMED: told,
            f"{CLAIMED}-id": self.object_id,
            f"{CLAIMED}-name": self.name,
            f"{CLAIMED}-idp": "aad",
        }


class FrontDoor:
    """Stands before the functions host at `behind`; serve its `app`."""

    def __init__(self, behind: str) -> None:
        self._behind = behind
        self._sessions: dict[str, Person] = {}
        self.at_the_desk: Person | None = None
        self.app = web.Application(client_max_size=1024**2)
        self.app.router.add_get(SIGN_IN, self._sign_in)
        self.app.router.add_route("*", "/{path:.*}", self._pass_on)

    async def _sign_in(self, request: web.Request) -> web.Response:
        """Back to where one came from, which is a path of this app and nothing else."""
        back = urlsplit(request.query.get("post_login_redirect_uri", "/"))
        answer = web.Response(status=302, headers={"Location": f"{back.path}?{back.query}"})
        if self.at_the_desk is not None:
            session = secrets.token_urlsafe(16)
            self._sessions[session] = self.at_the_desk
            answer.set_cookie(COOKIE, session, httponly=True, path="/")
        return answer

    async def _pass_on(self, request: web.Request) -> web.Response:
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in NOT_PASSED_ON and not name.lower().startswith(CLAIMED)
        }
        person = self._sessions.get(request.cookies.get(COOKIE, ""))
        headers |= person.headers() if person else {}
        url = f"{self._behind}{request.rel_url}"
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method, url, headers=headers, data=await request.read(), allow_redirects=False
            ) as answer,
        ):
            kept = {
                name: value for name, value in answer.headers.items() if name.lower() not in NOT_PASSED_ON
            }
            return web.Response(status=answer.status, headers=kept, body=await answer.read())
