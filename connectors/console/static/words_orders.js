/* The words of the shop's verbs, reasons and refusals, in both languages. */

const VERBS = { cancel: ["取消订单", "Cancel"], return: ["办理退货", "Open a return"], intercept: ["拦截包裹，退回仓库", "Have the parcels brought back"] };

const REASONS = {
  no_longer_needed: ["不需要了", "No longer needed"], ordered_by_mistake: ["下错单", "Ordered by mistake"], found_cheaper: ["别处更便宜", "Found cheaper"],
  takes_too_long: ["等太久", "Takes too long"], wrong_details: ["信息填错", "Wrong details"], other: ["其他", "Other"],
  no_longer_wanted: ["不想要了", "No longer wanted"], wrong_size: ["尺码不合适", "Wrong size"], damaged: ["商品破损", "Damaged"], faulty: ["质量问题", "Faulty"],
  wrong_item: ["发错货", "Wrong item"], missing_parts: ["缺少配件", "Parts missing"], not_as_described: ["与描述不符", "Not as described"],
};

const REFUSALS = {
  order_cancelled: ["订单已取消", "The order is cancelled"], shipped: ["已发货", "It was sent"], delivered: ["已签收", "It was delivered"], payment_under_way: ["付款处理中", "A payment is under way"],
  window_closed: ["已超过期限", "The time is over"], being_packed: ["正在打包", "It is being packed"], custom_made_started: ["定制已开工", "Custom work has begun"], line_shipped: ["该商品已发货", "That item was sent"],
  line_cancelled: ["该商品已取消", "That item was cancelled"], quantity_too_high: ["数量超出可办理数量", "More than there is"], nothing_chosen: ["没有选择商品", "Nothing was chosen"], above_limit: ["金额超过权限", "Above the limit"],
  draft_expired: ["预览已过期，请重新预览", "The preview has expired; preview again"], terms_changed: ["情况有变，请重新预览", "Something changed; preview again"],
  not_sent: ["还没有发货", "It was not sent yet"], out_for_delivery: ["正在派送", "Out for delivery"], on_its_way_back: ["已在退回途中", "On its way back"], lost: ["包裹丢失", "Lost"], asked_already: ["已经申请过", "Asked already"], carrier_cannot: ["承运商不支持", "The carrier cannot"],
  not_delivered: ["还没有签收", "Not delivered yet"], not_paid: ["还没有付款", "Not paid"], custom_made: ["定制商品不支持", "Custom made"], perishable: ["生鲜商品不支持", "Perishable"], digital_unsealed: ["已拆封", "Unsealed"], exclusion_confirmed: ["购买时已确认不退", "Excluded at the purchase"],
  already_returned: ["已办理退货", "Returned already"],
};

const TENDERS = { wechat_pay: ["微信支付", "WeChat Pay"], alipay: ["支付宝", "Alipay"], bank_card: ["银行卡", "bank card"], credit_card: ["信用卡", "credit card"], paypal: ["PayPal", "PayPal"], gift_card: ["礼品卡", "gift card"], balance: ["账户余额", "balance"] };

const pick = (table) => (value, language) => [table[value]?.[language === "en" ? 1 : 0] ?? String(value ?? "").replaceAll("_", " "), ""];

export const verb = pick(VERBS);
export const orderReason = pick(REASONS);
export const refusal = pick(REFUSALS);
export const tender = pick(TENDERS);
