"""The demo shop's customers: invented people with numbers and addresses that reach nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from connectors.backends.embedded.demo.service import with_account
from connectors.backends.embedded.demo.wallets import make_addresses, make_tenders
from connectors.backends.embedded.document import AddressPart, CustomerPart
from connectors.backends.embedded.document_types import Language

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
_GIVEN = (  # noqa: SIM905 - names are easier to read this way
    "伟 芳 娜 敏 静 磊 洋 勇 艳 杰 娟 涛 明 超 霞 平 刚 欣怡 子涵 浩然 雨桐 梓萱 嘉怡 俊杰 思远 "
    "晓彤 文博 佳琪 宇轩 若曦 晨曦 志强 建华 淑珍 海燕 春梅 国庆 丽华 永康 雅婷"
).split()
_FIRST = (  # noqa: SIM905 - names are easier to read this way
    "Oliver Amelia George Isla Harry Ava Jack Mia Charlie Emily Thomas Sophie James Grace Henry "
    "Lucy William Chloe Daniel Ella Joseph Hannah Samuel Ruby Benjamin Alice"
).split()
_LAST = (  # noqa: SIM905 - names are easier to read this way
    "Smith Jones Taylor Davies Evans Wilson Roberts Walker Wright Hughes Green Hall Wood Harris "
    "Martin Cooper Ward Turner Baker Parker Carter Mitchell Cook Bailey"
).split()
# province, city, district, postcode, street
_CHINA = (
    ("浙江省", "杭州市", "西湖区", "310012", "示例路 18 号 3 幢 501"),
    ("上海市", "上海市", "浦东新区", "200120", "样板街 66 弄 7 号 1202"),
    ("北京市", "北京市", "海淀区", "100080", "演示大街 9 号院 2 号楼 803"),
    ("广东省", "深圳市", "南山区", "518052", "虚构一路 25 号 B 座 1506"),
    ("四川省", "成都市", "武侯区", "610041", "假想巷 3 号 2 单元 402"),
    ("江苏省", "南京市", "鼓楼区", "210009", "例子街 101 号 6 栋 301"),
    ("湖北省", "武汉市", "洪山区", "430070", "测试路 77 号 11 栋 904"),
    ("陕西省", "西安市", "雁塔区", "710061", "样例路 5 号 1 单元 1103"),
    ("福建省", "厦门市", "思明区", "361004", "演练路 40 号 702"),
    ("山东省", "青岛市", "市南区", "266071", "范例三路 12 号 202"),
)
# country, region, city, postcode, street
_ABROAD = (
    ("United Kingdom", "Greater London", "London", "SW1A 9ZZ", "14 Example Street"),
    ("United Kingdom", "Greater Manchester", "Manchester", "M1 9ZZ", "3 Sample Row"),
    ("United Kingdom", "Scotland", "Edinburgh", "EH1 9ZZ", "27 Placeholder Lane"),
    ("United States", "CA", "San Francisco", "94100", "510 Demo Avenue"),
    ("United States", "NY", "New York", "10000", "88 Fictional Plaza, Apt 12C"),
    ("Ireland", "Leinster", "Dublin", "D02 XX00", "9 Made-up Quay"),
    ("Australia", "NSW", "Sydney", "2000", "41 Invented Parade"),
)


@dataclass(frozen=True)
class Person:
    """A customer and where their orders go."""

    customer: CustomerPart
    address: AddressPart


@dataclass(frozen=True)
class KnownPerson:
    """Somebody of docs/demo-shop.md: always the same name and numbers."""

    id: str
    name: str
    language: Language
    last4: str
    place: int
    email: str
    level: str = "silver"


KNOWN_PEOPLE = (
    KnownPerson("C0001", "林小满", "zh", "1024", 0, "lin.xiaoman@example.com"),
    KnownPerson("C0002", "Emma Clark", "en", "0117", 0, "emma.clark@example.com"),
    KnownPerson("C0003", "陈建国", "zh", "2048", 2, "chen.jianguo@example.com"),
    KnownPerson("C0004", "Noah Williams", "en", "0142", 3, "noah.williams@example.com"),
    KnownPerson("C0005", "王思雨", "zh", "3306", 1, "wang.siyu@example.com"),
    KnownPerson("C0006", "Olivia Brown", "en", "0155", 1, "olivia.brown@example.com"),
    KnownPerson("C0007", "赵磊", "zh", "4096", 3, "zhao.lei@example.com"),
    KnownPerson("C0008", "Liam Johnson", "en", "0168", 4, "liam.johnson@example.com"),
    KnownPerson("C0009", "孙悦", "zh", "5120", 4, "sun.yue@example.com"),
    KnownPerson("C0010", "Ava Miller", "en", "0173", 2, "ava.miller@example.com"),
    KnownPerson("C0011", "李想", "zh", "6011", 0, "li.xiang@example.com"),
    KnownPerson("C0012", "Sophia Davis", "en", "0181", 0, "sophia.davis@example.com"),
    KnownPerson("C0013", "谢安宁", "zh", "7013", 1, "xie.anning@example.com"),
    KnownPerson("C0014", "Grace Taylor", "en", "0126", 1, "grace.taylor@example.com"),
    KnownPerson("C0015", "何静", "zh", "8015", 2, "he.jing@example.com", "gold"),
    KnownPerson("C0016", "Lucas Evans", "en", "0139", 3, "lucas.evans@example.com", "gold"),
    KnownPerson("C0021", "吴桐", "zh", "7024", 2, "wu.tong@example.com"),
    KnownPerson("C0022", "Grace Hall", "en", "0194", 5, "grace.hall@example.com"),
)


def make_people(random: Random, now: datetime, count: int) -> tuple[Person, ...]:
    """The well-known people first, then as many others as ``count`` asks for."""
    known = [_known(person, now) for person in KNOWN_PEOPLE]
    taken = {person.id for person in KNOWN_PEOPLE}
    first = next(number for number in range(1, count + 1) if f"C{number:04d}" not in taken)
    # Drawn for everybody and then left out, so that whoever becomes well-known changes nobody else.
    others = [_other(random, number, now) for number in range(first, count + 1)]
    return (*known, *(person for person in others if person.customer.id not in taken))


def _known(person: KnownPerson, now: datetime) -> Person:
    chinese = person.language == "zh"
    phone = f"1380000{person.last4}" if chinese else f"+44 7700 90{person.last4}"
    return _person(
        person.id,
        person.name,
        person.language,
        phone,
        person.email,
        person.place,
        person.level,
        now,
    )


def _other(random: Random, number: int, now: datetime) -> Person:
    chinese = random.random() < 0.6
    since = now - timedelta(days=random.randint(30, 1500), minutes=random.randint(0, 1440))
    level = random.choice(("regular", "regular", "regular", "silver", "gold"))
    if chinese:
        name = random.choice(_SURNAMES) + random.choice(_GIVEN)
        phone = f"1390000{random.randint(0, 9999):04d}"
        email = f"guke{number:04d}@example.com"
        place = random.randrange(len(_CHINA))
        return _person(f"C{number:04d}", name, "zh", phone, email, place, level, since)
    first, last = random.choice(_FIRST), random.choice(_LAST)
    # Ranges that regulators keep free for films and books.
    phone = f"+44 7700 900{random.randint(0, 999):03d}"
    email = f"{first}.{last}.{number}@example.com".lower()
    place = random.randrange(len(_ABROAD))
    return _person(f"C{number:04d}", f"{first} {last}", "en", phone, email, place, level, since)


def _person(
    key: str,
    name: str,
    language: Language,
    phone: str,
    email: str,
    place: int,
    level: str,
    since: datetime,
) -> Person:
    if language == "zh":
        province, city, district, postcode, street = _CHINA[place]
        address = AddressPart(
            name=name,
            phone=phone,
            country="中国",
            province=province,
            city=city,
            district=district,
            street=street,
            postcode=postcode,
        )
    else:
        country, region, city, postcode, street = _ABROAD[place]
        address = AddressPart(
            name=name,
            phone=phone,
            country=country,
            province=region,
            city=city,
            district="",
            street=street,
            postcode=postcode,
        )
    customer = CustomerPart(
        id=key,
        name=name,
        email=email,
        phone=phone,
        language=language,
        postcode=postcode,
        since=since - timedelta(days=400),
        level=level,
        addresses=make_addresses(key, language, address),
        tenders=make_tenders(key, language, since),
    )
    return Person(with_account(customer), address)
