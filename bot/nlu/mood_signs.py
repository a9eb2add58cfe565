"""Turns of phrase by which shoppers show that they have had enough, or that time runs out."""

from __future__ import annotations

import re

# Read in normalised text: lower case, simplified characters, marks and codes collapsed (12315, the
# consumers' hotline, to 00000). For each sign what is looked for in Latin letters, and what in
# Chinese characters.
_FRUSTRATION = {
    "profanity": (
        r"\bwtf\b|\bf+u+c*k+\w*|\bf\*+|\b(?:bull)?shit\w*|\bbloody (?:hell|useless|joke)"
        r"|\bthe (?:hell|heck|f)\b(?!')|\bgo to hell\b|\bscrew (?:this|you)\b|\bpiss(?:ed|es"
        r"|ing)\b"
        r"|\bdamn (?:refund|money|order|thing|parcel|package)\b|\bf off\b|\bgod'?s sake\b"
        r"|\bcrying out loud\b|\btmd\b|\bt[am]m?d?的|\btm\b|\bcnm\b|\bsb\b",
        r"他妈|(?<![妈我你她爸])妈的|尼玛|你妹|狗屁|狗屎服务|放屁|屁都|个屁|傻逼|煞笔"
        r"|滚[,!。 ]|^滚$|去死|日了狗|签你个头",
    ),
    "insult": (
        r"\bidiots?\b(?!')|\bmorons?\b|\bincompeten\w+|\bpathetic\b|\bdisgrac\w+|\bridiculous\b"
        r"|\b(?:stupid|dumb|useless|worthless) (?:bot|machine|robot|people|company|site|support"
        r"|service|shop|thing)|\babsolute (?:garbage|rubbish|trash)|\b(?:total|utter) (?:crap"
        r"|joke)"
        r"|\bworst (?:\w+ )?(?:ever|shop|service|company|experience)|\bjoke of a\b|\bare you blind"
        r"|\bunacceptable\b",
        r"垃圾(?:店|客服|服务|平台|公司|商家|快递|机器人|售后|东西|中的)|^垃圾$|真垃圾|太垃圾"
        r"|废物|智障|弱智"
        r"|脑子(?:有|进|坏)|有病(?:吧|啊|$)|不要脸|还要脸|破店|黑店|烂店|烂透|奸商|无良"
        r"|什么(?:破)?玩意|吃干饭"
        r"|干什么吃的|破(?:快递|机器人|客服|平台)",
    ),
    "threat": (
        r"\blawyer\b|\bsue you\b|\bsmall claims\b|\bin court\b|\bcharge ?back\b|\bdisputing th"
        r"|\btrading standards\b|\bombudsman\b|\bconsumer (?:court|forum|protection)\b"
        r"|\breport(?:ing)? you\b|\b(?:call|go)(?:ing)?(?: to)? my bank\b|\btrustpilot\b",
        r"[打去找就] ?00000|消协|消费者协会|消保|工商|律师函|法院见|起诉|曝光|上热搜"
        r"|平台(?:去)?投诉|就投诉|投诉到|投诉你",
    ),
    "repetition": (
        r"\b(?:third|fourth|fifth|sixth|\d+(?:rd|th)) time (?:i|that i|asking|writing|i'm)"
        r"|\bhow many (?:more )?times (?:do|must|should)\b|\bover and over\b|\bten times\b"
        r"|\bi(?:'ve)? (?:already|just) (?:told|sent|said)\b|\bstill nothing\b|\bonce again\b"
        r"|\b(?:broken|cancelled|delayed|late|wrong|failed|lied to) again\b"
        r"|\basked (?:three|four|five|six|many|several) times|\bsame (?:excuse|lie|story|message)",
        r"[说问催][了过][^,。 ]{0,4}[遍次回]|打了[^,。 ]{0,4}个电话|[三四五六七八九十百几多]+遍了?"
        r"|第[三四五六七八九十\d]+[次遍回](?![来买回])|又是(?:这样|系统|仓库|快递)|还要我(?:说|等"
        r"|提供)|每次都"
        r"|不是说过|说最后一遍",
    ),
    "disbelief": (
        r"\bare you (?:\w+ )?(?:kidding|joking|serious)\b|\bmust be joking\b|\bgot to be joking\b"
        r"|\bunbelievable\b|\bis a joke\b|\bhow dare\b|\bseriously\?|\byou had one job\b|\bwhat a"
        r" joke\b"
        r"|\bhow (?:hard|difficult) (?:is it|can it be)|\bdo you even\b|\bdid you even\b"
        r"|\bspeechless\b",
        r"逗我|玩我呢|耍我|耍人|当我(?:是)?傻|当猴|猴耍|离谱|无语|太?过分|服了(?!务)|岂有此理"
        r"|不可理喻|凭什么|凭啥"
        r"|人话|有意思吗|(?<!不)好意思|傻眼|[太很]夸张|[有很]够?扯|见鬼|疯了吧|搞什么|搞咩",
    ),
    "exhaustion": (
        r"\bfed up\b|\bsick (?:and tired )?of\b|\bhad enough\b|\benough (?:already|excuses)\b"
        r"|^enough\b"
        r"|\bhad it (?:with|up to)\b|\blos(?:t|ing) (?:my )?(?:patience|it)\b|\bout of patience\b"
        r"|\b(?:i'm|i am|im|really|so|very|beyond|extremely) (?:\w+ )?(?:angry|furious|mad"
        r"|frustrat\w+"
        r"|pissed|upset)\b|\bdone with (?:you|this)\b|\bgive up with\b|\bfrustrating\b",
        r"受够|忍无可忍|忍不了|忍你|要疯|逼疯|崩溃|心态崩|烦死|烦不烦|气死(?!猫)|生气(?!的)|火大"
        r"|越想越气|没完没了"
        r"|有完没完|等够了|不爽|嬲|没脾气|血压都",
    ),
    "betrayal": (
        r"\bliars?\b|\blies\b|\blied\b|\bscam\w*|\bfrauds?\b|\bcheat(?:ed|ers)\b|\bthieves\b"
        r"|\bexcuses\b"
        r"|\bripp?(?:ed)? ?off\b|\bshame on\b|\bashamed\b|\byou ruined\b|\bwasted? (?:of )?(?:my"
        r"|time)",
        r"骗子|骗谁|骗人|骗钱|欺骗|欺诈|坑人|坑死|太坑|忽悠|糊弄|敷衍|说话不算|寒心|失望透|欺负人"
        r"|推卸|甩锅|毁了",
    ),
    "ignored": (
        r"\bno(?:body|t one| one)(?: person)?(?: ever)? (?:answers|replies|cares|called|calls"
        r"|helps"
        r"|responds|reads|picks)|\bignor(?:ed|ing) me\b|\bcompletely ignored\b|\banyone\?"
        r"|\bstop (?:sending|copy|wasting|telling)|\bcanned (?:\w+ )?(?:reply|replies|answers?"
        r"|resp)"
        r"|\bdo your job\b|\bread what i\b|\bnot what i asked\b|\bdon't tell me\b",
        r"没人[管理回接]|没一个接|不理人|装死|装什么死|人呢\?|推来推去|踢皮球|复制粘贴|发模板"
        r"|答非所问|复读|装没事"
        r"|不回消息|已读不回|到底有没有",
    ),
}
_URGENCY = {
    "hurry": (
        r"(?<!not )\burgen(?:t|tly|cy)\b|\basap\b|\bimmediately\b|\bright (?:now|away)\b|\bat"
        r" once\b"
        r"|(?<!no )\bhurry\b|\bexpedite\b|\bquick(?:ly)?[,.!]|^quick|\bbe quick\b|\bpriorit(?:y"
        r"|i[sz]e)\b|\bcan'?t wait\b",
        r"(?<![不着])急(?!救|支|诊|流|不急|件)|赶紧|赶快|尽快|立刻|立即(?!购买)|马上|速度[,!。"
        r" 点]|^速度$|速回"
        r"|快[点啲](?!到)|火速|抓紧|催一下|催催|插队",
    ),
    "deadline": (
        r"\bin (?:\w+ )?(?:\d+|two|three|five|ten|an|a few) (?:min\w*|hours?)\b|\bclos(?:es?|ing)"
        r" in\b"
        r"|\b(?:ends?|expires?) in\b|\bdeadline\b|\blast day\b|\bflight\b|\btime(?: is)? critical"
        r"|\b(?:wedding|surgery|funeral|event|party) is\b|\bmust arrive\b|\btonight\b|\bneed it"
        r" (?:by|today)",
        r"来不及|最后一天|马上(?:就)?要?(?:结束|关门|出发|到期)|截止|还[剩有][^,。 ]{0,3}(?:分钟"
        r"|小时)|赶时间|时间紧"
        r"|在线等|今[天晚]必须|[今明]天务必|今天之内|必须[今明]天|等着[用喝]|急用|火烧眉毛|就要用"
        r"|要用",
    ),
    "danger": (
        r"\bemergency (?!kit|light|exit)|\bemergency$|\bon fire\b|\bit'?s smoking\b|\bsparking\b"
        r"|\bhacked\b|\bswallowed\b|\bgas smell\b",
        r"冒烟|冒火|漏气|漏电|盗刷|被盗|盗我|吞了|起火了|着火了|救命",
    ),
}

_PATTERNS = {
    name: (re.compile(latin), re.compile(chinese))
    for name, (latin, chinese) in (_FRUSTRATION | _URGENCY).items()
}
_LATIN = re.compile("[a-z]")

SIGNS = tuple(_PATTERNS)
"""The names of all signs."""

FRUSTRATION_SIGNS = frozenset(_FRUSTRATION)
"""The names of those that speak of frustration; the others speak of urgency."""


def signs_in(text: str) -> tuple[str, ...]:
    """The names of the signs in the normalised ``text``, in the order of ``SIGNS``."""
    is_latin, is_chinese = _LATIN.search(text) is not None, not text.isascii()
    return tuple(
        name
        for name, (latin, chinese) in _PATTERNS.items()
        if (is_latin and latin.search(text)) or (is_chinese and chinese.search(text))
    )
