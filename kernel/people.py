"""How people are called: what a name looks like that stands alone, Chinese or English."""

from __future__ import annotations

import re

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏"
    "吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱"
    "严覃武戴莫孔向汤常温康施文牛樊葛邢安齐庄庞颜倪章鲁岳翟殷詹申耿关兰焦俞左柳甘祝包宁尚符舒阮柯"
    "纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳"
)
"""Characters with which most Chinese surnames begin."""

# What begins like a name and is none: "单号", "白色", "安全", "成都".
_NO_NAME = re.compile(
    r"[号色便兴全上是何括有的了吗呢吧市省区县路街都州]$|不|没|^(?:谢谢|安排|付[款钱]|万一|包[裹邮装]|单子|方式)"
)
_CHINESE = re.compile(rf"(?:欧阳|[{SURNAMES}])[\u4e00-\u9fff]{{1,2}}")
_ENGLISH = re.compile(r"[A-Z][a-z'’-]+(?: (?:[A-Z][a-z'’-]*\.?|[A-Z]['’][A-Z][a-z]+)){1,2}")
# "San Francisco", "Not Sure".
_NO_PERSON = re.compile(
    r"\b(?:New|San|Santa|Los|Las|Saint|Hong|Salt|Fort|Port|North|South|East|West|Great|Upon|City"
    r"|Street|Road|Lane|Avenue|Not|No|Yes|Yeah|Okay|Sure|Thanks?|Thank|Please|Hello|Hi|The|My|What"
    r"|Where|When|How|Why|Never|Stop|Cancel|Order|Parcel|Track|Change|Sorry|Wait|Sounds|Go|All)\b"
)
_INTRODUCED = re.compile(r"^(?:叫|是|to|for|it['’]?s|it is)\s*", re.IGNORECASE)
_EDGES = " ,，。.;；:：、!！~～\n\t"


def name_alone(text: str) -> str:
    """The name that ``text`` is, with next to nothing around it; empty if it is none."""
    said = _INTRODUCED.sub("", text.strip(_EDGES)).strip(_EDGES)
    chinese = _CHINESE.fullmatch(said) and not _NO_NAME.search(said)
    english = _ENGLISH.fullmatch(said) and not _NO_PERSON.search(said)
    return said if chinese or english else ""
