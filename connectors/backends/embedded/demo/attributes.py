"""What is true of every variant of a product of the demo shop: material, size, weight, care."""

# ruff: noqa: E501 - a table: one product a row

from __future__ import annotations

from connectors.backends.embedded.document_types import OptionPart, Words

_NAMES: dict[str, tuple[str, str]] = {
    "material": ("材质", "Material"),
    "care": ("洗护", "Care"),
    "size": ("尺寸", "Dimensions"),
    "weight": ("重量", "Weight"),
    "battery": ("续航", "Battery life"),
    "power": ("功率", "Power"),
    "port": ("接口", "Connections"),
    "noise": ("噪音", "Noise"),
    "age": ("适用年龄", "Age"),
    "keeps": ("保质期", "Shelf life"),
    "origin": ("产地", "Origin"),
    "proof": ("防水", "Waterproofing"),
    "wheels": ("轮子", "Wheels"),
}
_WASH30 = ("30 度机洗，不可烘干", "Machine wash at 30 °C, no dryer")
_HAND = ("手洗，平铺晾干", "Hand wash, dry flat")
_WIPE = ("湿布擦拭", "Wipe with a damp cloth")
_COTTON = ("纯棉", "Pure cotton")

_ROWS: dict[str, dict[str, tuple[str, str]]] = {
    "down-jacket": {"material": ("尼龙面料，90 白鸭绒填充", "Nylon shell, 90 % white duck down"), "care": _HAND, "weight": ("420 克", "420 g")},
    "wool-coat": {"material": ("90% 羊毛，10% 羊绒", "90 % wool, 10 % cashmere"), "care": ("干洗", "Dry clean only")},
    "hoodie": {"material": ("80% 棉，20% 聚酯纤维", "80 % cotton, 20 % polyester"), "care": _WASH30},
    "linen-shirt": {"material": ("纯亚麻", "Pure linen"), "care": _WASH30},
    "cashmere-scarf": {"material": ("纯山羊绒", "Pure cashmere"), "care": _HAND, "size": ("180 × 30 厘米", "180 × 30 cm")},
    "rain-coat": {"material": ("聚氨酯涂层涤纶", "Polyester with PU coating"), "proof": ("防水 5000 毫米", "Waterproof to 5,000 mm")},
    "jeans": {"material": ("98% 棉，2% 氨纶", "98 % cotton, 2 % elastane"), "care": _WASH30},
    "pyjamas": {"material": _COTTON, "care": _WASH30},
    "socks": {"material": ("80% 精梳棉，18% 锦纶，2% 氨纶", "80 % combed cotton, 18 % nylon, 2 % elastane"), "care": _WASH30},
    "swimsuit": {"material": ("82% 锦纶，18% 氨纶", "82 % nylon, 18 % elastane"), "care": _HAND},
    "running-shoes": {"material": ("网布鞋面，橡胶大底", "Mesh upper, rubber outsole"), "weight": ("单只 260 克（41 码）", "260 g each (size 41)")},
    "canvas-shoes": {"material": ("帆布鞋面，硫化橡胶底", "Canvas upper, vulcanised rubber sole"), "care": _HAND},
    "snow-boots": {"material": ("防水牛皮，羊毛内里", "Waterproof leather, wool lining"), "proof": ("鞋面防泼水", "Splash-proof upper")},
    "slippers": {"material": ("EVA 软底，棉绒内里", "EVA sole, cotton fleece lining"), "care": _WASH30},
    "leather-shoes": {"material": ("头层牛皮", "Full-grain leather"), "care": _WIPE},
    "backpack": {"material": ("防泼水涤纶", "Splash-proof polyester"), "size": ("30 × 14 × 44 厘米，18 升", "30 × 14 × 44 cm, 18 litres"), "weight": ("780 克", "780 g")},
    "suitcase": {"material": ("聚碳酸酯", "Polycarbonate"), "size": ("36 × 22 × 55 厘米，34 升", "36 × 22 × 55 cm, 34 litres"), "weight": ("2.7 公斤", "2.7 kg"), "wheels": ("四个静音万向轮", "Four quiet spinner wheels")},
    "tote-bag": {"material": ("20 安棉帆布", "20-ounce cotton canvas"), "size": ("38 × 12 × 36 厘米", "38 × 12 × 36 cm")},
    "wallet": {"material": ("头层牛皮", "Full-grain leather"), "size": ("11 × 9 × 2 厘米", "11 × 9 × 2 cm")},
    "thermos": {"material": ("316 不锈钢内胆，无塑料接触", "316 stainless steel, no plastic inside"), "care": ("可机洗杯盖，杯身手洗", "Lid dishwasher-safe, body by hand")},
    "mug": {"material": ("高温陶瓷", "Stoneware"), "size": ("高 9 厘米，320 毫升", "9 cm high, 320 ml"), "care": ("可微波，可进洗碗机", "Microwave- and dishwasher-safe")},
    "frying-pan": {"material": ("铸铁", "Cast iron"), "weight": ("24 厘米 1.9 公斤，28 厘米 2.6 公斤", "1.9 kg (24 cm), 2.6 kg (28 cm)"), "care": ("热水刷洗后擦干上油", "Rinse hot, dry and oil")},
    "knife-set": {"material": ("高碳不锈钢", "High-carbon stainless steel"), "care": ("手洗", "Wash by hand")},
    "rice-cooker": {"power": ("400 瓦", "400 W"), "size": ("24 × 22 × 20 厘米，2 升", "24 × 22 × 20 cm, 2 litres"), "weight": ("2.1 公斤", "2.1 kg")},
    "tea-set": {"material": ("粗陶", "Coarse stoneware"), "size": ("收纳盒 20 × 14 × 9 厘米", "Case 20 × 14 × 9 cm")},
    "lunch-box": {"material": ("高硼硅玻璃，硅胶", "Borosilicate glass, silicone"), "size": ("1040 毫升", "1,040 ml"), "care": ("可进洗碗机", "Dishwasher-safe")},
    "coffee-grinder": {"material": ("铝合金机身，不锈钢磨芯", "Aluminium body, steel burrs"), "weight": ("560 克", "560 g")},
    "quilt": {"material": ("60 支天丝", "Lyocell, 60s yarn"), "care": _WASH30},
    "down-quilt": {"material": ("95 白鹅绒，棉面料", "95 % white goose down, cotton shell"), "care": ("干洗", "Dry clean only")},
    "pillow": {"material": ("慢回弹记忆棉，棉外套", "Memory foam, cotton cover"), "size": ("60 × 35 厘米，高 7 或 11 厘米", "60 × 35 cm, 7 or 11 cm high")},
    "bath-towel": {"material": ("长绒棉", "Long-staple cotton"), "size": ("140 × 70 厘米", "140 × 70 cm"), "care": _WASH30},
    "curtain": {"material": ("涤纶，遮光涂层", "Polyester with blackout coating"), "size": ("每片 150 × 250 厘米", "150 × 250 cm a panel")},
    "desk-lamp": {"power": ("12 瓦 LED", "12 W LED"), "size": ("高 45 厘米", "45 cm high"), "port": ("Type-C 供电", "USB-C powered"), "material": ("铝合金", "Aluminium")},
    "humidifier": {"size": ("直径 9 厘米，高 18 厘米，500 毫升", "9 cm across, 18 cm high, 500 ml"), "noise": ("低于 30 分贝", "Below 30 dB"), "port": ("Type-C 供电", "USB-C powered")},
    "headphones": {"battery": ("40 小时（开降噪 30 小时）", "40 hours (30 with noise cancelling)"), "port": ("蓝牙 5.3，3.5 毫米", "Bluetooth 5.3, 3.5 mm"), "weight": ("250 克", "250 g")},
    "earbuds": {"battery": ("单次 6 小时，配盒 24 小时", "6 hours, 24 with the case"), "port": ("蓝牙 5.3", "Bluetooth 5.3"), "proof": ("IPX4 防汗", "IPX4 sweat-proof")},
    "power-bank": {"port": ("Type-C 双向 22.5 瓦", "USB-C, 22.5 W both ways"), "weight": ("210 克", "210 g"), "size": ("14 × 7 × 1.5 厘米", "14 × 7 × 1.5 cm")},
    "keyboard": {"port": ("有线 Type-C、蓝牙、2.4G", "USB-C, Bluetooth and 2.4 GHz"), "weight": ("870 克", "870 g")},
    "e-reader": {"battery": ("约四周", "About four weeks"), "weight": ("195 克", "195 g"), "proof": ("IPX8 防水", "IPX8 waterproof")},
    "tablet": {"battery": ("10 小时", "10 hours"), "weight": ("490 克", "490 g"), "port": ("Type-C，Wi-Fi 6", "USB-C, Wi-Fi 6")},
    "smart-scale": {"material": ("钢化玻璃", "Tempered glass"), "size": ("28 × 28 厘米", "28 × 28 cm"), "port": ("蓝牙", "Bluetooth")},
    "vacuum-cleaner": {"battery": ("40 分钟", "40 minutes"), "weight": ("1.3 公斤", "1.3 kg"), "noise": ("72 分贝", "72 dB")},
    "robot-vacuum": {"battery": ("150 分钟", "150 minutes"), "noise": ("58 分贝", "58 dB"), "size": ("直径 35 厘米，高 10 厘米", "35 cm across, 10 cm high")},
    "toddler-jacket": {"material": ("聚酯纤维摇粒绒", "Polyester fleece"), "care": _WASH30, "age": ("3 到 8 岁", "3 to 8 years")},
    "building-blocks": {"material": ("榉木，水性漆", "Beech, water-based paint"), "age": ("1 岁半以上", "From 18 months")},
    "nappies": {"material": ("无香棉柔表层", "Unscented soft top layer"), "age": ("M 码 6-11 公斤，L 码 9-14 公斤", "M for 6-11 kg, L for 9-14 kg")},
    "picture-book": {"material": ("涤纶布", "Polyester cloth"), "age": ("6 个月以上", "From 6 months"), "care": _HAND},
    "hand-cream": {"size": ("50 毫升", "50 ml"), "keeps": ("三年，开封后一年", "Three years, one once opened")},
    "shampoo": {"size": ("500 毫升", "500 ml"), "keeps": ("三年，开封后一年", "Three years, one once opened")},
    "lipstick": {"weight": ("3.5 克", "3.5 g"), "keeps": ("三年，开封后一年", "Three years, one once opened")},
    "toothbrush": {"battery": ("30 天", "30 days"), "proof": ("IPX7 防水", "IPX7 waterproof"), "port": ("Type-C 充电", "USB-C charging")},
    "cherries": {"origin": ("智利", "Chile"), "keeps": ("冷藏三天", "Three days in the fridge")},
    "hairy-crab": {"origin": ("江苏", "Jiangsu"), "weight": ("公蟹 200 克，母蟹 150 克", "Males 200 g, females 150 g"), "keeps": ("冷藏两天", "Two days in the fridge")},
    "nuts": {"weight": ("每小袋 25 克", "25 g a small bag"), "keeps": ("八个月", "Eight months")},
    "green-tea": {"origin": ("浙江杭州", "Hangzhou, Zhejiang"), "weight": ("100 克", "100 g"), "keeps": ("十八个月", "18 months")},
    "coffee-beans": {"origin": ("云南", "Yunnan"), "weight": ("每袋 250 克", "250 g a bag"), "keeps": ("烘焙后两个月最佳", "Best within two months of roasting")},
    "tent": {"material": ("210T 涤纶，玻璃纤维杆", "210T polyester, fibreglass poles"), "size": ("展开 220 × 150 × 115 厘米", "220 × 150 × 115 cm pitched"), "weight": ("2.9 公斤", "2.9 kg"), "proof": ("防水 3000 毫米", "Waterproof to 3,000 mm")},
    "yoga-mat": {"material": ("天然橡胶，聚氨酯表面", "Natural rubber, PU surface"), "size": ("183 × 68 厘米，厚 5 毫米", "183 × 68 cm, 5 mm thick"), "weight": ("2.5 公斤", "2.5 kg")},
    "dumbbells": {"material": ("钢，尼龙外壳", "Steel with nylon shell"), "weight": ("每只 2 到 10 公斤", "2 to 10 kg each")},
    "cycling-helmet": {"material": ("聚碳酸酯外壳，EPS 内衬", "Polycarbonate shell, EPS liner"), "weight": ("260 克", "260 g")},
    "folding-chair": {"material": ("铝管，牛津布", "Aluminium tube, Oxford cloth"), "weight": ("2.4 公斤", "2.4 kg"), "size": ("坐高 42 厘米", "Seat 42 cm high")},
    "fountain-pen": {"material": ("黄铜笔身，不锈钢笔尖", "Brass body, steel nib"), "weight": ("32 克", "32 g")},
    "notebook": {"size": ("A5，192 页", "A5, 192 pages"), "material": ("100 克道林纸，布面", "100 g wood-free paper, cloth cover")},
    "cookbook": {"size": ("16 开，208 页", "208 pages")},
    "engraved-necklace": {"material": ("925 银", "925 silver"), "size": ("链长 40 + 5 厘米", "Chain 40 + 5 cm")},
    "photo-album": {"size": ("21 × 21 厘米，40 页", "21 × 21 cm, 40 pages"), "material": ("铜版纸，布面封皮", "Coated paper, cloth cover")},
    "cat-tree": {"material": ("松木，剑麻", "Pine and sisal"), "size": ("60 × 40 × 130 厘米", "60 × 40 × 130 cm"), "weight": ("14 公斤", "14 kg")},
    "pet-bed": {"material": ("短毛绒，珍珠棉填充", "Short plush, foam filling"), "care": _WASH30, "size": ("S 直径 50 厘米，L 直径 75 厘米", "S 50 cm, L 75 cm across")},
}  # fmt: skip


def attributes_of(product_id: str) -> tuple[OptionPart, ...]:
    """The attributes of a product, in the order of their names; none for intangible goods."""
    row = _ROWS.get(product_id, {})
    return tuple(
        OptionPart(
            name=Words(zh=_NAMES[name][0], en=_NAMES[name][1]),
            value=Words(zh=row[name][0], en=row[name][1]),
        )
        for name in _NAMES
        if name in row
    )
