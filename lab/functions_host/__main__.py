"""Host an app as a process of its own: ``python -m lab.functions_host --app DIR --port N --settings FILE``.

FILE is a local.settings.json as Core Tools has it (``{"Values": {...}}``) or a plain object of app settings.
One JSON line says when it is ready; SIGINT or SIGTERM ends it once running functions are done.
"""

import argparse
import asyncio
import json
import logging
import os
import secrets
import signal
import sys
import threading
from pathlib import Path

from lab.functions_host import FunctionsHost, HostError
from lab.logs import show
from lab.signals import until_interrupted


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="lab.functions_host", description="Host a function app on loopback."
    )
    parser.add_argument(
        "--app", type=Path, required=True, help="directory with function_app.py and host.json"
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--settings", type=Path, help="JSON file with the app settings")
    parser.add_argument("--key", default="", help="the key that opens everything; made up when not given")
    parser.add_argument("--until-eof", action="store_true", help="end when standard input closes, too")
    args = parser.parse_args(argv)
    show(logging.WARNING)
    try:
        if args.settings:
            os.environ.update(read_settings(args.settings))
        key = args.key or secrets.token_urlsafe(16)
        asyncio.run(_host(args.app, args.port, key, until_eof=args.until_eof))
    except HostError as error:
        print(f"lab.functions_host: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # while it was still starting
        return 130
    return 0


def read_settings(path: Path) -> dict[str, str]:
    """App settings by name; raises HostError when the file is not an object of texts."""
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise HostError(f"{path}: {error}") from error
    values = document.get("Values", document) if isinstance(document, dict) else None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise HostError(f"{path}: an object of app settings is wanted, every value a text")
    return values


async def _host(app: Path, port: int, key: str, *, until_eof: bool) -> None:
    async with FunctionsHost(app, key=key, port=port) as host:
        ready = {"functions": host.url, "key": host.key, "names": sorted(host.functions)}
        print(json.dumps(ready), flush=True)
        if until_eof:
            threading.Thread(target=_end_with_input, daemon=True).start()
        await until_interrupted()


def _end_with_input() -> None:
    """Whoever started this process is gone, or wants it gone."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    raise SystemExit(main())
