/* The words of the shop's verbs, reasons and refusals, in both languages. */

const VERBS = { cancel: ["取消订单", "Cancel"], return: ["办理退货", "Open a return"], intercept: ["拦截包裹，退回仓库", "Have the parcels brought back"], address: ["修改收货地址", "Change the address"], invoice: ["发票", "Invoice"], exchange: ["办理换货", "Open an exchange"], decide: ["审批（退货、换货、价保）", "Decide on what waits"],
  modify: ["修改订单", "Change the order"], urge: ["催发货", "Hurry the order"], pack: ["合并或拆分包裹", "Pack together or in parts"],
  redirect: ["包裹改送其他地址", "Have the parcels sent elsewhere"], price_claim: ["价格保护", "Claim the fallen price"], complaint: ["登记投诉", "File a complaint"] };

const REASONS = {
  no_longer_needed: ["不需要了", "No longer needed"], ordered_by_mistake: ["下错单", "Ordered by mistake"], found_cheaper: ["别处更便宜", "Found cheaper"],
  takes_too_long: ["等太久", "Takes too long"], wrong_details: ["信息填错", "Wrong details"], other: ["其他", "Other"],
  no_longer_wanted: ["不想要了", "No longer wanted"], wrong_size: ["尺码不合适", "Wrong size"], damaged: ["商品破损", "Damaged"], faulty: ["质量问题", "Faulty"],
  wrong_item: ["发错货", "Wrong item"], missing_parts: ["缺少配件", "Parts missing"], not_as_described: ["与描述不符", "Not as described"],
  issue: ["开具发票", "Issue it"], change: ["更换发票内容", "Put it right"], resend: ["重新发送", "Send it again"], grant: ["同意", "Approve"], refuse: ["不同意", "Refuse"], personal: ["个人", "A person"], company: ["公司", "A company"],
  original: ["原路退回", "Back the way it was paid"], gift_card: ["退到礼品卡", "To a gift card"], balance: ["退到账户余额", "To the account balance"],
  pick_up: ["上门取件", "Collected by a courier"], drop_off: ["顾客自己寄回", "Sent by the shopper"], keep: ["商品不用寄回", "Nothing is sent back"],
  together: ["和其他订单一起发", "Together with other orders"], apart: ["分几个包裹发", "In several parcels"],
  late_delivery: ["送货太慢", "Late delivery"], courier: ["快递员", "The courier"], product: ["商品", "The goods"], service: ["服务态度", "The service"], refund: ["退款", "The refund"],
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
  nothing_waits: ["没有待审批的申请", "Nothing waits for a decision"], decided_already: ["已经有人审批过", "It was decided before"], tender_missing: ["需要选择扣款方式", "A way to charge the difference is missing"], tender_unknown: ["扣款方式已不存在", "That way to pay is no longer on file"],
  tender_expired: ["卡已过期", "The card has expired"], balance_too_low: ["余额不足", "Not enough left on it"], did_not_pay: ["不能退到这里", "It did not pay for the order"],
  already_returned: ["已办理退货", "Returned already"],
  nothing_changes: ["没有变化", "Nothing would change"], too_many: ["数量太多", "Too many of one item"], price_credited: ["已退过价保差价", "Price protection gave money back for it"], same_tender: ["本来就是这样支付的", "It was paid with that"],
  slot_too_early: ["配送日期太早", "Too early a day"], slot_too_late: ["配送日期太晚", "Too late a day"], slot_unknown: ["请选择日期和时段", "Choose a day and hours"],
  limit_reached: ["催促次数已用完", "Hurried as often as possible"], no_other_order: ["没有选择其他订单", "No other order was chosen"], other_address: ["收货地址不同", "It goes to another address"], too_far_apart: ["下单时间相隔太久", "Ordered too far apart"],
  too_many_orders: ["订单太多", "Too many orders"], too_few_goods: ["商品不够分", "Not enough goods for so many parcels"], too_many_parcels: ["包裹太多", "Too many parcels"],
  period_over: ["已过价保期", "The time for it is over"], not_lower: ["价格没有下降", "It does not cost less now"], no_longer_sold: ["已停售", "No longer sold"], claimed_already: ["已申请过价保", "Claimed before"], being_checked: ["价保申请正在核对", "A claim for it is being checked"], turned_down: ["价保申请未通过", "A claim for it was refused"], excluded: ["该商品不参加价保", "Price protection excludes it"], returned: ["已退回", "Returned"],
  not_at_fault: ["商品没有问题，不能只退款", "Only for goods at fault"], press: ["报刊不支持", "Newspapers and magazines"],
  says_nothing: ["请写明经过或原因", "Say what happened, or why"], already_open: ["同样的投诉正在处理", "The same complaint is open"],
};

