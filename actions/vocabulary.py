"""The shop's closed words and the small phrases that fill a response, in both languages."""

from __future__ import annotations

from actions.reading_addresses import Need
from connectors.backends.accounts.model import Login
from connectors.backends.carriers.model import Diagnosis, Signature
from connectors.backends.customers.model import Proof
from connectors.backends.invoices.model import InvoiceKind
from connectors.backends.news.model import NewsKind
from connectors.backends.offers.model import CouponRefusal
from connectors.backends.orders.model import NoteKind, OrderStatus, Tender
from connectors.backends.refunds.model import FreightPayer, Handover, ReturnReason
from connectors.backends.text import Bilingual
from connectors.backends.tickets.model import TicketTopic

TENDERS = {
    Tender.WECHAT_PAY: Bilingual("微信支付", "WeChat Pay"),
    Tender.ALIPAY: Bilingual("支付宝", "Alipay"),
    Tender.BANK_CARD: Bilingual("银行卡", "bank card"),
    Tender.CREDIT_CARD: Bilingual("信用卡", "credit card"),
    Tender.PAYPAL: Bilingual("PayPal", "PayPal"),
    Tender.GIFT_CARD: Bilingual("礼品卡", "gift card"),
    Tender.BALANCE: Bilingual("账户余额", "account balance"),
}

ORDER_STATES = {
    OrderStatus.UNPAID: Bilingual("待付款", "not paid yet"),
    OrderStatus.PAID: Bilingual("已付款，待备货", "paid, waiting to be packed"),
    OrderStatus.PREPARING: Bilingual("备货中", "being packed"),
    OrderStatus.PARTLY_SHIPPED: Bilingual("部分发货", "partly shipped"),
    OrderStatus.SHIPPED: Bilingual("运输中", "shipped"),
    OrderStatus.DELIVERED: Bilingual("已签收", "delivered"),
    OrderStatus.COMPLETED: Bilingual("已完成", "completed"),
    OrderStatus.CANCELLED: Bilingual("已取消", "cancelled"),
}

PAID_WITH = Bilingual("{tender} {amount}（{at}）", "{amount} from your {tender} ({at})")

PARCEL_STATES = {
    Diagnosis.NOT_YET_SHIPPED: Bilingual("等快递揽收", "waits for the carrier to collect it"),
    Diagnosis.MOVING: Bilingual("正在路上", "is on its way"),
    Diagnosis.OUT_FOR_DELIVERY: Bilingual("正在派送", "is out for delivery"),
    Diagnosis.CUSTOMS: Bilingual("正在清关", "is at customs"),
    Diagnosis.FAILED_ATTEMPT: Bilingual(
        "派送没成功，会再送一次", "could not be handed over; the courier tries again"
    ),
    Diagnosis.AWAITING_PICKUP: Bilingual(
        "到取件点了，等您去取", "waits for you at the pick-up point"
    ),
    Diagnosis.STUCK: Bilingual("好几天没有新动态", "has had no scan for days"),
    Diagnosis.OVERDUE: Bilingual("比预计的晚了", "is later than promised"),
    Diagnosis.DELIVERED: Bilingual("已签收", "was delivered"),
    Diagnosis.SIGNED_NOT_RECEIVED_CANDIDATE: Bilingual("显示已签收", "is marked as delivered"),
    Diagnosis.RETURNING: Bilingual("正在退回给我们", "is on its way back to us"),
    Diagnosis.RETURNED: Bilingual("已退回给我们", "came back to us"),
    Diagnosis.DAMAGED: Bilingual("路上破损了", "was damaged on the way"),
    Diagnosis.LOST: Bilingual("快递确认丢失", "was lost by the carrier"),
    Diagnosis.UNKNOWN: Bilingual("快递的状态看不出来", "has a status that says nothing"),
}
ANOTHER_COUNT = Bilingual("只改数量：{count} 件", "The same, {count} of it")
OVERVIEW_OF_ORDER = Bilingual("· {order}：{state}", "· {order}: {state}")
OVERVIEW_OF_PARCEL = Bilingual(
    "{carrier} {tracking} {state}。{expected}", "{carrier} {tracking} {state}. {expected}"
)

