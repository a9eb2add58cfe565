/* The words of a handoff's summary: mood, what was found, what is missing, the prepared next step. */

const MOODS = { calm: ["平静", "Calm", "calm"], hurried: ["很着急", "In a hurry", "warn"], frustrated: ["不满", "Frustrated", "bad"] };

const STEPS = {
  verify: ["先核对身份，再看订单", "Verify who it is, then look at the order"],
  ask_carrier: ["联系快递查件，把结果和时间告诉顾客", "Ask the carrier, then tell the shopper what it says and by when"],
  trace_refund: ["向财务或支付渠道查这笔退款，给出到账时间", "Trace the refund with the payment provider and name a date"],
  decide_return: ["看规则和证据，决定是否退货退款", "Weigh rule and evidence, decide on the return"],
  decide_exchange: ["看规则和库存，决定是否换货", "Weigh rule and stock, decide on the exchange"],
  decide_cancellation: ["看订单状态，决定是否取消", "Look at the order's state, decide on cancelling"],
  decide_address: ["看包裹状态，决定能否改地址", "Look at the parcel, decide whether the address can change"],
  settle_invoice: ["核对抬头和金额，处理发票", "Check title and amount, settle the invoice"],
  check_payment: ["查这笔付款到哪里了，告诉顾客钱在哪", "See where the payment is and tell the shopper where the money is"],
  hear_complaint: ["听完投诉，致歉并给出处理时间", "Hear the complaint out, apologise, say by when it is settled"],
  help_with_account: ["核实后处理账号问题", "Verify, then settle the account"],
  look_up_again: ["系统恢复后替顾客查，先说明情况", "Say that a system is down; look it up when it is back"],
  calm_and_solve: ["先致歉安抚，再直接给出解决办法", "Apologise first, then offer a solution at once"],
  read_and_ask: ["读最后几句，只问一个关键问题", "Read the last words and ask one question"],
  answer_last: ["助手没答上最后一句，请直接回答", "The assistant failed at the last words: answer them"],
  ask_why: ["回访：问清楚哪里不满意", "Follow up: ask what went wrong"],
  ask_what: ["问清楚是什么事", "Ask what it is about"],
  go_on: ["接着顾客要办的事办下去", "Go on with what they asked for"],
};

const MISSING = {
  identity: ["身份核实", "Proof of identity"], confirmation: ["顾客的确认", "The shopper's yes"], order_number: ["订单号", "Order number"], parcel: ["哪个包裹", "Which parcel"],
  lines: ["哪些商品", "Which goods"], quantity: ["数量", "How many"], reason: ["原因", "Reason"], cancel_reason: ["取消原因", "Reason for cancelling"], new_address: ["新地址", "New address"],
  photos: ["照片", "Photo"], refund_to: ["退到哪里", "Where the money goes"], handover: ["取件还是自寄", "Collected or sent"], wish: ["想怎么解决", "What shall be done"], story: ["事情经过", "What happened"],
  topic: ["什么事", "What it is about"], received: ["是否收到", "Whether it arrived"], variant: ["换成哪款", "Exchanged for what"], tax_number: ["税号", "Tax number"], invoice_title: ["发票抬头", "Invoice title"], invoice_email: ["收票邮箱", "Mailbox"],
  invoice_kind: ["个人还是公司", "Person or company"], invoice_step: ["发票要怎么办", "What to do with the invoice"], unsealed: ["是否拆封", "Whether it was opened"], intent: ["什么事", "What it is about"],
  begin_cancellation: ["要不要取消", "Whether to cancel"],
  begin_return: ["要不要退货", "Whether to return it"],
  change: ["改什么", "What to change"],
  code: ["验证码", "One-time code"],
  contact: ["联系方式", "Contact"],
  how: ["登记投诉还是找人工", "File it or talk to a person"],
  invoice_part: ["开整单还是一部分", "All or part of the order"],
  line: ["哪件商品", "Which item"],
  login_method: ["哪种登录方式", "Which way to sign in"],
  login_to_unbind: ["解绑哪个登录方式", "Which sign-in to remove"],
  name: ["姓名", "Name"],
  orders: ["哪些订单", "Which orders"],
  pay_with: ["用什么支付", "What pays"],
  phone_tail: ["手机尾号", "End of the phone number"],
  postcode: ["邮编", "Postcode"],
  product_choice: ["哪件商品", "Which product"],
  proof: ["身份资料", "Proof of identity"],
  refund_wanted: ["要退多少、退什么", "What is to be refunded"],
  rest_of_address: ["地址的其余部分", "The rest of the address"],
  score: ["打几分", "The score"],
  slot_day: ["配送日期", "Day of delivery"],
  slot_hours: ["配送时段", "Hours of delivery"],
  tender: ["支付方式", "The way to pay"],
  wanted_product: ["想要哪件商品", "The product they want"],
  way: ["怎么处理", "Which way"],
  with_order: ["和哪个订单一起", "Together with which order"],
};

