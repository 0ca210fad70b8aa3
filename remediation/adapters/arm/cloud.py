"""ARM over HTTP, as JSON: documents go in and out as they are, so that unknown properties survive.

Nothing is cached and nothing is waited for: a write returns when ARM has accepted it. URLs that ARM hands
us (next pages, operations) are followed only on ARM's own origin, because our token goes with them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from remediation.adapters.arm.answers import TERMINAL, Answer, listed, progress
from remediation.adapters.arm.held import Held
from remediation.adapters.arm.pipeline import arm_client, refuse_foreign
from remediation.adapters.azure_errors import azure_errors, retry_after
from remediation.adapters.retrying import Retry
from remediation.arm_lists import ASKED_BY_POST, collection_path, is_of_another, parent_to_list_first
from remediation.errors import PermanentError
from remediation.kinds import API_VERSIONS, INLINE_CHILDREN, api_version, canonical
from remediation.model import Listing, Resource, Write, dig
from remediation.ports import Operation, Progress
from remediation.resource_id import ResourceId

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline.transport import HttpTransport

type Resources = list[Resource]

READ_SECONDS = 60.0
SAFE_IN_PATHS = "/()!$&'*+,;=:@~"
VERBS = {"PUT": "writing", "DELETE": "deleting"}


class ArmCloud:
    """A Cloud on one ARM endpoint; safe to share among threads.

    `versions` adds API versions by type (lower case) to those of `arm_types`, or replaces them.
    `pace` is asked with its URL before each request, and waits until its turn has come.
    """

    def __init__(
        self,
        credential: "TokenCredential",
        *,
        endpoint: str = "https://management.azure.com",
        retry: Retry | None = None,
        transport: "HttpTransport[Any, Any] | None" = None,
        versions: Mapping[str, str] | None = None,
        max_pages: int = 500,
        pace: Callable[[str], None] | None = None,
    ) -> None:
        from azure.core.rest import HttpRequest

        self._endpoint = endpoint.rstrip("/")
        self._retry = retry or Retry()
        self._versions = {**API_VERSIONS, **(versions or {})}
        self._max_pages = max_pages
        self._pace = pace
        self._request = HttpRequest
        self._held = Held()
        self._client = arm_client(credential, self._endpoint, transport)

    def get(self, resource: ResourceId) -> Resource | None:
        answer = self._send("GET", self._url(resource.text, resource.type), f"reading {resource.text}")
        return None if answer.gone else self._held.same(Resource(resource, answer.document()))

    def list(self, listing: Listing) -> Sequence[Resource]:
        scope = ResourceId.parse(listing.scope)
        above = parent_to_list_first(listing.type, scope)
        if above is None:
            return self._collection(listing, scope)
        found: Resources = []
        for parent in self.list(Listing(above, listing.scope)):
            found.extend(self._children(parent, listing.type))
        return found

    def write(self, write: Write) -> Operation:
        url, doing = self._url(write.id.text, write.id.type), f"{VERBS[write.method]} {write.id.text}"
        headers = {"If-Match": write.if_match} if write.if_match else {}
        answer = self._send(write.method, url, doing, write.body, headers)
        if answer.gone and write.method == "DELETE":
            return Operation()
        if answer.gone:
            raise answer.error(doing)
        return Operation(answer.operation() or self._unfinished(answer, url), retry_after(answer.headers))

    def poll(self, url: str) -> Progress:
        answer = self._send("GET", url, "asking how an operation stands")
        if answer.gone or answer.status == 204:
            return Progress("succeeded")
        if answer.status == 202:
            return Progress("running", retry_after=retry_after(answer.headers))
        return progress(answer.document(), retry_after(answer.headers))

    def ask(self, method: str, path: str, kind: str) -> Mapping[str, Any]:
        """What ARM answers that is no resource; `kind` says whose API version is spoken.

        Raises PermanentError for what is not there.
        """
        doing = f"asking for {path}"
        answer = self._send(method, self._url(path, kind), doing, {} if method == "POST" else None)
        if answer.gone:
            raise answer.error(doing)
        return answer.document()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _children(self, parent: Resource, kind: str) -> Sequence[Resource]:
        """Children from their parent's document where it holds them whole, else from ARM."""
        field = INLINE_CHILDREN.get(kind.lower())
        if field is None:
            return self.list(Listing(kind, parent.id.text))
        listing = Listing(kind, parent.id.text)
        return [listed(item, listing) for item in parent.properties(field) or ()]

    def _collection(self, listing: Listing, scope: ResourceId) -> Sequence[Resource]:
        url = self._url(collection_path(listing.type, scope), listing.type)
        try:
            items = self._pages(url, listing)
            return [self._held.same(listed(item, listing)) for item in items if not _foreign(item, listing)]
        except PermanentError as error:
            if (
                error.code == "MissingSubscriptionRegistration"
            ):  # no such provider here, so none of its resources
                return []
            raise

    def _pages(self, url: str, listing: Listing) -> Iterator[Any]:
        """The elements of all pages: each is linked from the one before, or named by a token in its body."""
        doing = f"listing {listing.type} of {listing.scope}"
        asking: dict[str, Any] | None = {} if canonical(listing.type) in ASKED_BY_POST else None
        for _ in range(self._max_pages):
            page = self._page("GET" if asking is None else "POST", url, doing, asking)
            if page is None:
                return
            yield from _let_go(page.pop("value", None) or ())
            following = page.get("nextLink" if asking is None else "skipToken")
            if not following:
                return
            url, asking = (following, None) if asking is None else (url, {"skipToken": following})
        raise PermanentError(f"{doing}: more than {self._max_pages} pages", code="TooManyPages")

    def _page(
        self, method: str, url: str, doing: str, body: Mapping[str, Any] | None
    ) -> dict[str, Any] | None:
        """One page of a list; its text, which may be megabytes, is let go before anything is made of it."""
        answer = self._send(method, url, doing, body)
        return None if answer.gone else answer.document()

    def _send(
        self,
        method: str,
        url: str,
        doing: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to one request: a success, or a 404 that says the resource is gone."""
        refuse_foreign(url, self._endpoint, doing)

        def attempt() -> Answer:
            if self._pace is not None:
                self._pace(url)
            request = self._request(method, url, json=body, headers=dict(headers or {}))
            seconds = max(1.0, min(READ_SECONDS, self._retry.remaining()))
            with azure_errors(doing):
                response = self._client.send_request(request, read_timeout=seconds)
            answer = Answer(response.status_code, response.headers, response.content)
            if answer.failed and not answer.gone:
                raise answer.error(doing)
            return answer

        return self._retry.call(attempt)

    def _url(self, path: str, kind: str) -> str:
        version = api_version(kind, self._versions)
        return f"{self._endpoint}{quote(path, safe=SAFE_IN_PATHS)}?api-version={version}"

    def _unfinished(self, answer: Answer, url: str) -> str | None:
        """The resource itself, where ARM names no operation and yet says that it is not done."""
        state = dig(answer.document(), "properties", "provisioningState") if answer.body else None
        return url if isinstance(state, str) and state.lower() not in TERMINAL else None


def _foreign(item: Any, listing: Listing) -> bool:
    return is_of_another(listing.type, item.get("id") if isinstance(item, Mapping) else None, listing.scope)


def _let_go(items: Any) -> Iterator[Any]:
    """The elements of a page, none of which it holds any longer than until it is taken."""
    if not isinstance(items, list):
        yield from items
        return
    items.reverse()
    while items:
        yield items.pop()
