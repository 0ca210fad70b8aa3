"""Loads a function app with Microsoft's azure-functions-runtime and runs its invocations.

The runtime keeps its state in module globals, so a process holds one app; loading the same directory again
returns what is loaded.
"""

import asyncio
import json
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure_functions_runtime as runtime

from lab.functions_host.functions import Function, HostError
from lab.functions_host.protos import PROTOS, ParameterBinding, StatusResult, TypedData

__all__ = ["HostError", "Invocation", "Worker"]

_NO_RETRY = SimpleNamespace(retry_count=0, max_retry_count=0, exception=None)
_loaded: dict[Path, tuple[Function, ...]] = {}


@dataclass(frozen=True, slots=True)
class Invocation:
    """How one run of a function ended. `error` is "Type: text"; `messages` are texts by output parameter."""

    ok: bool
    error: str = ""
    stack_trace: str = ""
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    returned: Any = None


class Worker:
    """The app of one directory, loaded; its plain functions run on the runtime's thread pool."""

    def __init__(self, functions: tuple[Function, ...]) -> None:
        self.functions = {function.name: function for function in functions}

    @classmethod
    async def start(cls, app_dir: Path) -> "Worker":
        """Load the app (an absolute path), start the thread pool; HostError with what the runtime said."""
        if app_dir not in _loaded:
            if _loaded:
                raise HostError(f"this process already hosts {next(iter(_loaded))}; one app per process")
            _loaded[app_dir] = await _load(app_dir)
        runtime.start_threadpool_executor()
        return cls(_loaded[app_dir])

    async def stop(self) -> None:
        """End the thread pool once its threads are done."""
        await asyncio.to_thread(runtime.stop_threadpool_executor)

    async def invoke(
        self, function: Function, data: TypedData, metadata: Mapping[str, TypedData] | None = None
    ) -> Invocation:
        """Run a function with the trigger's value; what it raises is told, never raised here."""
        request = SimpleNamespace(
            invocation_id=str(uuid.uuid4()),
            function_id=function.id,
            input_data=[ParameterBinding(name=function.parameter, data=data)],
            trigger_metadata=metadata or {},
            trace_context=SimpleNamespace(trace_parent=_trace_parent(), trace_state="", attributes={}),
            retry_context=_NO_RETRY,
        )
        answer = await runtime.invocation_request(
            SimpleNamespace(request=SimpleNamespace(invocation_request=request))
        )
        return _ended(answer)


async def _load(directory: Path) -> tuple[Function, ...]:
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))  # the runtime imports the module function_app by name
    init = SimpleNamespace(capabilities={}, function_app_directory=str(directory))
    answer = await runtime.worker_init_request(
        SimpleNamespace(
            request=SimpleNamespace(worker_init_request=init),
            properties={"host": "127.0.0.1", "protos": PROTOS},
        )
    )
    if answer.result.status != StatusResult.Success:
        failure = answer.result.exception
        raise HostError(f"{directory} does not load: {failure.message}\n{failure.stack_trace}")
    listed = (await runtime.functions_metadata_request(None)).function_metadata_results
    if not listed:  # the runtime calls a missing function_app.py a success
        raise HostError(f"no function found in {directory}; it needs a function_app.py with an app in it")
    return tuple(Function.of(each.name, each.function_id, each.raw_bindings) for each in listed)


def _ended(answer: Any) -> Invocation:
    if answer.result.status != StatusResult.Success:
        failure = answer.result.exception
        return Invocation(ok=False, error=failure.message, stack_trace=failure.stack_trace)
    messages = {each.name: _texts(each.data) for each in answer.output_data}
    return Invocation(ok=True, messages=messages, returned=answer.return_value)


def _texts(data: TypedData) -> tuple[str, ...]:
    """The messages in an output: one text, or a JSON array of texts and of ``{"id", "body"}``."""
    kind = data.WhichOneof("data")
    if kind != "json":
        value = getattr(data, kind or "", "")
        return (value.decode() if isinstance(value, bytes) else value,)
    value = json.loads(data.json)  # type: ignore[attr-defined]  # the attribute WhichOneof named
    return tuple(_text(item) for item in (value if isinstance(value, list) else [value]))


def _text(item: Any) -> str:
    return str(item["body"]) if isinstance(item, dict) else str(item)


def _trace_parent() -> str:
    return f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-01"
