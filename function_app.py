"""The bindings of the function app; what each function does is in remediation/app.py."""

import typing

import azure.functions as func

from remediation.app import App

app = func.FunctionApp()
guard = App()


@app.event_grid_trigger(arg_name="event")
@app.queue_output(arg_name="work", queue_name="reconcile", connection="AzureWebJobsStorage")
def on_resource_change(event: func.EventGridEvent, work: func.Out[typing.List[str]]) -> None:  # noqa: UP006
    """A change in a subscription: put what it means on the queue; no ARM call, no baseline."""
    work.set(guard.accept(_fields(event)))


@app.queue_trigger(arg_name="message", queue_name="reconcile", connection="AzureWebJobsStorage")
def reconcile(message: func.QueueMessage) -> None:
    """One piece of work: look at a resource again, repair or tell."""
    guard.reconcile(message.get_body().decode())


@app.event_grid_trigger(arg_name="event")
def on_drift(event: func.EventGridEvent) -> None:
    """An announcement on the drift topic: note that a card is owed."""
    guard.drifted(event.get_json())


@app.queue_trigger(arg_name="message", queue_name="cards", connection="AzureWebJobsStorage")
def send_cards(message: func.QueueMessage) -> None:
    """Send the cards that are owed."""
    guard.send_cards(message.get_body().decode())


@app.route(route="replay", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
def replay(req: func.HttpRequest) -> func.HttpResponse:
    """Look again at past events or named resources."""
    return _response(guard.replay(req.get_body(), _lowered(req.headers)))


@app.route(route="history", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def history(req: func.HttpRequest) -> func.HttpResponse:
    """What was judged, written and announced, or one entry in full."""
    return _response(guard.history(req.params, _lowered(req.headers)))


@app.timer_trigger(arg_name="timer", schedule="0 3/15 * * * *", use_monitor=True)
def import_dead_letters(timer: func.TimerRequest) -> None:  # noqa: ARG001  the host passes it by name
    """After an outage: take dead letters and poison in again, each once."""
    guard.import_dead_letters()


@app.timer_trigger(arg_name="timer", schedule="30 * * * * *", use_monitor=False)
def look_after(timer: func.TimerRequest) -> None:  # noqa: ARG001  the host passes it by name
    """Every minute: what dead workers held goes back on the queue."""
    guard.look_after()


@app.timer_trigger(arg_name="timer", schedule="0 7 */6 * * *", use_monitor=True)
def sweep(timer: func.TimerRequest) -> None:  # noqa: ARG001  the host passes it by name
    """The safety net: look at everything, send again what is owed."""
    guard.sweep()


@app.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  the host passes it by name
    """Whether settings and baseline can be used: one word and counts, for anybody."""
    return _response(guard.health())


@app.route(route="health/details", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def health_details(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  the host passes it by name
    """The same with every mistake, by place and kind."""
    return _response(guard.health_details())


def _response(answer: typing.Any) -> func.HttpResponse:
    return func.HttpResponse(
        answer.text, status_code=answer.status, headers=dict(answer.headers), mimetype=answer.content_type
    )


def _lowered(headers: typing.Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _fields(event: func.EventGridEvent | func.CloudEvent) -> dict[str, typing.Any]:
    """The event as its sender wrote it; the class follows the payload, whatever the annotation says."""
    if isinstance(event, func.CloudEvent):
        return {
            "id": event.id,
            "type": event.type,
            "subject": event.subject,
            "time": event.time,
            "data": event.get_json(),
        }
    return {
        "id": event.id,
        "eventType": event.event_type,
        "subject": event.subject,
        "eventTime": event.event_time,
        "data": event.get_json(),
    }
