"""The shop's articles say the same in Chinese and English and agree with the shop's rules."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HAN = re.compile(r"[\u3400-\u9fff]")
NUMBER = re.compile(r"\d+(?:[.:]\d+)?")


class Article(NamedTuple):
    """One help article: its front matter and its two bodies."""

    name: str
    title_zh: str
    title_en: str
    labels: list[str]
    zh: str
    en: str


def _article(path: Path) -> Article:
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    meta = yaml.safe_load(front)
    _, zh, en = re.split(r"^## (?:zh|en)$", body, flags=re.MULTILINE)
    return Article(
        path.stem, meta["title_zh"], meta["title_en"], meta["labels"], zh.strip(), en.strip()
    )


ARTICLES = [_article(path) for path in sorted((ROOT / "data" / "knowledge").glob("*.md"))]
INTENTS = {path.stem for path in (ROOT / "data" / "nlu").glob("*.yml")}
BY_NAME = {article.name: article for article in ARTICLES}


def _numbers(text: str) -> set[str]:
    return {number.replace(",", "") for number in NUMBER.findall(text.replace(",", ""))}


def test_there_are_articles_on_at_least_twenty_five_topics() -> None:
    assert len(ARTICLES) >= 25


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.name)
def test_an_article_is_written_in_both_languages_for_known_intents(article: Article) -> None:
    assert HAN.search(article.title_zh)
    assert HAN.search(article.zh)
    assert not HAN.search(article.title_en)
    assert not HAN.search(article.en)
    assert article.labels
    assert set(article.labels) <= INTENTS


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.name)
def test_every_number_said_in_chinese_is_said_in_english(article: Article) -> None:
    assert _numbers(article.zh) - _numbers(article.en) == set()


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("shipping-fees", {"99", "10"}),
        ("shipping-times", {"48"}),
        ("returns-seven-days", {"7"}),
        ("returns-quality", {"15"}),
        ("refund-times", {"1", "3", "10"}),
        ("price-protection", {"7"}),
        ("payment-problems", {"30"}),
    ],
)
def test_the_shops_rules_stand_in_the_article_about_them(name: str, facts: set[str]) -> None:
    assert facts <= _numbers(BY_NAME[name].zh)
    assert facts <= _numbers(BY_NAME[name].en)
