"""Somebody who works on the estate: portal, CLI or pipeline, as plain HTTP against the lab's ARM."""

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp

AGENTS = {
    "portal": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/129.0 Safari/537.36",
    "cli": "AZURECLI/2.66.0 (DEB) azsdk-python-core/1.31.0 Python/3.12",
    "powershell": "AzurePowershell/v12.0.0 Az.Network/7.8.0 PSVersion/v7.4.5",
    "terraform": "HashiCorp Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-azurerm/4.8.0",
}
VERSIONS = {"/microsoft.insights/diagnosticsettings/": "2021-05-01-preview"}
VERSION = "2025-05-01"


class RefusedError(Exception):
    """ARM said no, or an operation failed; `code` is ARM's."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class _Answer:
    document: dict[str, Any]
    operation: str


class Actor:
    """One caller with one client; the bearer token is nothing but the caller's name.

    With a `deployment` every request carries its correlation id, as those of a deployment do.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        arm_url: str,
        name: str,
        client: str = "portal",
        deployment: str = "",
    ) -> None:
        self.name = name
        self._http = http
        self._arm = arm_url
        self._headers = {"Authorization": f"Bearer {name}", "User-Agent": AGENTS[client]}
        if deployment:
            self._headers["x-ms-correlation-request-id"] = deployment

    async def get(self, resource_id: str) -> dict[str, Any] | None:
        """The document as ARM returns it, or None when there is none."""
        try:
            return (await self._send("GET", resource_id)).document
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    async def put(self, resource_id: str, body: dict[str, Any], *, wait: bool = True) -> dict[str, Any]:
        """Write a resource and, unless told otherwise, wait for its operation as a portal does."""
        return (await self._change("PUT", resource_id, body, wait=wait)).document

    async def patch(self, resource_id: str, body: dict[str, Any], *, wait: bool = True) -> dict[str, Any]:
        return (await self._change("PATCH", resource_id, body, wait=wait)).document

    async def delete(self, resource_id: str, *, wait: bool = True) -> None:
        await self._change("DELETE", resource_id, None, wait=wait)

    async def post(self, resource_id: str, action: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """An action: ``post(bastion, "createShareableLinks", {...})``."""
        return (await self._change("POST", f"{resource_id}/{action}", body or {}, wait=True)).document

    async def edit(self, resource_id: str, **properties: Any) -> dict[str, Any]:
        """Read, change these properties, write back: what most people's tools do."""
        document = await self.get(resource_id)
        if document is None:
            raise RefusedError(404, "NotFound", resource_id)
        return await self.put(resource_id, document | {"properties": document["properties"] | properties})

    async def _change(
        self, method: str, resource_id: str, body: dict[str, Any] | None, *, wait: bool
    ) -> _Answer:
        answer = await self._send(method, resource_id, body)
        if wait and answer.operation:
            await self._ended(answer.operation)
        return answer

    async def _ended(self, operation: str) -> None:
        while True:
            answer = await self._send("GET", operation)
            status = answer.document.get("status")
            if status == "Succeeded":
                return
            if status != "InProgress":
                error = answer.document.get("error", {})
                raise RefusedError(200, error.get("code", str(status)), error.get("message", ""))
            await asyncio.sleep(0)

    async def _send(self, method: str, where: str, body: dict[str, Any] | None = None) -> _Answer:
        url = where if where.startswith("http") else f"{self._arm}{where}?api-version={_version(where)}"
        async with self._http.request(method, url, json=body, headers=self._headers) as answer:
            text = await answer.text()
            document = await answer.json(content_type=None) if text else {}
            if answer.status >= 400:
                error = document.get("error", document)
                raise RefusedError(answer.status, error.get("code", ""), error.get("message", ""))
            return _Answer(document, answer.headers.get("Azure-AsyncOperation", ""))


def _version(resource_id: str) -> str:
    lowered = resource_id.lower()
    return next((version for part, version in VERSIONS.items() if part in lowered), VERSION)
