"""Builds what the functions of the app work with when it is first needed, and keeps it in step.

A failure is remembered for a minute: anybody may ask for health. What settings alone decide is built apart
from what needs a baseline, so that history and undo work without one.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime, timedelta
from pathlib import Path

from remediation.adapters.clock import SystemClock
from remediation.app import settings
from remediation.app.assembly import Foundation, Parts, judging, lay
from remediation.app.ground import DeskGround, Ground
from remediation.app.source import Source
from remediation.errors import BastionGuardError, ConfigurationError, Mistake
from remediation.measures import Measures
from remediation.ports import Clock

log = logging.getLogger("bastion_guard.app")

REMEMBERED = timedelta(minutes=1)
"""How long a failed start is taken for granted before it is tried again."""


class Building:
    """What one process has built; safe to call from several threads.

    At a desk, which is told by `chosen` (whether a baseline is named for this once), what is in force is read
    and never changed by what BASELINE names.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        root: Path,
        clock: Clock | None,
        measures: Measures,
        *,
        chosen: bool | None,
    ) -> None:
        self._environment = environment
        self._root = root
        self._clock = clock
        self._measures = measures
        self._chosen = chosen
        self._lock = threading.RLock()
        self._base: Foundation | None = None
        self._ground: Ground | DeskGround | None = None
        self._built: Parts | None = None
        self._failed: dict[str, tuple[datetime, BastionGuardError]] = {}
        self._started = self.now()

    def parts(self) -> Parts:
        """What was built, or is now, in step with what is in force.

        A failure is remembered for a minute: anybody may ask for health.
        """
        with self._lock:
            if self._built is None:
                self._built = self._once("parts", self._assembled)
                return self._built
            built = self._built
        today = self.ground().in_step(built.baseline)
        if today.hash == built.baseline.hash:
            return built
        log.info("baseline.changed", extra={"before": built.baseline.hash, "now": today.hash})
        with self._lock:
            self._built = judging(built.base, today)
            return self._built

    def foundation(self) -> Foundation:
        """What settings alone decide."""
        with self._lock:
            if self._base is None:
                self._base = self._once("settings", self._laid)
            return self._base

    def ground(self) -> Ground | DeskGround:
        """What this process judges by."""
        with self._lock:
            if self._ground is None:
                self._ground = self._grounded(self.foundation())
            return self._ground

    def _once[T](self, name: str, build: Callable[[], T]) -> T:
        """Build something; what keeps it from being built is remembered, and raised again for a while.

        A copy: one and the same would gather a traceback at each.
        """
        failed = self._failed.get(name)
        if failed is not None and self.now() < failed[0]:
            raise copy(failed[1])
        try:
            return build()
        except BastionGuardError as error:
            self._failed[name] = self.now() + REMEMBERED, copy(error)
            raise
        except Exception as error:
            log.exception("app.broken", extra={"error": type(error).__name__})
            kind = f"cannot be put together ({type(error).__name__}); its log says why"
            broken = ConfigurationError(Mistake.at("app", kind))
            self._failed[name] = self.now() + REMEMBERED, broken
            raise copy(broken) from error

    def now(self) -> datetime:
        return (self._clock or SystemClock()).now()

    def _laid(self) -> Foundation:
        return lay(settings.read(self._environment), self._clock, self._measures)

    def _assembled(self) -> Parts:
        """What judges; the mistakes of settings and baseline are named at once."""
        try:
            base = self.foundation()
        except ConfigurationError as error:
            mistakes = list(error.mistakes)
            try:
                self._source(None).good()
            except ConfigurationError as another:
                mistakes.extend(another.mistakes)
            raise ConfigurationError(mistakes) from error
        return judging(base, self.ground().begin())

    def _grounded(self, base: Foundation) -> Ground | DeskGround:
        source = self._source(base.settings)
        if self._chosen is not None:
            return DeskGround(source, base.ports, base.watch, chosen=self._chosen)
        marker = base.adapters.marker()
        return Ground(source, base.ports, base.keeper(), base.watch, marker, self._started)

    def _source(self, chosen: settings.Settings | None) -> Source:
        return Source(self._environment.get("BASELINE", "").strip(), self._root, chosen)
