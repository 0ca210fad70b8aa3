"""Log lines for people: the event's name, then its fields, then a trace if there is one."""

import logging

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Fields(logging.Formatter):
    """Shows what was given as `extra`, which the standard formatter leaves out."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        fields = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        trace = str(fields.pop("trace", "")).rstrip()
        shown = " ".join(f"{key}={value}" for key, value in fields.items())
        return "\n".join(part for part in (f"{super().format(record)} {shown}".rstrip(), trace) if part)


def show(level: int) -> None:
    """Write log lines of `level` and above to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(Fields())
    logging.basicConfig(level=level, handlers=[handler])
