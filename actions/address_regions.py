"""Province, city and district at the head of a Chinese address, also without 省 and 市."""

from __future__ import annotations

import re

_MUNICIPAL = ("北京", "上海", "天津", "重庆")
_PROVINCE = re.compile(
    r"^(北京市?|上海市?|天津市?|重庆市?|[\u4e00-\u9fff]{2,7}?(?:省|自治区|特别行政区))"
)
_CITY = re.compile(r"^([\u4e00-\u9fff]{2,8}?(?:市|自治州|地区|盟))")
_DISTRICT = re.compile(r"^([\u4e00-\u9fff]{1,8}?(?:新区|区|县|旗|市))")
_EDGES = " ,，。.;；、:：\n\t"
# How shoppers write them: 浙江杭州西湖区. The full names are what a parcel's label bears.
_SHORT_PROVINCES = {
    "内蒙古": "内蒙古自治区", "广西": "广西壮族自治区", "西藏": "西藏自治区",
    "宁夏": "宁夏回族自治区", "新疆": "新疆维吾尔自治区",
} | {
    name: f"{name}省"
    for name in (
        "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽",
        "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "海南",
        "四川", "贵州", "云南", "陕西", "甘肃", "青海",
    )
}  # fmt: skip
_CITIES = frozenset(
    """
    石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 大同 长治 晋城 晋中
    运城 临汾 呼和浩特 包头 赤峰 鄂尔多斯 沈阳 大连 鞍山 抚顺 丹东 锦州 营口 长春 吉林 四平
    哈尔滨 齐齐哈尔 大庆 佳木斯 牡丹江 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州
    镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 合肥 芜湖 蚌埠
    淮南 马鞍山 安庆 黄山 滁州 阜阳 宿州 六安 亳州 宣城 福州 厦门 莆田 三明 泉州 漳州 南平
    龙岩 宁德 南昌 景德镇 九江 赣州 吉安 宜春 上饶 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁
    泰安 威海 日照 临沂 德州 聊城 滨州 菏泽 郑州 开封 洛阳 平顶山 安阳 新乡 焦作 许昌 南阳
    商丘 信阳 周口 驻马店 武汉 黄石 十堰 宜昌 襄阳 荆门 孝感 荆州 黄冈 长沙 株洲 湘潭 衡阳
    邵阳 岳阳 常德 张家界 郴州 永州 怀化 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆
    惠州 梅州 清远 东莞 中山 潮州 揭阳 南宁 柳州 桂林 北海 玉林 海口 三亚 成都 自贡 攀枝花
    泸州 德阳 绵阳 广元 遂宁 乐山 南充 宜宾 达州 贵阳 遵义 安顺 毕节 昆明 曲靖 玉溪 丽江
    大理 拉萨 西安 宝鸡 咸阳 渭南 延安 汉中 榆林 兰州 天水 酒泉 西宁 银川 乌鲁木齐
    """.split()  # noqa: SIM905 - three hundred words are read as words
)
_LONGEST = 4


def regions_of(text: str) -> tuple[str, str, str, str]:
    """Province, city, district and the rest; a municipality is a province and its own city."""
    province = city = district = ""
    if found := _PROVINCE.match(text):
        province, text = found[1], text[found.end() :].lstrip()
        if province.rstrip("市") in _MUNICIPAL:
            province = city = province.rstrip("市") + "市"
            text = re.sub(rf"^{city.rstrip('市')}市?", "", text).lstrip()
    if not province:
        province, text = _short_province(text)
    if not city:
        city, text = _city(text)
    if found := _DISTRICT.match(text):
        district, text = found[1], text[found.end() :].lstrip()
    return province, city, district, text.strip(_EDGES)


def _short_province(text: str) -> tuple[str, str]:
    for name, full in _SHORT_PROVINCES.items():
        rest = text.removeprefix(name).lstrip()
        # 吉林 is a city as well, and 海南路 a road of many: a city must follow.
        if rest != text and _city(rest)[0]:
            return full, rest
    return "", text


def _city(text: str) -> tuple[str, str]:
    for size in range(_LONGEST, 1, -1):
        name, rest = text[:size], text[size:]
        if name in _CITIES and not re.match(r"[东西南北中]?[路街道巷里]|大厦|市", rest):
            return f"{name}市", rest.lstrip()
    found = _CITY.match(text)
    return (found[1], text[found.end() :].lstrip()) if found else ("", text)