PROOFS = {
    Proof.ONE_TIME_CODE: Bilingual(
        "您在本店留的手机号或邮箱（我会发一个验证码）",
        "the phone number or e-mail you have with us, and I'll send a code to it",
    ),
    Proof.ORDER_AND_PHONE: Bilingual(
        "订单号和下单手机号后四位",
        "the order number and the last four digits of the phone it was placed with",
    ),
    Proof.EMAIL_AND_NAME: Bilingual("下单邮箱和姓名", "your e-mail and name"),
    Proof.NAME_AND_POSTCODE: Bilingual("收货人姓名和邮编", "the recipient's name and postcode"),
}

ASK_FOR_CODE = Bilingual("发验证码给我", "Send me a code")
ASK_FOR_CODE_WORDS = (
    "发验证码",
    "发个验证码",
    "发一个验证码",
    "发送验证码",
    "用验证码",
    "验证码验证",
    "短信验证",
    "发短信",
    "send a code",
    "send code",
    "send the code",
    "text me",
    "text a code",
    "email me a code",
    "get a code",
    "verification code",
    "one-time code",
)

SIGNATURES = {
    Signature.RECIPIENT: Bilingual("本人签收", "signed for by the recipient"),
    Signature.SOMEBODY_ELSE: Bilingual("由他人代收", "somebody else took it in for you"),
    Signature.LOCKER: Bilingual("放在快递柜或驿站", "it was left in a parcel locker"),
    Signature.DOORSTEP: Bilingual("放在门口", "it was left at the door"),
    Signature.UNKNOWN: Bilingual("快递没有写明谁签收", "the carrier doesn't say who signed"),
}

RETURN_REASONS = {
    ReturnReason.NO_LONGER_WANTED: Bilingual("不想要了", "I no longer want it"),
    ReturnReason.WRONG_SIZE: Bilingual("尺码不合适", "The size doesn't fit"),
    ReturnReason.DAMAGED: Bilingual("收到时破损", "It arrived damaged"),
    ReturnReason.FAULTY: Bilingual("质量问题", "It is faulty"),
    ReturnReason.WRONG_ITEM: Bilingual("发错货", "It is the wrong item"),
    ReturnReason.MISSING_PARTS: Bilingual("少件缺配件", "Parts are missing"),
    ReturnReason.NOT_AS_DESCRIBED: Bilingual("与描述不符", "It is not as described"),
}

ARRIVES_BY = Bilingual("预计{day}前送到", "it should arrive by {day}")
ARRIVAL_LATE = Bilingual("本应{day}前送到，已经晚了", "it should have arrived by {day} and is late")
ARRIVAL_UNKNOWN = Bilingual("送达时间暂时没有", "there is no arrival date yet")
EXPECTED_BY = Bilingual("预计{day}前送到。", "Expected by {day}.")
SOMEWHERE = Bilingual("快递没有写明的地方", "a place that the carrier doesn't name")
PICKUP_UNTIL = Bilingual("，请在{day}前取走", "; please fetch it by {day}")
PARCELS_ONE = Bilingual("1", "one parcel")
PARCELS_MANY = Bilingual("{count}", "{count} parcels")
REFUND_OF_CANCELLED = Bilingual(
    "款项 {amount} 会原路退回，想查到账时间可以直接问我“退款到哪了”。",
    "{amount} goes back the way it was paid; ask me about the refund to see when it arrives.",
)
NOTHING_WAS_PAID = Bilingual("没有扣款。", "Nothing was charged.")
AND_MORE = Bilingual("{first}等 {count} 件", "{first} and {more} more")
USUAL_DAYS = Bilingual("{tender} {days}内", "{days} to {tender}")

