"""News by WeChat's template and subscription messages, and the consents to them.

Template messages need a follower, subscription messages (订阅通知, mini programs' 订阅消息) one
consent each. Which fields a template has is the operator's to say, in kefu.yml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Formatter

import structlog

from connectors.channels.consents import Consent, Consents
from connectors.channels.handing_over import Handover, Outcome
from connectors.channels.wechat.account import Account, NewsTemplate
from connectors.channels.wechat.client import WeChatClient
from connectors.channels.wechat.payloads import Inbound
from desk.model import Conversation
from desk.news.words import WORDS, words_of
from desk.reach import ReachState
from kernel.content import Content
from kernel.errors import SettingsError

log = structlog.get_logger()

_ACCEPTED, _SUBSCRIPTION = "accept", "subscribe"
_POPUP = "event.subscribe_msg_popup_event"
_REFUSED_BY_SHOPPER = "reject"
_MAY_HAVE_USED_IT = (Outcome.SENT, Outcome.UNCERTAIN)
# Fields that take no Chinese; words of ours that are some.
_PLAIN_FIELDS = ("character_string", "number", "letter", "symbol", "phone_number", "amount")
_CHINESE_WORDS = frozenset({"what", "carrier", "place"})


class NewsTemplates:
    """(see connectors.channels.carrying.Templates)"""

    def __init__(self, account: Account, client: WeChatClient, consents: Consents) -> None:
        self._templates = account.settings.news_templates
        self._client = client
        self._consents = consents

    async def may_carry(self, shopper_id: str, kinds: Sequence[str]) -> bool:
        """(see Templates)"""
        for kind in kinds:
            template = self._templates.get(kind)
            if template is None:
                return False
            if template.kind == _SUBSCRIPTION:
                left = await self._consents.left(shopper_id, template.id)
                if not left:
                    return False
        return bool(kinds)

    async def carry(
        self, conversation: Conversation, content: Content, key: str, *, again: bool
    ) -> Handover | None:
        """(see Templates)"""
        kind, words = words_of(content)
        template = self._templates.get(kind)
        if template is None:
            return None
        shopper_id, needs_consent = conversation.shopper_id, template.kind == _SUBSCRIPTION
        if needs_consent and not again and not await self._consents.take(shopper_id, template.id):
            return None
        handover = await self._client.send_template(
            shopper_id,
            template.id,
            {name: text.format(**words) for name, text in template.fields.items()},
            kind=template.kind,
            url=template.url.format(**words),
            page=template.page.format(**words),
            key=key,
        )
        log.info("wechat.news.carried", outcome=handover.outcome.value, code=handover.code)
        if needs_consent and handover.state is ReachState.REFUSED:
            await self._consents.refused(shopper_id, template.id, handover.code)
        elif needs_consent and not again and handover.outcome not in _MAY_HAVE_USED_IT:
            await self._consents.give_back(shopper_id, template.id)
        return handover

    async def consents_of(self, shopper_id: str) -> Sequence[tuple[tuple[str, ...], Consent]]:
        """(see Templates)"""
        kinds: dict[str, tuple[str, ...]] = {}
        for kind, template in self._templates.items():
            if template.kind == _SUBSCRIPTION:
                kinds[template.id] = (*kinds.get(template.id, ()), kind)
        said = {one.template_id: one for one in await self._consents.of(shopper_id)}
        return [(of, said[template_id]) for template_id, of in kinds.items() if template_id in said]

    async def answered(self, inbound: Inbound) -> None:
        """A shopper has said of some templates whether they allow a message."""
        ours = {one.id for one in self._templates.values()}
        for template_id, status in inbound.consents:
            if template_id not in ours:
                continue
            if status == _REFUSED_BY_SHOPPER:
                await self._consents.refused(inbound.openid, template_id, status)
            elif status == _ACCEPTED and inbound.vendor_kind == _POPUP:
                await self._consents.given(inbound.openid, template_id, inbound.id)
            elif status != _ACCEPTED:
                log.warning("wechat.consent.unknown", status=status[:20])


def check_templates(where: str, templates: Mapping[str, NewsTemplate]) -> None:
    """Raise SettingsError for a template that WeChat would refuse or nobody could fill in."""
    for kind, template in templates.items():
        place = f"{where}.news_templates.{kind}"
        if kind not in WORDS:
            raise SettingsError(f"{place}: there is no news of this kind, only {', '.join(WORDS)}")
        texts = {**template.fields, "url": template.url, "page": template.page}
        for name, text in texts.items():
            try:
                named = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
            except ValueError as error:
                raise SettingsError(f"{place}.{name} is no pattern: {error}") from error
            if unknown := sorted(named - set(WORDS[kind])):
                raise SettingsError(f"{place}.{name}: there is no {{{unknown[0]}}} in this news")
            if name.rstrip("0123456789") in _PLAIN_FIELDS and named & _CHINESE_WORDS:
                raise SettingsError(
                    f"{place}.{name} takes no Chinese: put words into a thing field"
                )
