"""What waiting shoppers say, in words of their own, about the line itself: they leave it, or
name a number to be called at."""

from __future__ import annotations

import re

from desk.office.terms import normal

_PAUSES = re.compile(r"[\s,.。!;、~…]+")
_PEOPLE = r"(?:人工|客服|人工客服|真人|人)"
_ROBOT = r"(?:机器人|智能客服|智能助手|助手|你)"
# Whole clauses only: "不来我就不等了" is a threat, "要不要不等了" a question.
_LEAVES_ZH = re.compile(
    r"(?:算了|(?:人|等|排队?|前面)?[的了]?(?:太|这么)[久慢多]了?)?(?:那|我|还是|先|就|都|实在)*(?:"
    r"(?:(?:不|别|放弃)(?:再)?(?:想|要|用|需要|打算|愿意)?(?:再)?"
    rf"(?:排队?等?|等{_PEOPLE}?|给我转(?:{_PEOPLE})?|转(?:接|{_PEOPLE})?|[找要接]?{_PEOPLE})(?:队|着)?(?:下去)?了)+"
    rf"|{_PEOPLE}不用了"
    rf"|(?:取消|退出|离开|放弃|结束|停止|撤销)(?:当前)?(?:{_PEOPLE}?排队|队列|等待|转接|转?{_PEOPLE})"
    rf"|(?:(?:回到|切回|换回|转回){_ROBOT}|(?:继续)?[跟和]{_ROBOT}[说聊]|让{_ROBOT}来|你来)"
    r")(?:吧|谢谢|哈|啦|哦|了)?"
)
_FILLERS_ZH = re.compile(
    r"算了|好吧?|行吧?|嗯+|哎+|唉+|谢谢[你您]?|不好意思|抱歉|没事了?|(?:前面)?(?:人|等|排队?)?太[久慢多]了?"
)
_NOT = r"(?:do not|don'?t|no longer)"
_LINE = r"(?:the |this )?(?:waiting )?(?:line|queue|list)"
_PERSON = r"(?:a |an |the )?(?:real )?(?:person|human|agent|rep|transfer|handoff)"
_LEAVES_EN = re.compile(
    r"(?:(?:ok(?:ay)?|well|please|sorry|actually|then|just|no) )?(?:"
    rf"i {_NOT} (?:want|wish|care) to (?:wait|queue|hold)(?: in {_LINE})?"
    r"|i(?:'?m| am) (?:not|done) (?:going to )?(?:wait(?:ing)?|queu(?:e|ing)|hold(?:ing)?)"
    r"|i(?: will not|'?ll not| won'?t| can'?t| cannot) (?:wait|queue|hold)"
    r"|i give up(?: on)?(?: waiting)?|not waiting"
    r"|(?:i(?: would|'?d) (?:like|rather|prefer) to |i want to |let me )?"
    rf"(?:leave|quit|exit|get out of) {_LINE}"
    rf"|(?:take|get|remove|drop) me (?:out of|off|from) {_LINE}"
    r"|(?:cancel|stop|quit) (?:the |my )?(?:queu(?:e|eing|ing)|wait|waiting)"
    rf"|(?:cancel|stop|forget|skip) {_PERSON}(?: request)?"
    rf"|i {_NOT} (?:need|want) {_PERSON}|no (?:need for )?{_PERSON}(?: needed)?"
    r"|don'?t (?:transfer|connect) me|(?:let me )?(?:go )?back to the (?:bot|assistant)"
    rf")(?: for {_PERSON})?(?: any ?more| any longer| now)?(?: please| thanks| thank you)?"
)
_FILLERS_EN = re.compile(
    r"(?:ok(?:ay)?|well|forget it|never ?mind|sorry|thanks?(?: you)?|please|no"
    r"|(?:this|it)(?: is|'?s)? (?:takes? )?(?:too|so) (?:long|slow))"
)

_BETWEEN = re.compile(r"[\s().-]+")
# With the country's own number, a Chinese mobile, a fixed line with its area, a North American one.
_NUMBER = re.compile(r"\+[1-9]\d{6,14}|1[3-9]\d{9}|0[1-9]\d{8,10}|[2-9]\d{9}")
_LONGEST_NUMBER = 40


def number_to_call(text: str) -> str | None:
    """The phone number that ``text`` is, and nothing else, as it is dialled; None if it is none."""
    if len(text) > _LONGEST_NUMBER:
        return None
    number = re.sub(r"^00", "+", _BETWEEN.sub("", normal(text)))
    return number if _NUMBER.fullmatch(number) else None


def wants_to_leave(text: str) -> bool:
    """Whether a waiting shopper's ``text`` says that they do not wait any more, and nothing else.

    Whoever adds something else has a matter for the person they wait for.
    """
    folded = normal(text).replace("’", "'").strip()
    if len(folded) > 100 or folded.endswith(("?", "吗", "么", "呢")):
        return False
    chinese = [part for part in _PAUSES.split(folded) if part]
    english = [part.strip() for part in re.split(r"[,.!;~…]+", folded) if part.strip()]
    return _says(chinese, _LEAVES_ZH, _FILLERS_ZH) or _says(english, _LEAVES_EN, _FILLERS_EN)


def _says(clauses: list[str], leaves: re.Pattern[str], fillers: re.Pattern[str]) -> bool:
    leaving = [leaves.fullmatch(clause) is not None for clause in clauses]
    rest = [clause for clause, is_leave in zip(clauses, leaving, strict=True) if not is_leave]
    return any(leaving) and all(fillers.fullmatch(clause) for clause in rest)
