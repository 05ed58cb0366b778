"""Whether a request comes from a program on the same machine."""

import ipaddress

from starlette.requests import Request

# a proxy on this machine speaks for others, and says so
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def is_local(request: Request) -> bool:
    """Sent to and from a loopback address, by no proxy, and not by a page in a browser.

    A page of another site reaches a service on the reader's machine by a name of its own (`Host`) or says where it is
    from (`Origin`).
    """
    headers = request.headers
    if any(name in headers for name in (*_FORWARDED, "origin")):
        return False
    host = headers.get("host", "").rpartition("@")[2]
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return request.client is not None and _is_loopback(request.client.host) and _is_loopback(name)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
