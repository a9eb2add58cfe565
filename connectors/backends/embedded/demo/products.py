"""What the demo shop sells: invented goods of a household and clothing shop."""

# ruff: noqa: E501 - the catalogue is a table: one product a row

from __future__ import annotations

from dataclasses import dataclass
from itertools import product as combinations

from connectors.backends.embedded.demo.attributes import attributes_of
from connectors.backends.embedded.document import ProductPart, VariantPart
from connectors.backends.embedded.document_types import OptionPart, Words
from connectors.backends.orders.model import Trait


@dataclass(frozen=True)
class _Axis:
    """A property with its values, as (Chinese, English)."""

    name: tuple[str, str]
    values: tuple[tuple[str, str], ...]


def _colours(*values: tuple[str, str]) -> _Axis:
    return _Axis(("颜色", "Colour"), values)


def _sizes(*values: str) -> _Axis:
    return _Axis(("尺码", "Size"), tuple((value, value) for value in values))


BLACK, WHITE, GREY = ("黑色", "Black"), ("米白", "Off-white"), ("深灰", "Dark grey")
NAVY, GREEN, PINK = ("藏青", "Navy"), ("墨绿", "Forest green"), ("樱花粉", "Blossom pink")
BROWN, BLUE, YELLOW = ("焦糖棕", "Caramel"), ("雾霾蓝", "Misty blue"), ("姜黄", "Mustard")

CLOTHES = _sizes("S", "M", "L", "XL")
SHOES = _sizes("37", "39", "41", "43")
CHILDREN = _sizes("100", "110", "120", "130")
CAPACITY = _Axis(("容量", "Capacity"), (("350 毫升", "350 ml"), ("500 毫升", "500 ml")))
BED = _Axis(("规格", "Bed size"), (("1.5 米床", "1.5 m bed"), ("1.8 米床", "1.8 m bed")))
PACK = _Axis(("包装", "Pack"), (("单袋", "Single bag"), ("三袋装", "Three bags")))
SCENT = _Axis(("香型", "Scent"), (("白茶", "White tea"), ("桂花", "Osmanthus")))
STORAGE = _Axis(("存储", "Storage"), (("64 GB", "64 GB"), ("128 GB", "128 GB")))
ENGRAVING = _Axis(("刻字字体", "Lettering"), (("楷体", "Regular script"), ("花体", "Cursive")))
PLATFORM = _Axis(("授权", "Licence"), (("一台设备", "One device"), ("三台设备", "Three devices")))
NAPPY = _Axis(("尺码", "Size"), (("M 码", "M"), ("L 码", "L")))

CATEGORIES: dict[str, tuple[str, str]] = {
    "clothing": ("服饰", "Clothing"),
    "shoes": ("鞋靴", "Shoes"),
    "bags": ("箱包", "Bags"),
    "kitchen": ("厨房用品", "Kitchen"),
    "home": ("家居家纺", "Home textiles"),
    "electronics": ("数码电器", "Electronics"),
    "children": ("母婴童装", "Children"),
    "beauty": ("个护美妆", "Body care"),
    "food": ("生鲜食品", "Food"),
    "outdoor": ("户外运动", "Outdoors"),
    "stationery": ("文具书籍", "Stationery and books"),
    "digital": ("数字商品", "Digital goods"),
    "custom": ("定制礼品", "Made to order"),
    "pets": ("宠物用品", "Pets"),
}

C, P, D, H, L = (
    (Trait.CUSTOM_MADE,),
    (Trait.PERISHABLE,),
    (Trait.DIGITAL,),
    (Trait.HYGIENE,),
    (Trait.CLEARANCE,),
)
_Row = tuple[str, str, str, str, int, str, str, tuple[_Axis, ...], tuple[Trait, ...]]