/* What the warehouse, or whoever answers for it, reads. */
const NOTES = {
  expedite: ["给仓库记一条加急备注", "A note asks the warehouse to hurry"], escalation: ["已超过承诺时间：升级处理", "It is late: it is escalated"],
  pack_together: ["合并成一个包裹发出", "Leave in one parcel"], pack_apart: ["分开发出", "Leave in parts"], grant: ["同意这个申请", "It is approved"], refuse: ["不同意这个申请，不退款", "It is refused; no money goes back"], added: ["增加", "added"], taken_out: ["移出订单", "taken out"],
};

/* What a yes to a verb means for good. */
const FOR_GOOD = {
  cancel: ["取消后不能恢复，需要重新下单。", "What is cancelled does not come back; it would be ordered anew."],
  modify: ["确认后立即扣款或退款，不能撤回；要改回来需再改一次。", "Money moves at once and is not called back; changing back is another change."],
  address: ["发货前还可以再改。", "It can be changed again until the goods leave."],
  urge: ["备注不能撤回，并计入催促次数。", "The note stays, and counts as one of the times an order may be hurried."],
  pack: ["开始打包前还可以再改，以最后一次为准。", "Until it is packed it can be changed; the newest counts."],
  intercept: ["已向承运商提出的要求不能撤回；能否办到由承运商答复。", "What a carrier was asked is not taken back; whether it can be done the carrier says."],
  redirect: ["已向承运商提出的要求不能撤回；能否办到由承运商答复。", "What a carrier was asked is not taken back; whether it can be done the carrier says."],
  return: ["顾客不寄回时自动失效，不会退款。", "If nothing is sent back it lapses by itself, and no money moves."],
  exchange: ["顾客不寄回时自动失效，不会换货。", "If nothing is sent back it lapses by itself, and nothing is sent."],
  return_keep: ["确认后马上退款，不能撤回，这些商品也不能再退换。", "The money goes back at once and is not called back; these goods can't be returned or exchanged afterwards."],
  return_keep_asked: ["审核通过后马上退款；审核期间这些商品不能再退换。", "Once approved, the money goes back at once; meanwhile these goods can't be returned or exchanged."],
  exchange_keep: ["新商品直接发出，不能撤回。", "The new goods leave without the old ones; that is not called back."],
  exchange_keep_asked: ["审核通过后马上发出。", "Once approved, the new goods leave at once."],
  price_claim: ["每件商品只能申请一次，退款不能撤回。", "Once for each item; the money is not called back."],
  invoice: ["开出的发票不能删除，只能更换。", "An invoice is never deleted, only replaced."],
  complaint: ["登记后不能删除，时限从现在算起。", "It is filed for good, and its dates count from now."],
  decide: ["审批后不能更改。", "The decision stands."],
};

const FIELDS = {
  name: ["姓名", "Name"], phone: ["电话", "Phone"], country: ["国家", "Country"], province: ["省", "Province"], city: ["市", "City"], district: ["区", "District"], street: ["街道门牌", "Street"], postcode: ["邮编", "Postcode"],
  case: ["审批哪一单", "Case"], ground: ["价保不通过时，告诉顾客的原因", "What the shopper of a refused price claim is told"], why: ["原因（存入操作日志和内部备注）", "Why (kept in the audit log and as an internal note)"], kind: ["抬头类型", "To whom"], title: ["抬头", "Title"], tax_number: ["税号（公司）", "Tax number (companies)"], email: ["邮箱", "E-mail"],
  slot_day: ["配送日期", "Day of delivery"], slot_hours: ["配送时段", "Hours of delivery"], tender: ["差价用什么补、退到哪里", "What pays a difference, or gets it back"], pay_with: ["整单改用什么支付", "What pays the whole order instead"],
  with_orders: ["一起发的订单", "Orders that leave with it"], parcels: ["分成几个包裹", "How many parcels"], first: ["先发哪些", "What leaves first"], story: ["投诉内容", "What happened"],
  refund_to: ["退款退到哪里", "Where the money goes"], handover: ["怎么寄回", "How it comes back"], unsealed: ["已经拆封的", "Seal broken already"], difference: ["差价用什么补、退到哪里", "What pays a difference, or gets it back"],
};

