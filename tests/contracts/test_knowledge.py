"""What every adapter of the port Knowledge promises."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from connectors.backends.embedded.knowledge import ArticleKnowledge
from connectors.backends.knowledge.port import Knowledge
from kernel.errors import SettingsError
from tests.contracts.conftest import Through
from tests.conversations.down import make_down_shop

FREIGHT = """---
title_zh: 退货运费
title_en: Return freight
labels: [return_policy]
---

## zh

无理由退货的运费由顾客承担。

商品有问题时由商店承担。

## en

For a return without a reason the shopper pays the freight.

When the goods are faulty the shop pays.
"""
INVOICE = """---
title_zh: 电子发票
title_en: Electronic invoices
labels: invoice, payment_methods
---
## zh
发票在签收后开具，发送到邮箱。
## en
Invoices are issued after delivery and sent by e-mail.
"""


@pytest.fixture
async def knowledge(tmp_path: Path, through: Through) -> Knowledge:
    """Two articles."""
    (tmp_path / "freight.md").write_text(FREIGHT, encoding="utf-8")
    (tmp_path / "invoice.md").write_text(INVOICE, encoding="utf-8")
    articles = dataclasses.replace(make_down_shop(), knowledge=ArticleKnowledge(tmp_path))
    return (await through(articles)).knowledge


@pytest.mark.parametrize(
    ("query", "language", "topic"),
    [
        ("退货运费谁出", "zh", "freight"),
        ("发票怎么开", "zh", "invoice"),
        ("who pays the return freight", "en", "freight"),
        ("when do I get my invoice", "en", "invoice"),
    ],
)
async def test_a_question_finds_its_article(
    knowledge: Knowledge, query: str, language: str, topic: str
) -> None:
    found = await knowledge.search(query, language)
    assert found[0].topic == topic
    assert found[0].language == language
    assert 0 < found[0].score <= 1


async def test_the_passage_that_answers_comes_first(knowledge: Knowledge) -> None:
    found = await knowledge.search("faulty goods freight", "en")
    assert found[0].text == "When the goods are faulty the shop pays."


@pytest.mark.parametrize("query", ["", "月亮上有外星人", "quantum chromodynamics", "??"])
async def test_a_question_about_something_else_finds_nothing(
    knowledge: Knowledge, query: str
) -> None:
    assert await knowledge.search(query, "zh") == ()
    assert await knowledge.search(query, "en") == ()


async def test_a_label_narrows_the_search(knowledge: Knowledge) -> None:
    assert await knowledge.search("退货运费谁出", "zh", label="invoice") == ()
    found = await knowledge.search("发票", "zh", label="payment_methods")
    assert [passage.topic for passage in found] == ["invoice"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no front matter", "front matter"),
        (FREIGHT.replace("title_en", "title"), "title_en"),
        (FREIGHT.replace("## en", "## fr"), "## en"),
    ],
)
def test_a_malformed_article_is_refused_with_file_and_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "bad.md").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=reason) as caught:
        ArticleKnowledge(tmp_path)
    assert str(caught.value).startswith("bad.md: ")


async def test_every_article_of_the_shop_can_be_read() -> None:
    knowledge = ArticleKnowledge(Path("data/knowledge"))
    found = await knowledge.search("七天无理由退货", "zh")
    assert found[0].topic.startswith("returns")
