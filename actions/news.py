"""News that comes by itself: what a shopper wants to be told, and that they want no more of it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import structlog

from actions.base import Outcome, ShopAction, Turn
from actions.orders import OrderChoices
from actions.vocabulary import NEWS_KINDS, TELL_ARRIVAL, TELL_RESULT, TELL_SENDING
from actions.wishes import Wishes
from actions.wording import listing
from connectors.backends.news.model import PARCEL_KINDS, NewsKind, Wish
from connectors.backends.orders.model import Order, OrderStatus
from connectors.backends.shop import Shop
from kernel.errors import BackendUnavailable

_log = structlog.get_logger(__name__)

_MONEY = Wishes(
    {
        NewsKind.PRICE_PROTECTION: r"价保|保价|差价|降价"
        r"|price (?:protection|match|difference|drop)",
        NewsKind.REFUND_ARRIVED: r"退款|退钱|钱退|钱到|到[账帐]|refund|money",
    }
)
_PARCEL = Wishes(
    {
        NewsKind.SHIPPED: r"发货|發貨|出货|出貨|发出|寄出|出库|揽收|发了"
        r"|\bships?\b|\bshipped\b|\bleaves?\b|\bleft\b|\bsent\b|dispatch|courier has it",
        NewsKind.OUT_FOR_DELIVERY: r"派送|派件|配送|快送到|快到|取件码|取货码|驿站|快递柜|自提"
        r"|out for delivery|pick-?up|locker",
        NewsKind.DELIVERED: r"送到|送达|签收|到货|到貨|到了|到达|收货"
        r"|arriv|delivered|gets? here",
        NewsKind.STUCK: r"异常|卡住|卡了|停滞|延误|丢|stuck|delay|lost|problem",
        NewsKind.CUSTOMS: r"清关|海关|过关|customs",
        NewsKind.RETURNED: r"退回|退到仓|comes? back|goes? back|sent back",
    }
)
_PARCEL_AT_ALL = re.compile(
    r"物流|快递|包裹|派送|发货|parcel|package|shipping|delivery|track", re.I
)
_EVERY_ORDER = re.compile(
    r"所有|全部|每一?[单个次]|以后|all (?:my |the )?orders|every order|whenever|from now on|always",
    re.IGNORECASE,
)
_UNSENT = frozenset({OrderStatus.UNPAID, OrderStatus.PAID, OrderStatus.PREPARING})
_ARRIVED = frozenset({OrderStatus.DELIVERED, OrderStatus.COMPLETED})


def kinds_in(text: str) -> tuple[NewsKind, ...]:
    """What news ``text`` speaks of; money before parcels, for a refund arrives as well."""
    money = [NewsKind(one) for one in _MONEY.all(text)]
    if money:
        return tuple(money[:1])
    return tuple(NewsKind(one) for one in _PARCEL.all(text))


class ActionReadNewsRequest(ShopAction):
    """What the shopper wants to be told. Outcomes: ``order`` (of one), ``every_order``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_read_news_request"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = turn.frame.said
        kinds = kinds_in(said) or PARCEL_KINDS
        every = bool(_EVERY_ORDER.search(said)) or not set(kinds) <= set(PARCEL_KINDS)
        values = {"news_kinds": [kind.value for kind in kinds]}
        return Outcome("every_order" if every else "order", values=values)


