"""The widget's HTTP doors: its files, pictures in and out, and the demo shop's page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import BodyPartReader, web

from connectors.channels.ports import RateLimiter
from connectors.channels.refusals import Refusal, RefusalCode, known_language
from connectors.channels.tokens import BadToken, Sessions
from connectors.channels.web.uploads import UploadStore

IsAgent = Callable[[web.Request], Awaitable[bool]]

STATIC = Path(__file__).parent / "static"
_CHUNK = 64 * 1024
# Multipart boundaries and headers around the picture itself.
_ENVELOPE = 16 * 1024
# Modules of any other type are refused by browsers, whatever this machine calls them.
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
}
_STATUS = {
    RefusalCode.NO_SESSION: 401,
    RefusalCode.IMAGE_TOO_LARGE: 413,
    RefusalCode.NOT_AN_IMAGE: 415,
    RefusalCode.RATE_LIMITED: 429,
    RefusalCode.TOO_MANY_IMAGES: 429,
}
# The demo page runs only what we serve, so that it also shows the widget under a strict policy.
_PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:;"
    " object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class WebRoutes:
    """Serves files and pictures; everything here may be asked from the shop's own origin."""

    def __init__(
        self,
        sessions: Sessions,
        uploads: UploadStore,
        limiter: RateLimiter,
        *,
        daily_uploads: RateLimiter,
        is_agent: IsAgent,
        origin: str = "*",
    ) -> None:
        self._sessions = sessions
        self._uploads = uploads
        self._limiter = limiter
        self._daily_uploads = daily_uploads
        self._is_agent = is_agent
        # Nothing here trusts a cookie of the shopper's browser, so other origins may ask.
        self._cors = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Headers": "Authorization",
            "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        }
        self._files = {
            path.relative_to(STATIC).as_posix(): path
            for path in STATIC.rglob("*")
            if path.is_file()
        }

    def add_to(self, app: web.Application) -> None:
        """Mount ``/widget.js`` and everything below ``/widget/``."""
        app.router.add_get("/widget.js", self._loader)
        app.router.add_get("/widget/static/{path:.+}", self._file)
        app.router.add_post("/widget/upload", self._upload)
        app.router.add_get("/widget/uploads/{id}", self._picture)
        for path in ("/widget/upload", "/widget/uploads/{id}"):
            app.router.add_route("OPTIONS", path, self._preflight)

    def add_demo_page(self, app: web.Application) -> None:
        """Mount the demo shop's page at ``/``; it asks for ``/demo/*.json``, mounted elsewhere."""
        app.router.add_get("/", self._shop_page)

    async def _loader(self, _request: web.Request) -> web.StreamResponse:
        return self._serve("widget/loader.js")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return self._serve(request.match_info["path"])

    async def _shop_page(self, _request: web.Request) -> web.StreamResponse:
        response = self._serve("shop/shop.html")
        response.headers["Content-Security-Policy"] = _PAGE_POLICY
        return response

    def _serve(self, name: str) -> web.StreamResponse:
        if name not in self._files:
            raise web.HTTPNotFound
        path = self._files[name]
        headers = {
            **self._cors,
            "Cache-Control": "no-cache",
            "Content-Type": _TYPES.get(path.suffix, "text/plain; charset=utf-8"),
            "X-Content-Type-Options": "nosniff",
        }
        return web.FileResponse(path, headers=headers)

    async def _preflight(self, _request: web.Request) -> web.Response:
        return web.Response(status=204, headers={**self._cors, "Access-Control-Max-Age": "600"})

    async def _upload(self, request: web.Request) -> web.Response:
        language = known_language(request.headers.get("Accept-Language"))
        shopper_id = self._shopper(request)
        if shopper_id is None:
            return self._refused(Refusal(RefusalCode.NO_SESSION), language)
        if wait := await self._limiter.take(f"upload:{shopper_id}"):
            return self._refused(Refusal(RefusalCode.RATE_LIMITED, seconds=wait), language)
        if (request.content_length or 0) > self._uploads.max_bytes + _ENVELOPE:
            return self._refused(self._uploads.too_large, language)
        received = await self._received(request)
        if isinstance(received, Refusal):
            return self._refused(received, language)
        if wait := await self._daily_uploads.take(f"uploads:{shopper_id}"):
            return self._refused(Refusal(RefusalCode.TOO_MANY_IMAGES, seconds=wait), language)
        saved = await self._uploads.save(shopper_id, *received)
        if isinstance(saved, Refusal):
            return self._refused(saved, language)
        body = {"id": saved.id, "media_type": saved.media_type, "size": saved.size}
        return web.json_response({**body, "name": saved.name}, status=201, headers=self._cors)

    async def _received(self, request: web.Request) -> tuple[str, bytes] | Refusal:
        if request.content_type != "multipart/form-data":
            return Refusal(RefusalCode.BAD_REQUEST)
        try:
            reader = await request.multipart()
            async for part in reader:
                if isinstance(part, BodyPartReader) and part.name == "file":
                    data = bytearray()
                    while chunk := await part.read_chunk(_CHUNK):
                        data += chunk
                        if len(data) > self._uploads.max_bytes:
                            return self._uploads.too_large
                    return part.filename or "", bytes(data)
        except ValueError:
            # A body that is not what its header says.
            return Refusal(RefusalCode.BAD_REQUEST)
        return Refusal(RefusalCode.BAD_REQUEST)

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        upload = await self._uploads.find(request.match_info["id"])
        may_see = upload is not None and (
            self._shopper(request) == upload.shopper_id or await self._is_agent(request)
        )
        if upload is None or not may_see:
            # A stranger's picture looks like no picture.
            raise web.HTTPNotFound(headers=self._cors)
        return web.FileResponse(
            upload.path,
            headers={
                **self._cors,
                "Content-Type": upload.attachment.media_type,
                "Content-Disposition": "inline",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cache-Control": "private, max-age=86400, immutable",
                "X-Content-Type-Options": "nosniff",
            },
        )

    def _shopper(self, request: web.Request) -> str | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return None
        try:
            return self._sessions.open(token)
        except BadToken:
            return None

    def _refused(self, refusal: Refusal, language: str | None) -> web.Response:
        status = _STATUS.get(refusal.code, 400)
        return web.json_response(
            {"error": refusal.as_error(language)}, status=status, headers=self._cors
        )
