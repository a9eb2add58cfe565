"""A server that reads what it is sent and answers at once: what the machine itself takes."""

from __future__ import annotations

import sys

from aiohttp import web


async def answer(request: web.Request) -> web.Response:
    """Read everything, do nothing."""
    await request.read()
    return web.Response(text="success")


if __name__ == "__main__":
    app = web.Application()
    app.router.add_post("/", answer)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