class ActionChoicesNewsOrders(OrderChoices):
    """Orders of which the news that is wanted can still come."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_news_orders"

    def suits(self, order: Order) -> bool:
        """(see parent class for full docstring)"""
        return order.status not in _ARRIVED | {OrderStatus.CANCELLED, OrderStatus.UNPAID}

    def fits(self, turn: Turn, order: Order) -> bool:
        """(see parent class for full docstring)"""
        only_sending = turn.frame.values.get("news_kinds") == [NewsKind.SHIPPED.value]
        return self.suits(order) and (not only_sending or bool(order.unsent()))


class ActionWishNews(ShopAction):
    """Notes what the shopper wants to be told. Outcomes: ``noted``, ``happened`` (already)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_wish_news"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        kinds = [NewsKind(one) for one in turn.frame.values["news_kinds"]]
        number = turn.frame.values.get("order_number")
        order = await self.access(turn, number) if number else None
        coming = [kind for kind in kinds if order is None or _can_come(kind, order)]
        if order is not None and not coming:
            turn.say("utter_news_happened", {"number": order.number})
            return Outcome("happened", learned={"order_number": order.number})
        of = order.number if order else None
        wishes = [Wish(turn.conversation_id, turn.customer_id, kind, of) for kind in coming]
        await self._shop.wishes.wish(wishes)
        told = listing([NEWS_KINDS[kind].of(turn.language) for kind in coming], turn.language)
        if order is None:
            turn.say("utter_news_noted_all", {"kinds": told})
            return Outcome("noted")
        turn.say("utter_news_noted", {"number": order.number, "kinds": told})
        return Outcome("noted", learned={"order_number": order.number})


class ActionStopNews(ShopAction):
    """Notes that the shopper wants no more news. Outcomes: ``stopped``, ``none``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_stop_news"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        customer_id = turn.customer_id if turn.is_verified else None
        kinds = () if turn.pressed else _stopped_kinds(turn.frame.said)
        count = await self._shop.wishes.stop(turn.conversation_id, customer_id, kinds)
        if kinds and count:
            told = listing([NEWS_KINDS[kind].of(turn.language) for kind in kinds], turn.language)
            turn.say("utter_news_stopped_some", {"kinds": told})
        else:
            turn.say("utter_news_stopped" if count else "utter_news_none")
        return Outcome("stopped" if count else "none")


async def news_buttons(shop: Shop, turn: Turn, order: Order) -> Sequence[dict[str, str]]:
    """An offer to be told what comes next of ``order``, unless that is wanted already."""
    if order.status in _ARRIVED or order.status in (OrderStatus.CANCELLED, OrderStatus.UNPAID):
        return ()
    unsent = order.status in _UNSENT
    kind = NewsKind.SHIPPED if unsent else NewsKind.DELIVERED
    if await _is_wanted(shop, turn, kind, order.number):
        return ()
    title = (TELL_SENDING if unsent else TELL_ARRIVAL).of(turn.language)
    payload = f"/news_request{json.dumps({'order_number': order.number})}"
    return ({"title": title, "payload": payload},)


async def result_button(shop: Shop, turn: Turn) -> Sequence[dict[str, str]]:
    """An offer to be told what a person decides of a claim, unless that is wanted already."""
    if await _is_wanted(shop, turn, NewsKind.PRICE_PROTECTION, None):
        return ()
    return ({"title": TELL_RESULT.of(turn.language), "payload": "/news_request"},)


async def _is_wanted(shop: Shop, turn: Turn, kind: NewsKind, order_number: str | None) -> bool:
    """Whether this news is wanted of this order (None: of every one), or nobody can say."""
    try:
        wishes = await shop.wishes.wishes_of(turn.customer_id)
    except BackendUnavailable as error:
        # The answer matters, the offer does not.
        _log.warning("news.offer.unavailable", error=repr(error))
        return True
    wanted = [one for one in wishes if one.kind is kind]
    return any(one.order_number in (None, order_number) for one in wanted)


def _can_come(kind: NewsKind, order: Order) -> bool:
    if order.status is OrderStatus.CANCELLED:
        return kind in (NewsKind.REFUND_ARRIVED, NewsKind.PRICE_PROTECTION)
    if kind is NewsKind.SHIPPED:
        return bool(order.unsent())
    return kind not in PARCEL_KINDS or order.status not in _ARRIVED


def _stopped_kinds(said: str) -> tuple[NewsKind, ...]:
    """What the shopper names; nothing named means everything."""
    money = _MONEY.all(said)
    if money:
        return tuple(NewsKind(one) for one in money)
    return PARCEL_KINDS if _PARCEL_AT_ALL.search(said) else ()
