"""Microsoft's own network client against the lab, and what its models say of an answer."""

from __future__ import annotations

import inspect
import typing
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from azure.core.credentials import AccessToken
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
from azure.mgmt.network import NetworkManagementClient, models
from azure.mgmt.network._utils.model_base import Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azure.core.pipeline import PipelineRequest

SCOPE = "https://management.azure.com/.default"
SUBSCRIPTION_ID = "00000000-0000-0000-0000-00000000cafe"
SIMPLE: dict[str, type | tuple[type, ...]] = {"str": str, "int": int, "bool": bool, "float": (int, float)}


class Named:
    """A credential whose token is the caller's name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(self._name, 1 << 40)


class OverLoopback(ARMChallengeAuthenticationPolicy):
    """Lets the token go over plain http; the lab is on loopback."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.context.options["enforce_https"] = False
        super().on_request(request)


@contextmanager
def network_client(url: str, name: str = "sdk") -> Iterator[Any]:
    """The client, untyped: it takes plain documents where its signatures name models only."""
    credential = Named(name)
    policy = OverLoopback(credential, SCOPE)
    with NetworkManagementClient(
        credential,
        SUBSCRIPTION_ID,
        base_url=url,
        authentication_policy=policy,
        polling_interval=0,
        retry_total=0,
    ) as client:
        yield client


def misfits(model: Model, where: str = "") -> list[str]:
    """Where an answer is not what its model declares: a wrong type, or a member the model has no name for."""
    found = []
    declared: dict[str, Any] = typing.cast("Any", type(model))._attr_to_rest_field
    hints = _annotations(type(model))
    for attribute, field in declared.items():
        value = getattr(model, attribute)
        at = f"{where}.{field._rest_name}"
        if value is not None:
            found += _misfit(value, hints.get(attribute, ""), at)
    unknown = set(model.keys()) - {field._rest_name for field in declared.values()}
    return found + [f"{where}.{name}: unknown to the model" for name in sorted(unknown)]


def _annotations(model: type) -> dict[str, str]:
    """What a model and its bases declare, as text."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        found |= {name: str(text) for name, text in inspect.get_annotations(base).items()}
    return found


def _misfit(value: Any, hint: str, at: str) -> list[str]:
    hint = hint.removeprefix("typing.").removeprefix("Optional[").removesuffix("]")
    if hint.startswith(("list[", "List[")):
        if not isinstance(value, list):
            return [f"{at}: no list but {value!r}"]
        return [each for item in value for each in _misfit(item, hint[5:].removesuffix("]"), at + "[]")]
    if "_models." in hint and not hint.startswith("Union[") and not isinstance(value, Model):
        return [f"{at}: no {hint} but {value!r}"]
    if isinstance(value, Model):
        return misfits(value, at)
    wanted = SIMPLE.get(hint)
    return [f"{at}: no {hint} but {value!r}"] if wanted and not isinstance(value, wanted) else []


__all__ = ["Named", "misfits", "models", "network_client"]
