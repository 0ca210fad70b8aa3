"""From an event to the messages it means: the same for what is delivered and for what is fetched."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from remediation.errors import InputError, NoResourceId
from remediation.intake import events
from remediation.intake.routing import route
from remediation.measures import Measures
from remediation.messages import Message, encode
from remediation.model import ResourceChange
from remediation.ports import Clock

log = logging.getLogger("bastion_guard.intake")


@dataclass(frozen=True, slots=True)
class Accepting:
    """Takes events in; each is counted, logged and given its time. Needs no setting and makes no call."""

    measures: Measures
    clock: Clock

    def messages(self, event: object) -> list[Message]:
        """The work an event means; none for what does not concern us or cannot be used.

        An unusable event is logged and acknowledged: it would be no better on its next delivery.
        """
        try:
            change = events.parse(event)
            work = route(change).messages(change, self.clock.now())
            for message in work:
                encode(message)  # InputError for one that no queue takes
        except NoResourceId:
            self.measures.count("events", result="ignored")
            return []
        except InputError as error:
            self._refused(event, error)
            return []
        self._accepted(change, len(work))
        return list(work)

    def _accepted(self, change: ResourceChange, messages: int) -> None:
        with self.measures.span("accept", change.correlation_id, resource=change.target.text):
            self.measures.count("events", result="accepted" if messages else "ignored", kind=change.kind)
            self.measures.count("messages", messages)
            facts = {"event_id": change.event_id, "correlation_id": change.correlation_id}
            log.info("event.accepted", extra={**facts, "messages": messages})

    def _refused(self, event: object, error: InputError) -> None:
        identity = event.get("id", "") if isinstance(event, Mapping) else ""
        self.measures.count("events", result="refused")
        log.warning("event.refused", extra={"event_id": str(identity)[:100], "reason": str(error)})
