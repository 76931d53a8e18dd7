"""The headers every answer carries: content policy with Trusted Types, isolation, no-store where it is not static."""

from aiohttp import web

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types bid",
        "report-uri /csp",
        "report-to csp",
    )
)
ALWAYS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Reporting-Endpoints": 'csp="/csp"',
    "Strict-Transport-Security": "max-age=31536000",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # With `no-referrer` a browser sends a form with `Origin: null`, which admission takes for a stranger's.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), "
    "window-management=(self), geolocation=(), payment=(), usb=()",
}


async def add_headers(_: web.Request, answer: web.StreamResponse) -> None:
    """Put the headers on an answer that is about to leave; what a view set itself stays."""
    for name, value in ALWAYS.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers["Server"] = "bid"
