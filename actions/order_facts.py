"""What is asked of an order beside where it stands: where it goes, and what was paid for it."""

from __future__ import annotations

import re
from enum import StrEnum

from actions.base import Outcome, ShopAction, Turn
from actions.choosing_lines import choose_lines
from actions.money import tender_name
from actions.orders import items_of, line_name, place_of
from actions.vocabulary import PAID_WITH
from actions.wording import listing, with_detail
from connectors.backends.orders.model import Order, OrderPayment
from connectors.backends.shop import Shop


class OrderFact(StrEnum):
    """What may be asked of an order."""

    ADDRESS = "address"
    PAYMENT = "payment"
    PRICE = "price"


_ASKED = {
    OrderFact.ADDRESS: re.compile(
        r"(?:寄|发|送|配送)(?:到|往|去|给)的?是?(?:我的?)?(?:(?:哪|什么|啥)[里儿个]?的?(?:地址|地方)|哪[里儿]?(?!.*了)|谁)"
        r"|(?:哪|什么|啥)[里儿个]?(?:收货)?地址"
        r"|(?:收货)?(?:地址|人)(?:是|填|写|留)的?是?(?:哪|什么|啥|谁)|地址[^,，。?？]{0,4}(?:对不对|对吗|填对)"
        r"|\b(?:what|which) (?:\w+ )?address\b|\baddress (?:is|did|was|have|do)\b"
        r"|\bwhere (?:is|are|was|were|will|did|does|do)\b[^.?!]{0,50}"
        r"\b(?:(?:going|sent|shipped|addressed|delivered|shipping|go) to"
        r"|being (?:sent|shipped|delivered)(?! from))\b",
        re.IGNORECASE,
    ),
    OrderFact.PAYMENT: re.compile(
        r"(?:怎么|什么|啥|哪张卡|哪种方式|哪个账户)[^,，。?？]{0,6}(?:付的?(?:款|钱)?|支付的?|买的?单)(?!不|失)"
        r"|(?:什么时候|啥时候|哪天|几号|几点|何时)[^,，。?？]{0,4}(?:扣|付|支付|划)[的了]?(?:款|钱|费)?"
        r"|(?:扣|付|划)的?(?:款|钱|费)?是?(?:什么时候|哪天|几号)|付款(?:方式|时间)|付了多少|花了?我?多少"
        r"|\bhow (?:did|have|was|were) (?:i|it|they|we|this|that)\b[^.?!]{0,20}\bpa(?:y|id)\b"
        r"|\b(?:what|which) (?:card|account|wallet|payment|tender)\b"
        r"|\bwhat did i (?:use to )?pay\b|\bwhat was [^.?!]{0,20}paid with\b"
        r"|\bwhen (?:was|did|were|have|is|had)\b[^.?!]{0,40}"
        r"\b(?:charged?|billed|pay|paid|debited|payment|taken)\b"
        r"|\bhow much (?:did|was|were|have) i (?:pay|paid|charged)\b",
        re.IGNORECASE,
    ),
    OrderFact.PRICE: re.compile(
        r"花了?我?多少|多少钱买|买的?时候?.{0,4}多少钱"
        r"|\bhow much (?:did|was|were|is|are)\b[^.?!]{0,40}\b(?:cost|when i bought)\b",
        re.IGNORECASE,
    ),
}


# Who wants it to go elsewhere asks for more than where it goes.
_WISH = re.compile(
    r"改|换|错|\b(?:change|changed|update|wrong|instead|redirect|move)\b", re.IGNORECASE
)


class ActionShowDestination(ShopAction):
    """Says where the order goes if that is all that was asked.

    Outcomes: ``told``, ``wish`` (it shall go elsewhere).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_show_destination"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        words = turn.frame.own or turn.frame.said
        if _WISH.search(words) or OrderFact.ADDRESS not in facts_asked(words):
            return Outcome("wish")
        order = await self.order_of(turn)
        await say_facts(self._shop, turn, order, words)
        return Outcome("told", learned={"order_number": order.number})


def facts_asked(text: str) -> tuple[OrderFact, ...]:
    """What ``text`` asks of an order that is paid, or goes somewhere."""
    return tuple(fact for fact, words in _ASKED.items() if words.search(text))


async def say_facts(shop: Shop, turn: Turn, order: Order, text: str) -> bool:
    """Say what ``text`` asks of ``order``; False if it asks nothing of the kind."""
    asked, said = facts_asked(text), False
    values = {"number": order.number, "items": items_of(order, turn.language)}
    if OrderFact.ADDRESS in asked:
        book = await turn.address_book(shop.customers)
        known = (one.label for one in book if place_of(one.address) == place_of(order.address))
        address = with_detail(order.address.masked(), next(known, ""), turn.language)
        turn.say("utter_order_goes_to", values | {"address": address})
        said = True
    if OrderFact.PRICE in asked:
        choice = choose_lines(text, order.lines)
        named = () if choice is None else (*choice.units, *choice.unclear)
        for line in order.lines:
            if line.id in named:
                price = {"line": line_name(line, turn.language), "price": str(line.unit_price)}
                turn.say("utter_order_line", price)
                said = True
    if order.payments and not said and {OrderFact.PAYMENT, OrderFact.PRICE} & set(asked):
        payments = listing([_paid(turn, one) for one in order.payments], turn.language)
        turn.say("utter_order_paid_with", values | {"paid": str(order.paid), "payments": payments})
        said = True
    return said


def _paid(turn: Turn, payment: OrderPayment) -> str:
    return PAID_WITH.of(turn.language).format(
        amount=payment.amount,
        tender=tender_name(turn, payment.tender, payment.hint),
        at=turn.moment(payment.paid_at),
    )
