"""Addresses as shoppers write them: one line of text, or a word for one they have on file."""

from __future__ import annotations

import pytest

from actions.address_leads import target_of
from actions.choosing_addresses import choose_address
from actions.reading_addresses import parts_of
from connectors.backends.customers.model import StoredAddress
from connectors.backends.orders.model import Address

HOME = Address(
    "林小满", "13800001024", "中国", "浙江省", "杭州市", "西湖区", "示例路 18 号", "310012"
)
OFFICE = Address(
    "林小满", "13800001024", "中国", "上海市", "上海市", "静安区", "样本路 88 号 12 层", "200040"
)
LONDON = Address(
    "Emma Clark", "+44 7700 900117", "United Kingdom", "Greater London", "London", "",
    "14 Example Street", "SW1A 9ZZ",
)  # fmt: skip
BOOK = (StoredAddress("AD-1", "家", HOME, True), StoredAddress("AD-2", "公司", OFFICE, False))
EN_BOOK = (
    StoredAddress("AD-1", "Home", LONDON, True),
    StoredAddress("AD-2", "Office", OFFICE, False),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "江苏省南京市鼓楼区例子街101号6栋301",
            ("林小满", "13800001024", "江苏省", "南京市", "鼓楼区", "例子街101号6栋301", ""),
        ),
        (
            "改到上海市静安区样本路88号12层 张三 13912345678",
            ("张三", "13912345678", "上海市", "上海市", "静安区", "样本路88号12层", ""),
        ),
        (
            "收件人李四，电话13800005678，北京海淀区演示大街9号院2号楼803，邮编100080",
            (
                "李四",
                "13800005678",
                "北京市",
                "北京市",
                "海淀区",
                "演示大街9号院2号楼803",
                "100080",
            ),
        ),
        (
            "地址改成 浙江省 杭州市 余杭区 测试路 5 号",
            ("林小满", "13800001024", "浙江省", "杭州市", "余杭区", "测试路 5 号", ""),
        ),
        (
            "寄到广东省深圳市南山区虚构一路25号B座1506，王五收",
            (
                "王五",
                "13800001024",
                "广东省",
                "深圳市",
                "南山区",
                "虚构一路25号B座1506 王五收",
                "",
            ),
        ),
        (
            "收货人：王芳 手机号码：13912345678 所在地区：江苏省南京市鼓楼区 详细地址：例子街101号",
            ("王芳", "13912345678", "江苏省", "南京市", "鼓楼区", "例子街101号", ""),
        ),
        (
            "收货人王芳手机13912345678，江苏省南京市鼓楼区例子街101号",
            ("王芳", "13912345678", "江苏省", "南京市", "鼓楼区", "例子街101号", ""),
        ),
        (
            "武汉市洪山区测试路77号，收件人和电话不变",
            ("林小满", "13800001024", "", "武汉市", "洪山区", "测试路77号", ""),
        ),
        (
            "武汉市洪山区测试路77号",
            ("林小满", "13800001024", "", "武汉市", "洪山区", "测试路77号", ""),
        ),
    ],
)
def test_a_chinese_line_is_read(text: str, expected: tuple[str, ...]) -> None:
    read = parts_of(text)
    a = read.address(HOME)
    assert read.missing == ()
    assert (a.name, a.phone, a.province, a.city, a.district, a.postcode) == (
        *expected[:5],
        expected[6],
    )
    assert a.street.replace(" ", "").startswith(expected[5].replace(" ", "")[:8])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "27 Placeholder Lane, Edinburgh EH1 9ZZ",
            ("Emma Clark", "27 Placeholder Lane", "Edinburgh", "EH1 9ZZ", "United Kingdom"),
        ),
        (
            "please change it to 3 Sample Row, Flat 2, Manchester, M1 9ZZ, United Kingdom",
            ("Emma Clark", "3 Sample Row, Flat 2", "Manchester", "M1 9ZZ", "United Kingdom"),
        ),
        (
            "no, to 41 Invented Parade, London, EC2A 9ZZ",
            ("Emma Clark", "41 Invented Parade", "London", "EC2A 9ZZ", "United Kingdom"),
        ),
        (
            "Noah Williams, 510 Demo Avenue, San Francisco, CA 94100, USA",
            ("Noah Williams", "510 Demo Avenue", "San Francisco", "94100", "United States"),
        ),
        (
            "Name: Ann Lee, Phone: +44 7700 900555, Address: 12 Rose Lane, Leeds, LS1 4DY",
            ("Ann Lee", "12 Rose Lane", "Leeds", "LS1 4DY", "United Kingdom"),
        ),
        (
            "12 Rose Lane Leeds LS1 4DY instead please",
            ("Emma Clark", "12 Rose Lane", "Leeds", "LS1 4DY", "United Kingdom"),
        ),
        (
            "The Old Mill, 14 Quay Road, Bristol BS1 4ST",
            ("Emma Clark", "The Old Mill, 14 Quay Road", "Bristol", "BS1 4ST", "United Kingdom"),
        ),
        (
            "5 Sample Street, London EC2A 9ZZ, phone same",
            ("Emma Clark", "5 Sample Street", "London", "EC2A 9ZZ", "United Kingdom"),
        ),
        (
            "same name and phone, 5 Sample Street, London EC2A 9ZZ",
            ("Emma Clark", "5 Sample Street", "London", "EC2A 9ZZ", "United Kingdom"),
        ),
        (
            "send it to 9 Made-up Quay, Dublin, D02 XX00, Ireland, phone +353 1 555 0100",
            ("Emma Clark", "9 Made-up Quay", "Dublin", "D02 XX00", "Ireland"),
        ),
    ],
)
def test_an_english_line_is_read(text: str, expected: tuple[str, ...]) -> None:
    read = parts_of(text)
    a = read.address(LONDON)
    assert read.missing == ()
    assert (a.name, a.street, a.city, a.postcode, a.country) == expected


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("文三路 1 号 2 幢 301", ("city",)),
        ("江苏省南京市", ("street",)),
        ("27 Placeholder Lane", ("city", "postcode")),
        ("somewhere nice", ("street", "city", "postcode")),
        ("你好", ("city", "street")),
    ],
)
def test_what_is_missing_is_named(text: str, missing: tuple[str, ...]) -> None:
    assert parts_of(text).missing == missing