# id, category, names, price in yuan, descriptions, axes, traits
_ROWS: tuple[_Row, ...] = (
    ("down-jacket", "clothing", "轻暖羽绒服", "Light down jacket", 599, "90 白鸭绒，可收进自带小袋。", "90 % white duck down, packs into its own pouch.", (_colours(BLACK, NAVY), CLOTHES), ()),
    ("wool-coat", "clothing", "双面呢大衣", "Double-faced wool coat", 899, "手工缝制的中长款大衣。", "A mid-length coat with hand-sewn seams.", (_colours(BROWN, GREY), CLOTHES), ()),
    ("hoodie", "clothing", "加绒连帽卫衣", "Fleece-lined hoodie", 199, "内里抓绒，袖口螺纹收紧。", "Brushed inside, ribbed cuffs.", (_colours(GREY, PINK), CLOTHES), ()),
    ("linen-shirt", "clothing", "亚麻衬衫", "Linen shirt", 239, "水洗亚麻，越穿越软。", "Washed linen that softens with wear.", (_colours(WHITE, BLUE), CLOTHES), ()),
    ("cashmere-scarf", "clothing", "羊绒围巾", "Cashmere scarf", 329, "细支山羊绒，两端流苏。", "Fine goat cashmere with fringes.", (_colours(BROWN, GREY, GREEN),), ()),
    ("rain-coat", "clothing", "轻便雨衣", "Light raincoat", 159, "压胶接缝，可折叠。", "Taped seams, folds small.", (_colours(YELLOW, NAVY), CLOTHES), ()),
    ("jeans", "clothing", "直筒牛仔裤", "Straight jeans", 269, "含少量弹力的厚实丹宁。", "Sturdy denim with a little stretch.", (_colours(BLUE, BLACK), CLOTHES), ()),
    ("pyjamas", "clothing", "棉质睡衣套装", "Cotton pyjama set", 189, "双层纱，四季可穿。", "Double gauze for every season.", (_colours(WHITE, PINK), CLOTHES), ()),
    ("socks", "clothing", "中筒棉袜五双装", "Crew socks, five pairs", 59, "精梳棉，无骨缝合。", "Combed cotton, flat toe seam.", (_colours(BLACK, WHITE),), H),
    ("swimsuit", "clothing", "连体泳衣", "One-piece swimsuit", 209, "抗氯面料，可拆胸垫。", "Chlorine-proof, removable pads.", (_colours(BLACK, GREEN), CLOTHES), H),
    ("running-shoes", "shoes", "缓震跑鞋", "Cushioned running shoes", 459, "中底回弹，适合日常慢跑。", "A springy midsole for daily runs.", (_colours(BLACK, WHITE), SHOES), ()),
    ("canvas-shoes", "shoes", "帆布鞋", "Canvas shoes", 149, "硫化橡胶底，久走不累。", "Vulcanised soles for long walks.", (_colours(WHITE, NAVY), SHOES), ()),
    ("snow-boots", "shoes", "防滑雪地靴", "Non-slip snow boots", 379, "羊毛内里，防水鞋面。", "Wool lining, waterproof upper.", (_colours(BROWN, BLACK), SHOES), ()),
    ("slippers", "shoes", "居家软底拖鞋", "Soft house slippers", 49, "静音软底，可机洗。", "Quiet soles, machine-washable.", (_colours(GREY, PINK), SHOES), ()),
    ("leather-shoes", "shoes", "德比皮鞋", "Derby leather shoes", 529, "头层牛皮，可换底。", "Full-grain leather, can be resoled.", (_colours(BLACK, BROWN), SHOES), ()),
    ("backpack", "bags", "通勤双肩包", "Commuter backpack", 289, "十五寸电脑隔层，防泼水。", "A 15-inch laptop sleeve, splash-proof.", (_colours(BLACK, BLUE),), ()),
    ("suitcase", "bags", "二十寸登机箱", "20-inch cabin suitcase", 399, "静音万向轮，海关锁。", "Quiet wheels and a customs lock.", (_colours(WHITE, GREEN, BLACK),), ()),
    ("tote-bag", "bags", "厚帆布托特包", "Heavy canvas tote bag", 99, "二十安帆布，内有拉链袋。", "20-ounce canvas, zipped inner pocket.", (_colours(WHITE, BLACK),), ()),
    ("wallet", "bags", "短款真皮钱包", "Short leather wallet", 179, "八卡位，屏蔽读卡。", "Eight card slots, shielded.", (_colours(BROWN, BLACK),), ()),
    ("thermos", "kitchen", "保温杯", "Vacuum flask", 129, "316 不锈钢，保温十二小时。", "316 steel, keeps warm for twelve hours.", (_colours(WHITE, GREEN), CAPACITY), ()),
    ("mug", "kitchen", "手作陶瓷马克杯", "Handmade ceramic mug", 69, "窑变釉，每只略有不同。", "Reactive glaze, no two alike.", (_colours(BLUE, BROWN),), ()),
    ("frying-pan", "kitchen", "铸铁煎锅", "Cast-iron frying pan", 219, "预养处理，煎烤两用。", "Pre-seasoned, for hob and oven.", (_Axis(("直径", "Diameter"), (("24 厘米", "24 cm"), ("28 厘米", "28 cm"))),), ()),
    ("knife-set", "kitchen", "厨刀三件套", "Three-piece knife set", 259, "高碳不锈钢，附磨刀棒。", "High-carbon steel with a honing rod.", (), ()),
    ("rice-cooker", "kitchen", "小容量电饭煲", "Small rice cooker", 299, "两升，预约煮粥。", "Two litres, timed porridge.", (_colours(WHITE, PINK),), ()),
    ("tea-set", "kitchen", "便携功夫茶具", "Travel tea set", 169, "一壶四杯，收纳盒。", "One pot, four cups and a case.", (_colours(BLACK, WHITE),), ()),
    ("lunch-box", "kitchen", "分隔玻璃饭盒", "Divided glass lunch box", 79, "可微波，硅胶密封。", "Microwave-safe, silicone seal.", (), ()),
    ("coffee-grinder", "kitchen", "手摇磨豆机", "Hand coffee grinder", 229, "钢芯磨盘，三十六档。", "Steel burrs, thirty-six settings.", (), ()),
    ("quilt", "home", "天丝四件套", "Lyocell bedding set", 459, "被套、床单与两个枕套。", "Duvet cover, sheet and two pillowcases.", (_colours(BLUE, WHITE), BED), ()),
    ("down-quilt", "home", "白鹅绒被", "Goose-down quilt", 1299, "95 白鹅绒，立体衬。", "95 % goose down, baffle boxes.", (BED,), ()),
    ("pillow", "home", "记忆棉护颈枕", "Memory-foam neck pillow", 159, "高低两侧，外套可拆洗。", "Two heights, washable cover.", (), ()),
    ("bath-towel", "home", "长绒棉浴巾", "Long-staple bath towel", 89, "厚实不掉毛。", "Thick, sheds no lint.", (_colours(WHITE, GREY, PINK),), ()),
    ("curtain", "home", "全遮光窗帘", "Blackout curtain", 239, "成品，两片装。", "Ready-made, two panels.", (_colours(GREY, BLUE),), ()),
    ("desk-lamp", "home", "护眼台灯", "Desk lamp", 189, "无可视频闪，三档色温。", "No visible flicker, three warmths.", (_colours(WHITE, BLACK),), ()),
    ("humidifier", "home", "桌面加湿器", "Desk humidifier", 119, "静音，可用六小时。", "Quiet, runs for six hours.", (_colours(WHITE, PINK),), ()),
    ("headphones", "electronics", "头戴式降噪耳机", "Noise-cancelling headphones", 699, "续航四十小时，可折叠。", "Forty hours of battery, foldable.", (_colours(BLACK, WHITE),), ()),
    ("earbuds", "electronics", "真无线耳机", "Wireless earbuds", 299, "入耳式，充电盒续航一天。", "In-ear, a day with the case.", (_colours(BLACK, WHITE),), H),
    ("power-bank", "electronics", "一万毫安充电宝", "10,000 mAh power bank", 139, "双向快充，可带上飞机。", "Fast both ways, allowed on planes.", (_colours(BLACK, BLUE),), ()),
    ("keyboard", "electronics", "机械键盘", "Mechanical keyboard", 349, "热插拔轴，八十七键。", "Hot-swap switches, 87 keys.", (_colours(WHITE, GREY),), ()),
    ("e-reader", "electronics", "墨水屏阅读器", "E-ink reader", 899, "七寸，前光可调冷暖。", "Seven inches, warm front light.", (STORAGE,), ()),
    ("tablet", "electronics", "十一寸平板电脑", "11-inch tablet", 1999, "轻薄机身，附手写笔。", "Slim, with a stylus.", (_colours(GREY, BLUE), STORAGE), ()),
    ("smart-scale", "electronics", "智能体脂秤", "Smart body scale", 99, "蓝牙同步，钢化玻璃。", "Bluetooth, tempered glass.", (), ()),
    ("vacuum-cleaner", "electronics", "手持无线吸尘器", "Cordless hand vacuum", 499, "可拆电池，附除螨头。", "Removable battery, mattress head.", (_colours(WHITE, GREY),), ()),
    ("robot-vacuum", "electronics", "扫拖一体机器人", "Mopping robot vacuum", 2299, "激光导航，自动集尘。", "Laser navigation, empties itself.", (_colours(WHITE, BLACK),), ()),
    ("toddler-jacket", "children", "儿童摇粒绒外套", "Children's fleece jacket", 139, "双面绒，不易起球。", "Double fleece that does not pill.", (_colours(YELLOW, BLUE), CHILDREN), ()),
    ("building-blocks", "children", "木质积木", "Wooden building blocks", 159, "五十块榉木，水性漆。", "Fifty beech blocks, water-based paint.", (), ()),
    ("nappies", "children", "婴儿纸尿裤", "Baby nappies", 109, "每包六十片。", "Sixty a pack.", (NAPPY,), H),
    ("picture-book", "children", "布艺触摸书", "Touch-and-feel cloth book", 69, "可水洗，响纸内芯。", "Washable, with crackle paper.", (), ()),
    ("hand-cream", "beauty", "护手霜", "Hand cream", 49, "不黏腻，小管随身。", "Not sticky, in a small tube.", (SCENT,), H),
    ("shampoo", "beauty", "氨基酸洗发水", "Amino-acid shampoo", 79, "温和控油，五百毫升。", "Mild oil control, 500 ml.", (SCENT,), H),
    ("lipstick", "beauty", "哑光口红", "Matte lipstick", 119, "不拔干，含滋润油。", "Comfortable, with nourishing oil.", (_colours(PINK, BROWN),), H),
    ("toothbrush", "beauty", "声波电动牙刷", "Sonic toothbrush", 199, "两支刷头，续航三十天。", "Two heads, thirty days of battery.", (_colours(WHITE, BLUE),), H),
    ("cherries", "food", "车厘子", "Fresh cherries", 128, "产地直发，冷链到家。", "From the orchard by cold chain.", (_Axis(("重量", "Weight"), (("1 公斤", "1 kg"), ("2.5 公斤", "2.5 kg"))),), P),
    ("hairy-crab", "food", "大闸蟹礼盒", "Hairy crab gift box", 388, "八只，活蟹发货。", "Eight crabs, sent alive.", (), P),
    ("nuts", "food", "每日坚果", "Daily mixed nuts", 89, "三十小袋，无添加糖。", "Thirty small bags, no added sugar.", (PACK,), ()),
    ("green-tea", "food", "明前龙井", "Early-spring Longjing tea", 268, "一百克，铁罐装。", "100 g in a tin.", (), ()),
    ("coffee-beans", "food", "中烘咖啡豆", "Medium-roast coffee beans", 78, "下单后烘焙。", "Roasted after you order.", (PACK,), ()),
    ("tent", "outdoor", "双人速开帐篷", "Two-person quick tent", 349, "十秒搭好，防雨三千毫米。", "Up in ten seconds, 3,000 mm rainproof.", (_colours(GREEN, YELLOW),), ()),
    ("yoga-mat", "outdoor", "天然橡胶瑜伽垫", "Natural rubber yoga mat", 219, "五毫米厚，两面防滑。", "5 mm thick, grips on both sides.", (_colours(PINK, GREEN),), ()),
    ("dumbbells", "outdoor", "可调哑铃一对", "Adjustable dumbbells, pair", 399, "二到十公斤，旋转调重。", "2 to 10 kg with a dial.", (), ()),
    ("cycling-helmet", "outdoor", "骑行头盔", "Cycling helmet", 199, "一体成型，附尾灯。", "In-mould shell with a rear light.", (_colours(BLACK, WHITE), _sizes("M", "L")), ()),
    ("folding-chair", "outdoor", "露营折叠椅", "Folding camping chair", 139, "承重一百二十公斤。", "Carries 120 kg.", (_colours(GREEN, BROWN),), L),
    ("fountain-pen", "stationery", "钢笔礼盒", "Fountain pen gift box", 159, "细尖，附墨囊与上墨器。", "Fine nib with cartridges and converter.", (_colours(BLACK, BLUE),), ()),
    ("notebook", "stationery", "布面手账本", "Cloth-bound notebook", 45, "点阵内页，可平摊。", "Dotted pages that lie flat.", (_colours(GREEN, PINK, BLUE),), ()),
    ("cookbook", "stationery", "一人食菜谱", "Cooking for One", 58, "八十道家常菜。", "Eighty everyday recipes.", (), ()),
    ("photo-software", "digital", "照片修复软件", "Photo restoration software", 199, "激活码，永久授权。", "A code for a lasting licence.", (PLATFORM,), D),
    ("audio-course", "digital", "咖啡入门音频课", "Coffee for Beginners, audio course", 99, "二十节，可反复听。", "Twenty lessons, listen again at will.", (), D),
    ("engraved-necklace", "custom", "刻字项链", "Engraved necklace", 299, "纯银，按您的文字雕刻。", "Silver, engraved with your words.", (ENGRAVING,), C),
    ("photo-album", "custom", "照片定制相册", "Custom photo album", 169, "用您的照片印制。", "Printed from your pictures.", (), C),
    ("cat-tree", "pets", "实木猫爬架", "Wooden cat tree", 329, "剑麻柱，可承两只猫。", "Sisal posts, holds two cats.", (), ()),
    ("pet-bed", "pets", "宠物保暖窝", "Warm pet bed", 119, "可拆洗，防滑底。", "Removable cover, non-slip base.", (_colours(BROWN, GREY), _sizes("S", "L")), ()),
)  # fmt: skip


