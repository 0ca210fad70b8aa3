"""The answer in one or two sentences, for somebody who reads nothing else."""

from collections.abc import Sequence

from remediation.on_call.history import Line
from remediation.on_call.preview import Prospect
from remediation.on_call.why.answer import Port, Reason


def summary(
    prospect: Prospect, found: Sequence[Reason], ports: Sequence[Port], writes: Sequence[Line]
) -> str:
    """The answer in one or two sentences, for somebody who reads nothing else."""
    last = last_done(writes)
    done = "" if last is None else f" Our last write: {last.detail}, {last.at:%Y-%m-%d %H:%M:%S} UTC."
    since = next((reason for reason in found if reason.kind == "changed"), None)
    done += "" if since is None else f" But {since.text}."
    for port in ports:
        if not port.is_judged and port.verdict != "closed":
            return f"{port.text}. No rule is about port {port.port}: it is none of the managementPorts.{done}"
    return f"{_outcome(prospect, found, ports)}{done}"


def _outcome(prospect: Prospect, found: Sequence[Reason], ports: Sequence[Port]) -> str:
    unread = next((reason for reason in found if reason.kind == "unreadable" and not reason.rule), None)
    if unread is not None:
        return f"It cannot be worked on: {_told(unread)}. {unread.then}"
    match prospect.outcome:
        case "trouble":
            return f"It could not be looked at now: {prospect.trouble}."
        case "gone":
            return "ARM has no such resource, or has it no more."
        case "repair" if (no := refused(found)) is not None:
            return f"It is open, and Azure refused the repair: {_told(no)}. {no.then}"
        case "repair":
            late = next((reason for reason in found if reason.kind in {"wait", "claim", "operation"}), None)
            begun = next((reason for reason in found if reason.kind == "begun"), None)
            head = (
                f"It is open yet, and {_told(begun)}" if begun else "It is open and the next look repairs it"
            )
            return head + (f"; {_told(late)}." if late else ".")
        case "exempt" | "propose" | "alert":
            first = _first(prospect, found)
            if first is not None and first.kind == "wait":
                return f"It is not as declared, and nobody is told yet: {_told(first)}."
            head = _head(prospect, ports)
            return f"{head}: {_told(first)}." if first else f"{head}."
        case "unknown":
            return f"Whether it is in order cannot be told: {prospect.unknowns[0].reason}."
        case _ if prospect.waiting:
            wait = prospect.waiting[0]
            return f"Nobody is told of it yet: {wait.text}, not before {wait.until:%Y-%m-%d %H:%M:%S} UTC."
        case _:
            told = "; ".join(port.text for port in ports)
            return f"Nothing is wrong with it now{': ' + told if told else ''}."


def _first(prospect: Prospect, found: Sequence[Reason]) -> Reason | None:
    """Why what is found is not repaired; that nobody is told yet only where that holds for all of it."""
    of_rules = [reason for reason in found if reason.rule and reason.kind != "unknown"]
    waits = [reason for reason in of_rules if reason.kind == "wait"]
    if len(waits) - len(prospect.waiting) >= len(prospect.findings):
        return waits[0]
    late = {reason.rule for reason in waits}
    told = [reason for reason in of_rules if reason.rule not in late]
    told += [reason for reason in of_rules if reason.kind != "wait"]
    return told[0] if told else None


def _head(prospect: Prospect, ports: Sequence[Port]) -> str:
    """What is so, before why; a port that the internet does not reach is not called open."""
    if ports and all(port.verdict == "closed" for port in ports):
        told = f"The internet does not reach it by this group, but {prospect.findings[0].rule} is found"
        return f"{told}, and a proven repair is held back" if prospect.outcome == "propose" else told
    if prospect.outcome == "propose":
        return "It is open, and a proven repair is held back"
    return "It is open and stays so"


def last_done(writes: Sequence[Line]) -> Line | None:
    return next((line for line in writes if line.what == "done"), None)


def refused(found: Sequence[Reason]) -> Reason | None:
    return next((reason for reason in found if reason.kind == "refused"), None)


def _told(reason: Reason) -> str:
    end = "" if reason.until is None else f", until {reason.until:%Y-%m-%d %H:%M:%S} UTC"
    return f"{reason.text.rstrip('.')}{end}"
