"""The bindings of the function app; what each function does is in remediation/app.py."""

import typing

import azure.functions as func

from remediation.app import App

app = func.FunctionApp()
guard = App()


@app.event_grid_trigger(arg_name="event")
@app.queue_output(arg_name="direct", queue_name="reconcile", connection="AzureWebJobsStorage")
@app.queue_output(arg_name="neighbours", queue_name="neighbourhood", connection="AzureWebJobsStorage")
def on_resource_change(
    event: func.EventGridEvent,
    direct: func.Out[typing.List[str]],  # noqa: UP006
    neighbours: func.Out[typing.List[str]],  # noqa: UP006
) -> None:
    """A change in a subscription: put what it means on the queues; no ARM call, no ledger, no baseline."""
    accepted = guard.accept(_fields(event))
    direct.set(accepted.direct)
    neighbours.set(accepted.neighbourhood)


@app.queue_trigger(arg_name="message", queue_name="reconcile", connection="AzureWebJobsStorage")
def reconcile(message: func.QueueMessage) -> None:
    """One piece of work: look at a resource again, repair or tell."""
    guard.reconcile(message.get_body().decode())


@app.queue_trigger(arg_name="message", queue_name="neighbourhood", connection="AzureWebJobsStorage")
def neighbourhood(message: func.QueueMessage) -> None:
    """What a change means for others: gather it, and answer what was gathered from one picture."""
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


# For people who sign in, so open as far as the host goes: who may what is decided in remediation/app/people.


@app.route(route="findings", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def findings(req: func.HttpRequest) -> func.HttpResponse:
    """A page of findings, and how many there are."""
    return _response(guard.people().reads.findings(req.params, _lowered(req.headers)))


@app.route(route="findings/{id}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def finding(req: func.HttpRequest) -> func.HttpResponse:
    """One finding in full, with what may be done about it."""
    return _response(guard.people().reads.finding(_named(req, "id"), req.params, _lowered(req.headers)))


@app.route(route="findings/{id}/{verb}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
def act(req: func.HttpRequest) -> func.HttpResponse:
    """Apply, exempt, undo, look at, acknowledge or accept a finding, in the name of whoever is signed in."""
    changes, identity, verb = guard.people().changes, _named(req, "id"), _named(req, "verb")
    return _response(changes.act(identity, verb, req.get_body(), req.params, _lowered(req.headers)))


@app.route(route="me", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def me(req: func.HttpRequest) -> func.HttpResponse:
    """Who is signed in, and what they may do."""
    return _response(guard.people().reads.me(req.params, _lowered(req.headers)))


@app.route(route="summary", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def summary(req: func.HttpRequest) -> func.HttpResponse:
    """What was repaired in the last days and how fast, and what is watched."""
    return _response(guard.people().reads.summary(req.params, _lowered(req.headers)))


@app.route(route="openapi", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def openapi(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  the host passes it by name
    """The description of the HTTP functions, OpenAPI 3.1."""
    return _response(guard.people().reads.openapi())


@app.route(route="exemptions", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def exemptions(req: func.HttpRequest) -> func.HttpResponse:
    """What is left alone now, by whose word and until when."""
    return _response(guard.people().reads.exemptions(req.params, _lowered(req.headers)))


@app.route(route="exemptions/{id}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
def change_exemption(req: func.HttpRequest) -> func.HttpResponse:
    """End an exemption, or have it end at another moment."""
    changes, identity = guard.people().changes, _named(req, "id")
    return _response(changes.change_exemption(identity, req.get_body(), req.params, _lowered(req.headers)))


@app.route(route="key", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def key(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  the host passes it by name
    """Says yes to who has a function key: the host checks it here for the functions that are open."""
    return func.HttpResponse('{"key": true}', mimetype="application/json")


@app.timer_trigger(arg_name="timer", schedule="0 3/15 * * * *", use_monitor=True)
def import_dead_letters(timer: func.TimerRequest) -> None:  # noqa: ARG001  the host passes it by name
    """After an outage: take dead letters and poison in again, each once."""
    guard.import_dead_letters()


@app.timer_trigger(arg_name="timer", schedule="%FETCH_SCHEDULE%", use_monitor=True)
def fetch_changes(timer: func.TimerRequest) -> None:  # noqa: ARG001  the host passes it by name
    """Read the activity logs: for changes where none are delivered, else to see that all of them were."""
    guard.fetch_changes()


@app.timer_trigger(arg_name="timer", schedule="30 * * * * *", use_monitor=False)
def look_after(timer: func.TimerRequest) -> None:  # noqa: ARG001  the host passes it by name
    """Every minute: what dead workers held goes back on the queue."""
    guard.look_after()


@app.timer_trigger(arg_name="timer", schedule="0 7 */6 * * *", use_monitor=True)
def sweep(timer: func.TimerRequest) -> None:  # noqa: ARG001  the host passes it by name
    """The safety net: look at everything, send again what is owed."""
    guard.sweep()


@app.timer_trigger(arg_name="timer", schedule="*/30 * * * * *", use_monitor=False)
def check_baseline(timer: func.TimerRequest) -> None:  # noqa: ARG001  the host passes it by name
    """Take a changed baseline in, so that nobody writes by the old one for longer than a minute."""
    guard.check_baseline()


@app.route(route="board", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def board(req: func.HttpRequest) -> func.HttpResponse:
    """The page on which people see findings and act on them; it holds none itself."""
    return _response(guard.board(_lowered(req.headers)))


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


def _named(req: func.HttpRequest, name: str) -> str:
    return str(req.route_params.get(name, ""))


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
