"""`kefu shop serve` as another program meets it, and a desk that asks such a shop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from kefu.settings import Settings, load_settings
from kefu.shop import open_shop
from kernel.clock import SystemClock
from kernel.database import make_engine
from kernel.errors import BackendUnavailable, NotFound, SettingsError
from tests.serving import ROOT, ShopServed

RULEBOOK = "shop:\n  name: {zh: 店, en: Shop}\n  server: "


def _settings(folder: Path, server: dict[str, Any], token: str) -> Settings:
    (folder / "kefu.yml").write_text(RULEBOOK + json.dumps(server), encoding="utf-8")
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "knowledge").mkdir(exist_ok=True)
    return load_settings(folder, folder / "var", {"KEFU_SHOP_TOKEN": token})


@pytest.fixture
async def nothing(tmp_path: Path) -> Any:
    """A database in which there is no shop."""
    engine = make_engine(f"sqlite:///{tmp_path}/nothing.db")
    yield engine
    await engine.dispose()


async def test_the_embedded_shop_is_served_and_asked(tmp_path: Path, nothing: AsyncEngine) -> None:
    served = ShopServed(tmp_path / "served")
    served.start()
    try:
        token = json.loads((served.data / "secrets.json").read_text())["shop_token"]
        server = {"url": f"{served.url}/v1", "seconds": 30}
        asked = open_shop(_settings(tmp_path, server, token), nothing, SystemClock())
        order = await asked.ports.orders.find_of("C0001", "kf2601018002")
        assert order is not None
        assert order.lines[0].product_name.zh == "双面呢大衣"
        with pytest.raises(NotFound):
            await asked.ports.orders.get("KF9999999999")
        await asked.close()
        other = open_shop(_settings(tmp_path, server, "another"), nothing, SystemClock())
        with pytest.raises(BackendUnavailable):
            await other.ports.orders.get("KF2601018002")
        await other.close()
    finally:
        served.stop()
    again = open_shop(_settings(tmp_path, server, token), nothing, SystemClock())
    with pytest.raises(BackendUnavailable):
        await again.ports.orders.get("KF2601018002")
    await again.close()


async def test_articles_are_ours_unless_the_shop_has_its_own(
    tmp_path: Path, nothing: AsyncEngine
) -> None:
    nowhere = {"url": "http://127.0.0.1:1/v1", "repeats": 0}
    (tmp_path / "data" / "knowledge").mkdir(parents=True)
    article = ROOT / "data" / "knowledge" / "return-shipping.md"
    (tmp_path / "data" / "knowledge" / article.name).write_text(article.read_text("utf-8"), "utf-8")
    ours = open_shop(_settings(tmp_path, nowhere, "t"), nothing, SystemClock())
    assert await ours.ports.knowledge.search("freight of a return", "en")
    await ours.close()
    theirs = open_shop(
        _settings(tmp_path, {**nowhere, "articles": "shop"}, "t"), nothing, SystemClock()
    )
    with pytest.raises(BackendUnavailable):
        await theirs.ports.knowledge.search("freight of a return", "en")
    await theirs.close()


@pytest.mark.parametrize(
    "server",
    [
        {"url": "shop.example"},
        {"url": "https://shop.example/v1/"},
        {"url": "ftp://shop.example"},
        {"seconds": 0},
        {"repeats": -1},
        {"articles": "nobody"},
        {"token": "in a file that everybody reads"},
    ],
)
def test_a_server_that_is_not_understood_is_refused(tmp_path: Path, server: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"shop\.server"):
        _settings(tmp_path, server, "t")
