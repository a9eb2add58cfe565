/* The words of the shop's verbs, reasons and refusals, in both languages. */

const VERBS = { cancel: ["取消订单", "Cancel"], return: ["办理退货", "Open a return"], intercept: ["拦截包裹，退回仓库", "Have the parcels brought back"], address: ["修改收货地址", "Change the address"], invoice: ["发票", "Invoice"], exchange: ["办理换货", "Open an exchange"], decide: ["审批退换货", "Decide on a return or exchange"] };

const REASONS = {
  no_longer_needed: ["不需要了", "No longer needed"], ordered_by_mistake: ["下错单", "Ordered by mistake"], found_cheaper: ["别处更便宜", "Found cheaper"],
  takes_too_long: ["等太久", "Takes too long"], wrong_details: ["信息填错", "Wrong details"], other: ["其他", "Other"],
  no_longer_wanted: ["不想要了", "No longer wanted"], wrong_size: ["尺码不合适", "Wrong size"], damaged: ["商品破损", "Damaged"], faulty: ["质量问题", "Faulty"],
  wrong_item: ["发错货", "Wrong item"], missing_parts: ["缺少配件", "Parts missing"], not_as_described: ["与描述不符", "Not as described"],
  issue: ["开具发票", "Issue it"], change: ["更换发票内容", "Put it right"], resend: ["重新发送", "Send it again"], grant: ["同意", "Approve"], refuse: ["不同意", "Refuse"], personal: ["个人", "A person"], company: ["公司", "A company"],
};

const REFUSALS = {
  order_cancelled: ["订单已取消", "The order is cancelled"], shipped: ["已发货", "It was sent"], delivered: ["已签收", "It was delivered"], payment_under_way: ["付款处理中", "A payment is under way"],
  window_closed: ["已超过期限", "The time is over"], being_packed: ["正在打包", "It is being packed"], custom_made_started: ["定制已开工", "Custom work has begun"], line_shipped: ["该商品已发货", "That item was sent"],
  line_cancelled: ["该商品已取消", "That item was cancelled"], quantity_too_high: ["数量超出可办理数量", "More than there is"], nothing_chosen: ["没有选择商品", "Nothing was chosen"], above_limit: ["金额超过权限", "Above the limit"],
  draft_expired: ["预览已过期，请重新预览", "The preview has expired; preview again"], terms_changed: ["情况有变，请重新预览", "Something changed; preview again"],
  not_sent: ["还没有发货", "It was not sent yet"], out_for_delivery: ["正在派送", "Out for delivery"], on_its_way_back: ["已在退回途中", "On its way back"], lost: ["包裹丢失", "Lost"], asked_already: ["已经申请过", "Asked already"], carrier_cannot: ["承运商不支持", "The carrier cannot"],
  not_delivered: ["还没有签收", "Not delivered yet"], not_paid: ["还没有付款", "Not paid"], custom_made: ["定制商品不支持", "Custom made"], perishable: ["生鲜商品不支持", "Perishable"], digital_unsealed: ["已拆封", "Unsealed"], exclusion_confirmed: ["购买时已确认不退", "Excluded at the purchase"],
  partly_shipped: ["部分已发货", "Partly sent"], other_country: ["不能改到其他国家", "An order stays in its country"], incomplete: ["地址不完整", "The address is incomplete"], same_address: ["地址没有变化", "It is the same address"],
  nothing_left: ["没有可开票金额", "Nothing left to invoice"], request_closed: ["已超过申请期限", "Too late to ask for one"], already_there: ["已经开过", "There is one already"], no_invoice: ["还没有发票", "There is no invoice"],
  not_issued_yet: ["还在开具中", "Not issued yet"], change_closed: ["已超过更换期限", "Too late to change it"], changed_already: ["已更换过", "It was changed before"], same_as_before: ["内容没有变化", "Nothing would change"],
  bad_title: ["抬头不正确", "The title is wrong"], bad_tax_number: ["税号不正确", "The tax number is wrong"], bad_email: ["邮箱不正确", "The mailbox is wrong"], sent_too_often: ["今天发送次数过多", "Sent too often today"],
  other_product: ["不是同一商品", "Another product"], same_variant: ["和原来一样", "The same as before"], out_of_stock: ["没有库存", "Out of stock"], no_pick_up: ["不能上门取件", "No collection there"], photo_missing: ["需要照片", "A picture is needed"],
  nothing_waits: ["没有待审批的退换货", "Nothing waits for a decision"], decided_already: ["已经有人审批过", "It was decided before"], tender_missing: ["需要选择扣款方式", "A way to charge the difference is missing"], tender_unknown: ["扣款方式已不存在", "That way to pay is no longer on file"],
  tender_expired: ["卡已过期", "The card has expired"], balance_too_low: ["余额不足", "Not enough left on it"], did_not_pay: ["不能退到这里", "It did not pay for the order"],
  already_returned: ["已办理退货", "Returned already"],
};

const FIELDS = {
  name: ["姓名", "Name"], phone: ["电话", "Phone"], country: ["国家", "Country"], province: ["省", "Province"], city: ["市", "City"], district: ["区", "District"], street: ["街道门牌", "Street"], postcode: ["邮编", "Postcode"],
  case: ["退换货单号", "Case"], kind: ["抬头类型", "To whom"], title: ["抬头", "Title"], tax_number: ["税号（公司）", "Tax number (companies)"], email: ["邮箱", "E-mail"],
};

const TENDERS = { wechat_pay: ["微信支付", "WeChat Pay"], alipay: ["支付宝", "Alipay"], bank_card: ["银行卡", "bank card"], credit_card: ["信用卡", "credit card"], paypal: ["PayPal", "PayPal"], gift_card: ["礼品卡", "gift card"], balance: ["账户余额", "balance"] };

const pick = (table) => (value, language) => [table[value]?.[language === "en" ? 1 : 0] ?? String(value ?? "").replaceAll("_", " "), ""];

export const verb = pick(VERBS);
export const orderReason = pick(REASONS);
export const orderField = pick(FIELDS);
export const refusal = pick(REFUSALS);
export const tender = pick(TENDERS);
