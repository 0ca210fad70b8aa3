"""Hosts that belong to Azure: to nobody else does a token of the app go, whatever a setting says.

A setting decides where a token is sent, and a token for storage or for Event Grid is good for every account
and topic that the app may use: another host could use it in our name. Known are the clouds of the world, of
China and of the US government; the domains below belong to Microsoft in each.
"""

import re
from urllib.parse import urlsplit

_ARM = r"management\.(azure\.com|chinacloudapi\.cn|usgovcloudapi\.net)"
_STORAGE = r"\.core\.(windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)"
_ZONED = r"\.z\d{1,3}\.(blob|queue|table)\.storage\.azure\.net"
_TOPIC = r"[a-z0-9-]{1,63}\.[a-z0-9-]{1,40}\.eventgrid\.azure\.(net|us|cn)"

BLOBS = re.compile(rf"[a-z0-9]{{3,24}}\.blob{_STORAGE}")
"""A storage account in one of Azure's clouds; the domain alone belongs to Microsoft."""
TOPICS = re.compile(_TOPIC)
ANY = re.compile(rf"{_ARM}|[a-z0-9]{{3,24}}(\.(blob|queue|table){_STORAGE}|{_ZONED})|{_TOPIC}")


def is_at(url: str, hosts: re.Pattern[str]) -> bool:
    """Whether a URL leads, over https and to the usual port, to one of these hosts and to nobody else."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    safe = parts.scheme == "https" and parts.username is None and port in {None, 443}
    safe = safe and url.isascii() and url.isprintable() and not {"\\", " "} & set(url)
    return safe and hosts.fullmatch(host) is not None
