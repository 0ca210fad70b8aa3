"""A functions host on loopback: what Azure's host does around Microsoft's own Python runtime.

    worker.py     loads the app and runs invocations through azure-functions-runtime
    functions.py  what a loaded function says of itself: trigger, outputs, routes; host.json
    queues.py     a message, and what a host asks of a queue: memory_source.py and storage_source.py
    sources.py    picks one of the two
    poller.py     queue triggers: dequeue counts, invisibility, poison
    protos.py     the runtime's messages, without its generated code
    signing_in.py who a bearer token is, where App Service authentication is on
    web.py        Event Grid deliveries with their handshake, HTTP routes with keys, admin calls
    host.py       all of it together, with a graceful end

What it does not prove is listed in the platform facts: scaling, telemetry and the real host's own timing
are imitated here, the loading and running of functions is not.
"""

from lab.functions_host.functions import Function, HostSettings
from lab.functions_host.host import FunctionsHost
from lab.functions_host.worker import HostError, Invocation, Worker

__all__ = ["Function", "FunctionsHost", "HostError", "HostSettings", "Invocation", "Worker"]