PAY_BEFORE = Bilingual(
    "还需支付 {amount}，请在{by}前付清，过时订单会自动取消。",
    "{amount} is still to be paid before {by}; after that the order is cancelled by itself.",
)
FREIGHT = {
    FreightPayer.SHOP: Bilingual("退货运费由我们承担", "we pay for sending it back"),
    FreightPayer.SHOPPER: Bilingual("退货运费由您承担", "you pay for sending it back"),
}
HANDOVERS = {
    Handover.PICK_UP: Bilingual(
        "快递员 {days} 天内上门取件，取件地址：{at}",
        "a courier collects it within {days} days at: {at}",
    ),
    Handover.DROP_OFF: Bilingual("您自行寄回，寄到：{address}", "you send it to: {address}"),
    Handover.KEEP: Bilingual("商品不用寄回", "nothing has to be sent back"),
}
NO_DIFFERENCE = Bilingual("没有差价", "no difference in price")
DIFFERENCE_DUE = Bilingual(
    "差价 {amount}，审核通过后再扣",
    "{amount} to pay, charged once it is approved",
)
DIFFERENCE_BACK = Bilingual(
    "差价 {amount}，新商品发出时退回",
    "{amount} goes back when the new goods leave",
)
WHEN_REPLACED = Bilingual("新商品发出时，{back}", "when the new goods leave, {back}")
CANCELLED_WHOLE = Bilingual(
    "{number}（整单）：{items}；{money}", "{number} (whole): {items}; {money}"
)
CANCELLED_PART = Bilingual(
    "{number}：{items}，其余保留；{money}", "{number}: {items}, the rest stays; {money}"
)
GOES_BACK = Bilingual("退 {total}：{refund}", "{total} back: {refund}")
NOT_PAID = Bilingual(
    "应付 {total}，还没付款，不涉及退款", "{total} to pay, not paid, nothing goes back"
)
BROUGHT_BACK = Bilingual(
    "{number}：{items}（包裹 {parcels}），快递{by}前答复；回到仓库后 {money}",
    "{number}: {items} (parcel {parcels}), answer by {by}; back in our warehouse, {money}",
)
URGED = {
    NoteKind.EXPEDITE: Bilingual(
        "{number}（{items}）：加急，仓库{by}前优先处理",
        "{number} ({items}): urgent, seen to by {by}",
    ),
    NoteKind.ESCALATION: Bilingual(
        "{number}（{items}）：已经超时，升级催办，{by}前给出发货时间",
        "{number} ({items}): late, escalated; by {by} you hear when it leaves",
    ),
}
GOES_TO = Bilingual("寄到 {after}：\n{orders}", "To {after}:\n{orders}")
GOES_FROM = Bilingual("{number}（{items}），原来：{before}", "{number} ({items}), now: {before}")
READDRESSED = Bilingual("{number}（{items}）", "{number} ({items})")
REDIRECTED = Bilingual(
    "{number}：{items}（包裹 {parcels}），快递 {by} 前答复",
    "{number}: {items} (parcel {parcels}), answer by {by}",
)
LINE_TO = Bilingual("{name} → {new}", "{name} → {new}")
LINE_LESS = Bilingual("{name} 少 {taken} 件", "{taken} fewer of {name}")
LINE_MORE = Bilingual("{name} 多 {given} 件", "{given} more of {name}")
SLOT = Bilingual("{day}{start}-{end} 点", "{day}, {start}:00-{end}:00")
SLOT_CHANGE = Bilingual("配送时间：{slot}", "Delivery: {slot}")
TENDER_CHANGE = Bilingual("整单改用{tender}支付", "The whole order is paid by {tender} instead")
CHARGED = Bilingual("从{tender}扣 {amount}", "{amount} charged to your {tender}")
DEARER = Bilingual("还没付款，应付金额增加 {amount}", "not paid yet: {amount} more to pay")
CHEAPER = Bilingual("还没付款，应付金额减少 {amount}", "not paid yet: {amount} less to pay")
NO_MONEY_MOVES = Bilingual("不涉及款项", "no money is involved")
IN_STOCK = Bilingual("现在有货", "in stock")
SOLD_OUT = Bilingual("暂时缺货", "sold out at the moment")
OPTIONS = Bilingual("可选：{options}。", "Available: {options}.")