def make_products() -> tuple[ProductPart, ...]:
    """The whole catalogue, the same every time."""
    return tuple(_product(index, row) for index, row in enumerate(_ROWS))


def _product(index: int, row: _Row) -> ProductPart:
    key, category, zh, en, yuan, about_zh, about_en, axes, traits = row
    return ProductPart(
        id=key,
        name=Words(zh=zh, en=en),
        category=category,
        category_name=Words(zh=CATEGORIES[category][0], en=CATEGORIES[category][1]),
        description=Words(zh=about_zh, en=about_en),
        traits=traits,
        attributes=attributes_of(key),
        variants=tuple(
            VariantPart(
                id=f"{key}-{number}",
                sku=f"K{index + 1:03d}-{number:02d}",
                # Bigger packs and storages cost more; colours and sizes do not.
                price=_price(yuan, axes, values),
                stock=(index * 7 + number * 13) % 40,
                options=tuple(
                    OptionPart(
                        name=Words(zh=axis.name[0], en=axis.name[1]),
                        value=Words(zh=value[0], en=value[1]),
                    )
                    for axis, value in zip(axes, values, strict=True)
                ),
            )
            for number, values in enumerate(combinations(*(a.values for a in axes)), start=1)
        ),
    )


_DEARER = {
    "500 毫升": 20,
    "28 厘米": 40,
    "1.8 米床": 60,
    "三袋装": 150,
    "128 GB": 300,
    "三台设备": 200,
    "2.5 公斤": 150,
}


def _price(yuan: int, axes: tuple[_Axis, ...], values: tuple[tuple[str, str], ...]) -> int:
    extra = sum(_DEARER.get(value[0], 0) for value in values) if axes else 0
    return (yuan + extra) * 100
