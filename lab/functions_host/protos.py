"""Stand-ins for the gRPC messages that the runtime takes and returns.

The runtime only constructs them with keywords and reads attributes, so plain objects do. Numbers of the
binding directions must be those of azure-functions itself.
"""

from types import SimpleNamespace
from typing import Any


class Message:
    """An object that keeps the keywords it was made with."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


class TypedData(Message):
    """A value of exactly one kind: ``TypedData(json=...)``, ``TypedData(string=...)``."""

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802  # the protobuf spelling
        return next(iter(vars(self)), None)


class ParameterBinding(Message):
    """A named value that goes into or comes out of a function."""

    name: str
    data: TypedData

    def WhichOneof(self, _group: str) -> str:  # noqa: N802  # the protobuf spelling
        return "data"


class StatusResult(Message):
    Failure = 0
    Success = 1


class BindingInfo(Message):
    out = 1
    inout = 2
    undefined = 0


setattr(BindingInfo, "in", 0)  # a keyword, so it cannot be written as an attribute

_PLAIN = (
    "WorkerInitResponse",
    "WorkerMetadata",
    "RpcException",
    "FunctionMetadataResponse",
    "RpcFunctionMetadata",
    "RpcRetryOptions",
    "InvocationResponse",
    "RpcHttp",
)

PROTOS = SimpleNamespace(
    TypedData=TypedData,
    ParameterBinding=ParameterBinding,
    StatusResult=StatusResult,
    BindingInfo=BindingInfo,
    **{name: type(name, (Message,), {}) for name in _PLAIN},
)