ADDRESS_NEEDS = {
    Need.CITY: Bilingual("省市区", "the city"),
    Need.STREET: Bilingual("街道和门牌（或小区名）", "street and house number"),
    Need.POSTCODE: Bilingual("邮编", "the postcode"),
}
SAME_STREET = Bilingual("路名小区和现在一样", "Same street as now")
SAME_STREET_WORDS = (
    "一样", "不变", "同一个", "同小区", "原来的", "same street", "same place", "same as now",
    "same building", "same address", "unchanged",
)  # fmt: skip
INVOICE_PARTS = {
    "title": Bilingual("抬头", "The title"),
    "tax_number": Bilingual("税号", "The tax number"),
    "mailbox": Bilingual("收票邮箱", "The e-mail address"),
    "resend": Bilingual("不改，再发一次", "Just send it again"),
    "nothing": Bilingual("不用改了", "Leave it as it is"),
}
INVOICE_PART_WORDS: dict[str, tuple[str, ...]] = {
    "title": ("抬头", "名称", "公司名", "title", "company name"),
    "tax_number": ("税号", "识别号", "信用代码", "tax number", "tax id"),
    "mailbox": ("邮箱", "邮件", "email", "e-mail", "mailbox"),
    "resend": ("再发", "重发", "发给我", "send it again", "resend"),
    "nothing": ("不改了", "不用了", "算了", "nothing", "no change", "leave it", "never mind"),
}
INVOICE_KINDS = {
    InvoiceKind.PERSONAL: Bilingual("个人", "person"),
    InvoiceKind.COMPANY: Bilingual("公司", "company"),
}
LOGINS = {
    Login.PHONE: Bilingual("手机号", "phone"),
    Login.EMAIL: Bilingual("邮箱", "e-mail"),
    Login.WECHAT: Bilingual("微信", "WeChat"),
    Login.ALIPAY: Bilingual("支付宝", "Alipay"),
}
TICKET_TOPICS = {
    TicketTopic.LATE_DELIVERY: Bilingual("送得太慢", "late delivery"),
    TicketTopic.COURIER: Bilingual("快递服务", "the courier"),
    TicketTopic.PRODUCT: Bilingual("商品质量", "the goods"),
    TicketTopic.SERVICE: Bilingual("客服态度", "our service"),
    TicketTopic.REFUND: Bilingual("退款问题", "a refund"),
    TicketTopic.OTHER: Bilingual("其他", "something else"),
}
COUPON_REFUSALS = {
    CouponRefusal.USED: Bilingual("已经用过", "used already"),
    CouponRefusal.WITHDRAWN: Bilingual("已作废", "withdrawn"),
    CouponRefusal.NOT_YET: Bilingual("还没到使用时间", "not valid yet"),
    CouponRefusal.EXPIRED: Bilingual("已过期", "expired"),
    CouponRefusal.OTHER_CURRENCY: Bilingual("币种不同，不能用", "for another currency"),
    CouponRefusal.NO_FITTING_GOODS: Bilingual(
        "不在这张券的商品范围内", "not for this kind of goods"
    ),
    CouponRefusal.EXCLUDED_GOODS: Bilingual("清仓商品不能用券", "no coupons for clearance goods"),
    CouponRefusal.BELOW_MINIMUM: Bilingual(
        "还差 {missing} 才够门槛", "{missing} below its minimum"
    ),
}
COUPON_OFF = Bilingual("减 {amount}", "{amount} off")
COUPON_PERCENT = Bilingual("打 {fold} 折", "{percent} % off")
COUPON_MINIMUM = Bilingual("满 {amount} 可用", "from {amount}")
COUPON_UNTIL = Bilingual("{day}前有效", "until {day}")
COUPONS_LOST = Bilingual("· {count} 张优惠券作废{worth}", "· {count} coupons are lost{worth}")
COUPONS_WORTH = Bilingual("（其中代金券共 {worth}）", " (vouchers worth {worth} among them)")
COMPENSATION = Bilingual(
    "因为送晚了，登记后会补您一张 {amount} 的券。",
    "Because it is late, filing it brings you a coupon of {amount}.",
)