@pytest.mark.parametrize(
    ("text", "book", "expected"),
    [
        ("寄到公司那个", BOOK, "AD-2"),
        ("公司地址", BOOK, "AD-2"),
        ("我家", BOOK, "AD-1"),
        ("用默认地址", BOOK, "AD-1"),
        ("上海那个", BOOK, "AD-2"),
        ("邮编200040的那个", BOOK, "AD-2"),
        ("the one with the postcode SW1A 9ZZ", EN_BOOK, "AD-1"),
        ("the one at my office", EN_BOOK, "AD-2"),
        ("to my work please", EN_BOOK, "AD-2"),
        ("home", EN_BOOK, "AD-1"),
        ("the other one", EN_BOOK, "AD-2"),
        ("家里或者公司", BOOK, None),
        ("anywhere", EN_BOOK, None),
    ],
)
def test_an_address_on_file_is_chosen_in_words(
    text: str, book: tuple[StoredAddress, ...], expected: str | None
) -> None:
    found = choose_address(text, book, [book[0].address])
    assert (found.id if found else None) == expected


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("把家里的地址改成公司", "公司"),
        ("change it from home to the office", "the office"),
        ("寄到公司", "公司"),
        ("公司", "公司"),
    ],
)
def test_where_it_shall_go_stands_behind_the_change(text: str, target: str) -> None:
    assert target_of(text) == target


@pytest.mark.parametrize(
    ("text", "base", "name", "phone"),
    [
        ("收件人改成王五", HOME, "王五", "13800001024"),
        ("电话改成13912345678", HOME, "林小满", "13912345678"),
        ("收货人李四，手机13912345678", HOME, "李四", "13912345678"),
        ("change the name to John Smith", LONDON, "John Smith", "+44 7700 900117"),
        ("phone +44 7700 900999", LONDON, "Emma Clark", "+44 7700 900999"),
        ("王芳，13912345678", HOME, "王芳", "13912345678"),
        ("John Smith, +44 7700 900999", LONDON, "John Smith", "+44 7700 900999"),
    ],
)
def test_who_takes_it_can_change_alone(text: str, base: Address, name: str, phone: str) -> None:
    read = parts_of(text).address(base)
    assert (read.name, read.phone) == (name, phone)
