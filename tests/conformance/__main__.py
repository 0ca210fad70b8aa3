"""`python -m tests.conformance [FOLDER]`: replay recordings, print every difference and the score."""

from __future__ import annotations

import sys
from pathlib import Path

from lab.arm import in_background
from tests.conformance.recordings import folder, sessions
from tests.conformance.replay import replay
from tests.conformance.score import is_known, known_differences, lines
from tests.conformance.summary import missing


def main(arguments: list[str]) -> int:
    where = Path(arguments[0]) if arguments else folder()
    recorded = sessions(where)
    if not recorded:
        sys.stderr.write(missing(where) + "\n")
        return 2
    with in_background() as url:
        outcomes = replay(url, recorded)
    allowed = known_differences()
    for outcome in outcomes:
        if outcome.differences:
            mark = "known " if is_known(outcome, allowed) else ""
            sys.stdout.write(
                f"{mark}{outcome.session} #{outcome.number} {outcome.operation} {outcome.kind}\n"
            )
            sys.stdout.writelines(f"    {difference}\n" for difference in outcome.differences)
    sys.stdout.writelines(line + "\n" for line in lines(outcomes))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
