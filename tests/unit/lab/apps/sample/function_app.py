"""A small app for the tests of the functions host.

Tests drive it over HTTP alone: what functions saw is remembered in `Memory`, and ``GET /api/seen`` waits
until enough of it contains a text.
"""

import json
import threading
import typing
from typing import Any

import azure.functions as func

app = func.FunctionApp()


class Memory:
    """What functions saw, in order, and a gate at which slow ones wait."""

    def __init__(self) -> None:
        self.seen: list[list[Any]] = []
        self.gate = threading.Event()
        self._changed = threading.Condition()

    def note(self, *what: Any) -> None:
        with self._changed:
            self.seen.append(list(what))
            self._changed.notify_all()

    def about(self, text: str, count: int) -> list[list[Any]]:
        """Everything that mentions `text`, as soon as it is `count` things (or after five seconds)."""

        def found() -> list[list[Any]]:
            return [each for each in self.seen if text in json.dumps(each)]

        with self._changed:
            self._changed.wait_for(lambda: len(found()) >= count, timeout=5)
            return found()


memory = Memory()


@app.function_name("on_event")
@app.event_grid_trigger(arg_name="event")
@app.queue_output(arg_name="work", queue_name="work", connection="AzureWebJobsStorage")
def on_event(event: func.EventGridEvent, work: func.Out[typing.List[str]]) -> None:  # noqa: UP006
    memory.note("event", type(event).__name__, event.id)
    data = event.get_json()
    if data.get("fail"):
        raise RuntimeError("asked to fail")
    work.set(data.get("messages", []))


@app.function_name("on_other")
@app.event_grid_trigger(arg_name="event")
@app.queue_output(arg_name="one", queue_name="work", connection="AzureWebJobsStorage")
async def on_other(event: func.EventGridEvent, one: func.Out[str]) -> None:
    one.set(f"only {event.id}")


@app.function_name("worker")
@app.queue_trigger(arg_name="message", queue_name="work", connection="AzureWebJobsStorage")
def worker(message: func.QueueMessage, context: func.Context) -> None:
    text = message.get_body().decode()
    memory.note("work", text, message.dequeue_count, context.function_name)
    if text.startswith("gate"):
        memory.gate.wait(5)
        print("done", text)  # noqa: T201  what the process says in the end
    if text.startswith("fail") or (text.startswith("once") and message.dequeue_count == 1):
        raise ValueError(f"cannot do {text}")


@app.function_name("buried")
@app.queue_trigger(arg_name="message", queue_name="work-poison", connection="AzureWebJobsStorage")
async def buried(message: func.QueueMessage) -> None:
    memory.note("poison", message.get_body().decode())


@app.function_name("nightly")
@app.timer_trigger(schedule="0 0 3 * * *", arg_name="timer", run_on_startup=False, use_monitor=False)
def nightly(timer: func.TimerRequest) -> None:
    memory.note("timer", timer.past_due)


@app.function_name("echo")
@app.route(route="things/{thing}", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
def echo(req: func.HttpRequest) -> func.HttpResponse:
    body = req.get_body().decode()
    if body == "fail":
        raise RuntimeError("a detail nobody outside should read")
    answer = {
        "thing": req.route_params["thing"],
        "query": req.params.get("q"),
        "header": req.headers.get("x-colour"),
        "body": body,
    }
    return func.HttpResponse(json.dumps(answer), status_code=201, mimetype="application/json")


@app.function_name("open_gate")
@app.route(route="gate", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def open_gate(req: func.HttpRequest) -> func.HttpResponse:
    memory.gate.set()
    return func.HttpResponse(headers={"x-mood": "good"})


@app.function_name("seen")
@app.route(route="seen", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def seen(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(memory.about(req.params["about"], int(req.params["count"]))))