// What the reasons of a verb are, where they are no reasons.
const ASKED = { decide: ["决定", "Decision"], invoice: ["要做什么", "What is to be done"], pack: ["怎么发", "How it leaves"], complaint: ["关于什么", "What it is about"] };

// What is chosen where nothing is: by field, or for all.
const UNCHANGED = { ground: ["请选择", "Choose one"], difference: ["付款时用的", "What paid for the order"], tender: ["退回原路", "Back to what paid"], pay_with: ["不改", "As it is"], slot_hours: ["不改", "As it is"] };

const TENDERS = { wechat_pay: ["微信支付", "WeChat Pay"], alipay: ["支付宝", "Alipay"], bank_card: ["银行卡", "bank card"], credit_card: ["信用卡", "credit card"], paypal: ["PayPal", "PayPal"], gift_card: ["礼品卡", "gift card"], balance: ["账户余额", "balance"] };

const pick = (table) => (value, language) => [table[value]?.[language === "en" ? 1 : 0] ?? String(value ?? "").replaceAll("_", " "), ""];

export const verb = pick(VERBS);
export const orderReason = pick(REASONS);
/* Null for what is no code of ours. */
export const orderChoice = (value, language) => (Object.hasOwn(REASONS, value) ? orderReason(value, language) : null);
export const orderField = pick(FIELDS);
/* Null where a verb's reasons are called just that. */
export const asked = (name, language) => ASKED[name]?.[language === "en" ? 1 : 0] ?? null;
export const refusal = pick(REFUSALS);
export const note = pick(NOTES);
export const forGood = pick(FOR_GOOD);
export const unchanged = pick(UNCHANGED);
export const tender = pick(TENDERS);

/* What the form and the preview say around them. */
export const ORDERS = {
  zh: {
    stays: "保留数量", rest: "其余", leavesOrder: "移出订单", wholeLine: (units) => `× ${units}，全部申请`, orderSum: "订单金额", slotSet: (day, hours) => `配送时间：${day} ${hours}`, inParcels: (count) => `共 ${count} 个包裹`, leavesFirst: (what) => `先发：${what}`,
    answerBy: (when) => `最晚 ${when} 答复`, resolveBy: (when) => `${when} 之前给出结果`, couponOwed: (amount) => `因延误补偿 ${amount} 优惠券`, leftAlone: (parcel, why) => `${parcel} 不处理：${why}`, balanceOf: (what, before, after) => `${what} 余额 ${before} → ${after}`, goesTo: "新地址",
    shopperIsTold: (why) => `顾客会收到的原因：${why}`, becauseOf: (why) => `原因：${why}`, newGoodsTo: (address) => `新商品寄到：${address}`, keepsGoods: "商品不用寄回", collectedAt: (days, at) => `快递员 ${days} 天内上门取件：${at}`, sentTo: (to) => `顾客自行寄回：${to}`, freight: { shop: "退货运费由我们承担", shopper: "退货运费由顾客承担" }, sendBy: (when) => `最晚 ${when} 寄出，过期作废`,
  },
  en: {
    stays: "How many stay", rest: "The rest", leavesOrder: "Leaves the order", wholeLine: (units) => `× ${units}, claimed as a whole`, orderSum: "The order comes to", slotSet: (day, hours) => `Delivered on ${day}, ${hours}`, inParcels: (count) => `In ${count} parcels`, leavesFirst: (what) => `First: ${what}`,
    answerBy: (when) => `Answered by ${when}`, resolveBy: (when) => `Settled before ${when}`, couponOwed: (amount) => `A coupon of ${amount} for the delay`, leftAlone: (parcel, why) => `${parcel} is left alone: ${why}`, balanceOf: (what, before, after) => `Left on ${what}: ${before} → ${after}`, goesTo: "New address",
    shopperIsTold: (why) => `The shopper is told: ${why}`, becauseOf: (why) => `Why: ${why}`, newGoodsTo: (address) => `The new goods go to: ${address}`, keepsGoods: "Nothing is sent back", collectedAt: (days, at) => `A courier collects it within ${days} days: ${at}`, sentTo: (to) => `The shopper sends it to: ${to}`, freight: { shop: "We pay for sending it back", shopper: "The shopper pays for sending it back" }, sendBy: (when) => `Sent by ${when}, or it lapses`,
  },
};
