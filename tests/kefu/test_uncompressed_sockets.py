"""A page's socket is opened without compression, though browsers ask for it."""

from __future__ import annotations

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from kefu.http import uncompressed_sockets


async def test_a_socket_speaks_plainly_to_who_asks_for_compression() -> None:
    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(f"{request.match_info['name']}: {await socket.receive_str()}")
        return socket

    app = web.Application(middlewares=[uncompressed_sockets])
    app.router.add_get("/sockets/{name}", echo)
    async with TestServer(app) as server, ClientSession() as session:
        socket = await session.ws_connect(server.make_url("/sockets/lin"), compress=15)
        assert socket.compress == 0
        await socket.send_str("hello")
        assert await socket.receive_str() == "lin: hello"