const FOUND = {
  order: ["订单", "Order"], shipment: ["包裹", "Parcel"], payment: ["付款", "Payment"], refund: ["退款", "Refund"], return: ["退货", "Return"], exchange: ["换货", "Exchange"],
};

const STATES = {
  not_yet_shipped: ["还没发出", "Not sent yet", "calm"], moving: ["运输中", "On its way", "calm"], out_for_delivery: ["派送中", "Out for delivery", "calm"], customs: ["清关中", "In customs", "calm"],
  failed_attempt: ["派送未成", "Delivery failed", "warn"], awaiting_pickup: ["待取件", "To be picked up", "calm"], stuck: ["物流停滞", "No scans", "bad"], overdue: ["已超时", "Overdue", "bad"],
  signed_not_received_candidate: ["他人签收", "Signed by somebody else", "warn"], returning: ["退回途中", "Coming back", "warn"], returned: ["已退回", "Came back", "warn"], damaged: ["运输破损", "Damaged", "bad"],
  lost: ["丢失", "Lost", "bad"], unknown: ["未知", "Unknown", "warn"], draft: ["待确认", "Not confirmed", "calm"], awaiting_approval: ["待审核", "Awaits approval", "warn"], authorised: ["已同意", "Authorised", "good"],
  sent_back: ["已寄回", "Sent back", "calm"], received: ["仓库已收", "Arrived", "calm"], refunded: ["已退款", "Refunded", "good"], rejected: ["已拒绝", "Rejected", "bad"], expired: ["已过期", "Expired", "warn"],
  replaced: ["已补发", "Replaced", "good"], requested: ["已申请", "Requested", "calm"], processing: ["处理中", "Being processed", "calm"], failed: ["失败", "Failed", "bad"],
  no_attempt: ["没有付款", "No attempt", "calm"], insufficient_funds: ["余额不足", "Not enough money", "warn"], limit_exceeded: ["超出限额", "Above the limit", "warn"], bank_declined: ["银行拒绝", "The bank declined", "warn"],
  expired_card: ["卡已过期", "Card expired", "warn"], wrong_details: ["信息有误", "Wrong details", "warn"], tender_not_supported: ["支付方式不支持", "Not supported", "warn"], authentication_needed: ["需要验证", "Needs authentication", "warn"],
  bank_unavailable: ["银行不可用", "Bank not available", "warn"], cancelled_by_shopper: ["顾客已取消", "Given up", "calm"], not_told: ["渠道未说明", "No reason given", "warn"], closed_by_timeout: ["超时关闭", "Closed in time", "warn"],
  order_cancelled: ["订单已取消", "Order cancelled", "calm"], charged_twice: ["重复扣款", "Charged twice", "bad"], paid_order_unpaid: ["扣款但订单未付", "Charged, order unpaid", "bad"], paid_after_closing: ["关闭后扣款", "Paid after closing", "bad"],
};

const pick = (table) => (value, language) => {
  const found = table[value];
  return [found ? found[language === "en" ? 1 : 0] : String(value ?? "").replaceAll("_", " "), found?.[2] ?? ""];
};

export const mood = pick(MOODS);
export const step = pick(STEPS);
export const missing = pick(MISSING);
export const foundThing = pick(FOUND);
export const foundState = (value, language) => (value in STATES ? pick(STATES)(value, language) : null);
