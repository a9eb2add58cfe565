"""Things named by a word of the trade: reasons, carriers, means of payment, colours, sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.nlu.extraction.found import Found

# value -> (Chinese, English) alternatives as regular expressions.
_Words = Mapping[str, tuple[str, str]]

REASONS: _Words = {
    "damaged": (
        r"破损|破了|碎了|摔坏|压坏|磕坏|裂了|裂开|压扁|变形|漏液|漏了|漏水|烂了|缺口|豁口|崩了|崩瓷|磕碰|磕掉|断了|断裂|裂纹|裂痕|划痕|刮花|磨损|有(?:个|一个)?(?:破|小|大)?洞",
        r"damaged|broken|cracked|shattered|smashed|dented|torn|ripped|scratched|chipped|snapped|bent|leaking|crushed|"
        r"(?:has|have|had|got|with|is|are) (?:an? |some )?(?:\w+ )?"
        r"(?:holes?|dents?|scratch(?:es)?|cracks?|chips?|tear)",
    ),
    "faulty": (
        r"质量问题|质量不好|质量太差|不能用|用不了|开不了机|坏了|坏的|有故障|没反应|没声音|充不进|充不了电|"
        r"不工作|失灵|死机|不通电|掉色|起球|开胶|脱线",
        r"faulty|defective|(?:does not|doesn'?t|won'?t|not|stopped|isn'?t) "
        r"(?:work(?:ing)?\b(?! out| for me)|turn on|charg(?:e|ing)|start)|malfunction\w*|"
        r"poor quality|bad quality",
    ),
    "wrong_size": (
        r"(?:太|偏|有点|买)(?:大|小|长|短|宽|紧|松)了?(?![吗么不]|还是)|大了|小了|不合身|不合脚|穿不下|穿不上|尺[码寸](?:不对|不合适|不合)|"
        r"码数不对|大一码|小一码|挤脚",
        r"(?:too|bit|little) (?:big|small|large|tight|loose|long|short|narrow|wide)|"
        r"(?:does not|doesn'?t|didn'?t|don'?t|not) fit\w*|wrong size|size is (?:off|wrong)",
    ),
    "wrong_item": (
        r"发错|错发|寄错|[发寄]成(?!功)|(?:不是我|跟我|和我)(?:买|拍|订|要|下单|选)的(?:不一样)?|颜色(?:不对|发错)|款式不对|型号不对",
        r"(?:wrong|different|incorrect) (?:item|product|colou?r|one|thing|model|order|article)|"
        r"(?:sent|got|received|delivered)(?: me)? (?:the |an? )?(?:wrong|incorrect)(?! size)|"
        r"not what i ordered",
    ),
    "missing_parts": (
        r"少发|漏发|漏寄|缺件|缺少|少了|少一[件个双]|配件(?:没有|不全|缺)|没有配件|不齐",
        r"missing|incomplete|not all (?:the )?(?:items|parts)|left out|"
        r"(?:came|arrived|delivered|was sent) without|"
        r"(?:didn'?t|did not|doesn'?t) (?:come with|include)",
    ),
    "not_as_described": (
        r"(?:与|和|跟)?(?:描述|图片|照片|宣传|介绍|实物)(?:的)?(?:不符|不一样|不一致|差距大|差太多)|"
        r"货不对板|色差|假货|仿品|不是正品",
        r"not as (?:described|pictured|advertised)|(?:different|not like|nothing like) "
        r"(?:from |than |as )?(?:in )?the (?:pictures?|photos?|description)|"
        r"counterfeit|fakes?\b|looks different",
    ),
    "no_longer_wanted": (
        r"不想要|不要了|不喜欢|不需要|用不上|用不着|买错|拍错|买多|多拍|多买|"
        r"重复(?:下单|购买)|后悔|改(?:了)?主意|不(?:太)?合心意|不中意|没看上|七天无理由|7天无理由|无理由",
        r"changed my mind|second thoughts|not (?:really |quite )?(?:to )?my (?:taste|style)|"
        r"n'?t (?:really |quite )?(?:to )?my (?:taste|style)|"
        r"(?:no longer|don'?t|do not|didn'?t) (?:really )?(?:want|need|like|fancy|care for)"
        r"(?: it| them)?|"
        r"ordered (?:it )?by (?:mistake|accident)|by mistake|ordered (?:too many|twice)|"
        r"bought the wrong",
    ),
}

CARRIERS: _Words = {
    "sf": (r"顺丰", r"sf(?: express)?|shun ?feng"),
    "zto": (r"中通", r"zto"),
    "yto": (r"圆通", r"yto"),
    "sto": (r"申通", r"sto express"),
    "yunda": (r"韵达", r"yunda"),
    "jt": (r"极兔", r"j ?& ?t"),
    "jd": (r"京东(?:快递|物流)", r"jd (?:express|logistics)"),
    "ems": (r"邮政(?!编码)(?:快递|小包|包裹)?", r"ems|china post"),
    "deppon": (r"德邦", r"deppon"),
    "cainiao": (r"菜鸟", r"cainiao"),
    "ups": (r"联合包裹", r"ups(?! and downs)"),
    "fedex": (r"联邦快递", r"fed ?ex"),
    "dhl": (r"敦豪", r"dhl"),
    "usps": (r"美国邮政", r"usps"),
    "royal_mail": (r"皇家邮政", r"royal mail"),
    "dpd": (r"(?!)", r"dpd"),
}

PAYMENT_METHODS: _Words = {
    "wechat_pay": (r"微信(?:支付|付款|零钱|付)|用微信(?!号)", r"we ?chat(?: pay)?"),
    "alipay": (r"支付宝", r"ali ?pay"),
    "credit_card": (r"信用卡", r"credit cards?|visa|master ?card|amex|american express"),
    "bank_card": (r"银行卡|储蓄卡|借记卡|银联|云闪付", r"debit cards?|bank cards?|union ?pay"),
    "paypal": (r"贝宝", r"pay ?pal"),
    "gift_card": (r"礼品卡|购物卡|储值卡", r"gift cards?|store credit"),
    "balance": (r"(?:账户)?余额(?:支付|付款)?", r"(?:account|wallet) balance"),
    "huabei": (r"花呗", r"huabei"),
    "instalments": (r"分期(?:付款|免息)?", r"instal+ments?"),
    "cash_on_delivery": (r"货到付款", r"cash on delivery|pay on delivery|c\.?o\.?d"),
    "bank_transfer": (r"对公转账|银行转账|转账", r"(?:bank|wire) transfer"),
    "apple_pay": (r"苹果支付", r"apple pay"),
    "google_pay": (r"谷歌支付", r"google pay"),
}

COLOURS: _Words = {
    "black": (r"黑(?:色的|色|的)|纯黑", r"black(?! friday)"),
    "white": (r"白(?:色的|色|的)|米白|纯白", r"white"),
    "red": (r"红(?:色的|色|的)|大红|酒红", r"red"),
    "blue": (
        r"(?:天|深|浅|藏|湖|宝|海军)?蓝(?:色的|色|的)|藏青",
        r"(?:navy |light |dark |sky )?blue|navy",
    ),
    "green": (r"(?:墨|军|草)?绿色?的|(?:墨|军|草)?绿色", r"(?:light |dark )?green"),
    "yellow": (r"黄(?:色的|色|的)", r"yellow"),
    "grey": (r"灰色?的|(?:深|浅)?灰色", r"(?:light |dark )?gr[ea]y"),
    "pink": (r"粉色?的|粉红?色", r"pink"),
    "purple": (r"紫(?:色的|色|的)", r"purple|violet"),
    "brown": (r"(?:棕|咖啡|褐|驼|咖)色的?", r"brown|coffee colou?r|tan"),
    "orange": (r"橙(?:色的|色|的)|橘色", r"orange(?: one| colou?r)"),
    "beige": (r"(?:米|杏|卡其)色的?", r"beige|khaki|cream colou?r"),
    "silver": (r"银色的?", r"silver"),
    "gold": (r"金色的?", r"gold(?:en)?(?! member)"),
}  # fmt: skip

_CHINESE_SIZE = re.compile(
    r"(?<![A-Za-z\d])(\d{2}(?:\.5)?|[2-6]?X{0,4}[SMLsml]|[Xx]{1,4}[Ll]|均|大|中|小)(?:码|号码)(?!店|机)"
)
_ENGLISH_SIZE = re.compile(
    r"\bsize (?:is |of |in )?"
    r"((?:extra )?(?:small|medium|large)|[2-6]?x{0,4}[sml]|\d{1,2}(?:\.5)?)\b"
    r"|\bin (?:an? )?((?:extra )?(?:small|medium|large))\b"
    r"|\b((?:extra )?(?:small|medium|large)) size\b"
    r"|(?<![A-Za-z\d])([2-6]XL|X{1,4}L|XXS|XS)(?![A-Za-z\d])",
    re.IGNORECASE,
)
_CAPACITY = re.compile(
    r"(?<![\d.A-Za-z])(\d{1,4}(?:\.\d)?) ?(GB|TB|ml|毫升|升|寸|英寸|inch(?:es)?)(?![A-Za-z])",
    re.IGNORECASE,
)
_SIZE_WORDS = {
    "大": "L", "中": "M", "小": "S", "均": "one size", "small": "S", "medium": "M", "large": "L",
    "extra small": "XS", "extra large": "XL",
}  # fmt: skip
_UNITS = {
    "gb": "GB",
    "tb": "TB",
    "毫升": "ml",
    "升": "L",
    "寸": "inch",
    "英寸": "inch",
    "inches": "inch",
}


@dataclass(frozen=True)
class Lexicon:
    """One kind of thing: finds its words and says which of the known values each one means."""

    entity: str
    pattern: re.Pattern[str]
    values: tuple[str, ...]

    @classmethod
    def of(cls, entity: str, words: _Words) -> Lexicon:
        """A finder for ``words``."""
        parts = [
            rf"(?P<v{i}>{chinese}|(?<![A-Za-z])(?:{english})(?![A-Za-z]))"
            for i, (chinese, english) in enumerate(words.values())
        ]
        return cls(entity, re.compile("|".join(parts), re.IGNORECASE), tuple(words))

    def find(self, text: str) -> Iterator[Found]:
        """Every occurrence, with the value it stands for."""
        for match in self.pattern.finditer(text):
            group = match.lastgroup or "v0"
            yield Found(self.entity, self.values[int(group[1:])], *match.span())


def sizes(text: str) -> Iterator[Found]:
    """Sizes of clothes and shoes, capacities, screen sizes; the value is as sizes are written."""
    for match in _CHINESE_SIZE.finditer(text):
        yield Found("size", _size(match[1]), *match.span())
    for match in _ENGLISH_SIZE.finditer(text):
        size = next(group for group in match.groups() if group)
        yield Found("size", _size(size), *match.span())
    for match in _CAPACITY.finditer(text):
        unit = match[2].lower()
        yield Found("size", match[1] + _UNITS.get(unit, unit), *match.span())


def _size(text: str) -> str:
    return _SIZE_WORDS.get(text.lower(), text.upper())