# What somebody wants to know first who asks about a subject in general; titles of articles.
GENERAL_TOPICS = {
    "delivery_time": Bilingual("发货与送达时间", "When orders ship and arrive"),
    "shipping_options": Bilingual("运费与包邮", "Shipping fees and free shipping"),
    "place_order": Bilingual("加入购物车，立即购买", "How to place an order"),
    "payment_methods": Bilingual("支付方式", "Ways to pay"),
    "return_policy": Bilingual("七天无理由退货", "Seven-day returns without a reason"),
    "invoice": Bilingual("电子发票", "Invoices (fapiao)"),
    "coupon_promotion": Bilingual("优惠券规则", "Coupon rules"),
    "account_login": Bilingual("注册与登录", "Registering and signing in"),
    "complaint": Bilingual("投诉处理", "Complaints"),
    "feedback_review": Bilingual("评价规则", "Reviews"),
}

WHERE_WE_DELIVER = Bilingual("配送范围，其他国家和地区", "Where we deliver, other countries")

NEWS_KINDS = {
    NewsKind.SHIPPED: Bilingual("发货", "when it ships"),
    NewsKind.OUT_FOR_DELIVERY: Bilingual(
        "派送和取件码", "when it is out for delivery, with the pickup code"
    ),
    NewsKind.DELIVERED: Bilingual("签收", "when it arrives"),
    NewsKind.STUCK: Bilingual("物流异常", "when something is wrong on the way"),
    NewsKind.CUSTOMS: Bilingual("清关", "when it is in customs"),
    NewsKind.RETURNED: Bilingual("退回", "when it comes back to us"),
    NewsKind.REFUND_ARRIVED: Bilingual("退款到账", "when a refund arrives"),
    NewsKind.PRICE_PROTECTION: Bilingual("价保结果", "what becomes of a price-protection claim"),
}
TELL_SENDING = Bilingual("发货时告诉我", "Tell me when it ships")
TELL_ARRIVAL = Bilingual("派送和送到时告诉我", "Tell me when it is out for delivery and arrives")
TELL_RESULT = Bilingual("价保结果告诉我", "Tell me the price protection result")

# What can be done about an order, by the intent that its button sends.
DEEDS: dict[str, Bilingual] = {
    "payment_failed": Bilingual("付款遇到问题", "Trouble paying"),
    "modify_order": Bilingual("修改订单", "Change it"),
    "cancel_order": Bilingual("取消订单", "Cancel it"),
    "track_shipment": Bilingual("查物流", "Track the parcel"),
    "return_request": Bilingual("退货", "Return something"),
    "exchange_request": Bilingual("换货", "Exchange something"),
    "refund_status": Bilingual("查退款", "Where the money is"),
}

WEEKDAYS = Bilingual(
    "周一 周二 周三 周四 周五 周六 周日",
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
)
EVERY_DAY = Bilingual("每天", "every day")
DAYS_FROM_TO = Bilingual("{}至{}", "{} to {}")
TODAY_AT = Bilingual("今天 {}", "today at {}")
ALL_DAY = Bilingual("全天", "all day")
NOBODY_THERE = Bilingual("人工客服休息", "nobody at the desk")
HOLIDAY_BEFORE = Bilingual("上一次是{days}休息。", "Last time we were off {days}. ")
ZONES = {"Asia/Shanghai": Bilingual("北京时间", "China time, UTC+8")}
