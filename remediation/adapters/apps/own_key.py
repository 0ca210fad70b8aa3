"""Whether a function key is one of this app's, as its own host says.

What people sign in to is open to anybody as far as the host goes, so nobody has checked a key that comes
with such a request, and the host tells nobody what its keys are. It is asked instead: a function of ours that
wants a key is called with it. The answer is remembered for a short time, the key never.
"""

import hashlib
import threading
from datetime import datetime, timedelta

from remediation.adapters.credentials import is_loopback
from remediation.errors import ThrottledError, TransientError
from remediation.ports import Clock

PATH = "/api/key"
SECONDS = 10.0
GOOD_FOR, BAD_FOR = timedelta(minutes=1), timedelta(seconds=10)
MINUTE = timedelta(minutes=1)
MOST_A_MINUTE = 60
"""Keys nobody has asked about lately: guessing costs whoever guesses, and not this app."""
MOST_REMEMBERED = 1000
LONGEST = 512


class OwnKey:
    """Asks the host at `host` (WEBSITE_HOSTNAME); safe to use from several threads."""

    def __init__(self, host: str, clock: Clock) -> None:
        scheme = "http" if is_loopback(f"http://{host}") else "https"
        self._url = f"{scheme}://{host}{PATH}" if host else ""
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[bool, datetime]] = {}
        self._asked: list[datetime] = []

    def opens(self, key: str) -> bool:
        """Whether the host takes the key; raises TransientError while it cannot be asked."""
        if not key or len(key) > LONGEST or not (key.isascii() and key.isprintable()):
            return False
        name, now = hashlib.sha256(key.encode()).hexdigest(), self._clock.now()
        with self._lock:
            known = self._known.get(name)
            if known is not None and now < known[1]:
                return known[0]
            self._count(now)
        good = self._ask(key)
        with self._lock:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[name] = good, now + (GOOD_FOR if good else BAD_FOR)
        return good

    def _count(self, now: datetime) -> None:
        self._asked = [at for at in self._asked if now - MINUTE < at <= now]
        if len(self._asked) >= MOST_A_MINUTE:
            left = (self._asked[0] + MINUTE - now).total_seconds()
            raise ThrottledError("too many keys were tried", retry_after=max(1.0, left))
        self._asked.append(now)

    def _ask(self, key: str) -> bool:
        if not self._url:
            raise TransientError("keys cannot be checked: the setting WEBSITE_HOSTNAME is missing")
        import requests

        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.get(
                    self._url, headers={"x-functions-key": key}, timeout=SECONDS, allow_redirects=False
                )
        except requests.RequestException as error:
            raise TransientError(f"the app's own host does not answer: {type(error).__name__}") from error
        if answer.status_code in {401, 403}:
            return False
        if answer.status_code != 200:
            raise TransientError(f"the app's own host answers {answer.status_code} where keys are checked")
        return True
