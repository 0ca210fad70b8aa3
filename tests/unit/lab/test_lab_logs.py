"""What people read of a log record that carries its facts as fields."""

import logging

from lab.logs import Fields


def a_record(**extra: object) -> logging.LogRecord:
    known = {"name": "lab.host", "levelname": "ERROR", "msg": "function.failed"}
    return logging.makeLogRecord(known | extra)


def test_fields_follow_the_name_and_a_trace_stands_below() -> None:
    record = a_record(function_name="reconcile", error="ValueError: no", trace="Traceback\n  here\n")
    expected = (
        "ERROR lab.host function.failed function_name=reconcile error=ValueError: no\nTraceback\n  here"
    )
    assert Fields().format(record) == expected


def test_a_record_without_fields_is_one_short_line() -> None:
    assert Fields().format(a_record()) == "ERROR lab.host function.failed"
