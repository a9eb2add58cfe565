"""Serves the console's page and its files."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"
# Browsers refuse modules of any other type, whatever this machine calls them.
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'self'; img-src 'self' https: data:; connect-src 'self' ws: wss:;"
    " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def add_pages(app: web.Application) -> None:
    """Mount ``/console`` and ``/console/static/``."""
    files = {
        path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()
    }

    async def file(request: web.Request) -> web.StreamResponse:
        path = files.get(request.match_info["path"])
        if path is None:
            raise web.HTTPNotFound
        return _serve(path)

    async def page(_request: web.Request) -> web.StreamResponse:
        response = _serve(STATIC / "index.html")
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    app.router.add_get("/console", page)
    app.router.add_get("/console/", page)
    app.router.add_get("/console/static/{path:.+}", file)


def _serve(path: Path) -> web.FileResponse:
    return web.FileResponse(
        path,
        headers={
            "Cache-Control": "no-cache",
            "Content-Type": _TYPES.get(path.suffix, "text/plain; charset=utf-8"),
            "X-Content-Type-Options": "nosniff",
        },
    )
