/* Everything the console says, in both languages. */

import { ORDERS, orderChoice } from "./words_orders.js";
import { REPORTS } from "./words_reports.js";
import { RULES } from "./words_rules.js";
import { WORK } from "./words_work.js";

const REASONS = {
  asked: ["顾客要求人工", "Asked for a person"],
  low_confidence: ["助手没听懂", "Not understood"],
  frustrated: ["情绪不满", "Frustrated"],
  repeated_failure: ["多次未解决", "Failed repeatedly"],
  backend_down: ["系统不可用", "System down"],
  rule_requires_person: ["规则要求人工", "Rule needs a person"],
  shipment_overdue: ["物流超时", "Parcel overdue"],
  refund_overdue: ["退款超时", "Refund overdue"],
  bot_timeout: ["助手超时", "Assistant too slow"],
  bot_error: ["助手出错", "Assistant failed"],
  vip: ["重要客户", "Important customer"],
  low_score: ["评价不满意", "Rated badly"],
};

const STATUSES = {
  unpaid: ["待付款", "Unpaid", "warn"],
  paid: ["已付款", "Paid", "calm"],
  preparing: ["备货中", "Preparing", "calm"],
  partly_shipped: ["部分发货", "Partly shipped", "calm"],
  shipped: ["已发货", "Shipped", "calm"],
  delivered: ["已签收", "Delivered", "good"],
  completed: ["已完成", "Completed", "good"],
  cancelled: ["已取消", "Cancelled", "bad"],
};

const CHANNELS = { web: ["网页", "Web"], rest: ["接口", "API"], socketio: ["网页聊天", "Web chat"], wechat: ["微信", "WeChat"] };

const PROOFS = {
  shop_token: ["商城账号登录", "signed in at the shop"],
  one_time_code: ["验证码", "a one-time code"],
  order_and_phone: ["订单号 + 手机尾号", "order number and phone"],
  email_and_name: ["邮箱 + 姓名", "e-mail and name"],
  name_and_postcode: ["姓名 + 邮编", "name and postcode"],
  name_postcode: ["姓名 + 邮编", "name and postcode"],
  bound_account: ["绑定的账号", "a bound account"],
};

const ACTIONS = {
  action_show_order: ["查看订单", "Looked up the order"],
  action_check_order: ["核对订单号", "Checked the order number"],
  action_check_identity: ["核对身份", "Checked the identity"],
  action_show_shipment: ["查询物流", "Tracked the parcel"],
  action_explain_payment: ["查询付款", "Looked into the payment"],
  action_show_refund: ["查询退款", "Looked up the refund"],
  action_answer_from_knowledge: ["查找知识库", "Searched the help articles"],
  action_answer_product: ["查找商品", "Searched products"],
  action_answer_delivery_time: ["查询送达时间", "Looked up delivery times"],
  action_check_urge: ["处理催单", "Handled an urgent request"],
  action_check_handoff_topic: ["了解来意", "Asked what it is about"],
  action_check_return_lines: ["核对退货商品", "Checked what comes back"],
  action_check_return_quantity: ["核对退货数量", "Checked how many come back"],
  action_check_sealed: ["核对是否拆封", "Asked about the seal"],
  action_choices_delivered_orders: ["列出已签收订单", "Listed delivered orders"],
  action_choices_open_orders: ["列出未完成订单", "Listed open orders"],
  action_choices_orders: ["列出订单", "Listed orders"],
  action_choices_parcels: ["列出包裹", "Listed parcels"],
  action_choices_refund_orders: ["列出有退款的订单", "Listed orders with refunds"],
  action_choices_return_lines: ["列出可退商品", "Listed what can come back"],
  action_choices_return_quantity: ["列出可退数量", "Listed how many can come back"],
  action_choices_travelling_orders: ["列出在途订单", "Listed orders on their way"],
  action_choices_unfinished_orders: ["列出进行中的订单", "Listed orders in progress"],
  action_choices_unpaid_orders: ["列出待付款订单", "Listed unpaid orders"],
  action_prepare_return: ["准备退货", "Prepared a return"],
  action_commit_return: ["提交退货", "Opened a return"],
  action_show_urged_order: ["查看所催订单", "Looked up the urged order"],
  action_take_return_line: ["逐件处理退货", "Went through the returned goods"],
  action_answer_payment_methods: ["说明支付方式", "Told the ways to pay"],
  action_answer_return_policy: ["说明退货规则", "Explained returns"],
  action_check_address: ["核对地址", "Checked the address"],
  action_check_addresses: ["核对多个订单的新地址", "Checked several new addresses"],
  action_show_destination: ["查询寄到哪里", "Looked up where it goes"],
  action_check_addressable: ["核对能否改地址", "Checked whether the address can change"],
  action_check_cancel_order: ["核对能否取消", "Checked whether it can be cancelled"],
  action_check_cancel_lines: ["核对取消商品", "Checked what is cancelled"],
  action_check_exchange_tender: ["核对差价支付方式", "Checked what pays the difference"],
  action_check_handover: ["核对寄回方式", "Checked how it comes back"],
  action_check_invoice: ["核对发票内容", "Checked the invoice"],
  action_check_photos: ["收照片", "Asked for photos"],
  action_answer_hours: ["说明服务时间", "Told when people are there"],
  action_check_address_order: ["核对要改地址的订单", "Checked the order that goes elsewhere"],
  action_check_addressables: ["核对多个订单能否改地址", "Checked whether several addresses can change"],
  action_check_changed_order: ["核对要改的订单", "Checked the order to change"],
  action_check_invoiced_order: ["核对要开票的订单", "Checked the order to invoice"],
  action_check_proof: ["核对身份强度", "Checked how strongly it is proven who it is"],
  action_commit_addresses: ["改多个订单的地址", "Changed several addresses"],
  action_leave_for_person: ["留给人工", "Left an order for a person"],
  action_prepare_addresses: ["准备改多个地址", "Prepared several new addresses"],
  action_show_orders: ["查询多个订单", "Looked up several orders"],
  action_check_refund_order: ["核对退款订单", "Checked the order to refund"],
  action_check_refund_to: ["核对退款去向", "Checked where the money goes"],
  action_check_tax_number: ["核对税号", "Checked the tax number"],
  action_check_tender: ["核对支付方式", "Checked the way to pay"],
  action_check_variant: ["核对款式", "Checked the variant"],
  action_commit_account_step: ["处理账号", "Changed the account"],
  action_commit_address: ["改地址", "Changed the address"],
  action_commit_cancellation: ["取消订单", "Cancelled the order"],
  action_commit_cancellations: ["取消多个订单", "Cancelled several orders"],
  action_commit_claim: ["提交价保申请", "Claimed a fallen price"],
  action_commit_complaint: ["登记投诉", "Filed a complaint"],
  action_commit_exchange: ["提交换货", "Opened an exchange"],
  action_commit_intercept: ["拦截包裹", "Called parcels back"],
  action_commit_invoice: ["处理发票", "Settled an invoice"],
  action_commit_modification: ["修改订单", "Changed the order"],
  action_commit_packing: ["备注打包方式", "Noted how to pack"],
  action_commit_urge: ["催单", "Hurried the order"],
  action_commit_urges: ["催多个订单", "Hurried several orders"],
  action_complete_return: ["补全退货", "Completed a return"],
  action_escalate_order: ["加急上报", "Escalated the order"],
  action_keep_feedback: ["记录反馈", "Kept the feedback"],
  action_prepare_account_step: ["准备账号变更", "Prepared a change of the account"],
  action_prepare_address: ["准备改地址", "Prepared a new address"],
  action_prepare_cancellation: ["准备取消", "Prepared a cancellation"],
  action_prepare_cancellations: ["准备取消多个订单", "Prepared cancellations"],
  action_prepare_claim: ["核算价保", "Worked out a fallen price"],
  action_prepare_complaint: ["准备投诉单", "Prepared a complaint"],
  action_prepare_exchange: ["准备换货", "Prepared an exchange"],
  action_prepare_intercept: ["准备拦截", "Prepared to call parcels back"],
  action_prepare_invoice: ["准备发票", "Prepared an invoice"],
  action_prepare_modification: ["准备修改订单", "Prepared a change"],
  action_prepare_packing: ["准备打包备注", "Prepared a note on packing"],
  action_prepare_urge: ["准备催单", "Prepared to hurry it"],
  action_prepare_urges: ["准备催多个订单", "Prepared to hurry several"],
  action_recommend: ["推荐商品", "Recommended products"],
  action_show_cart: ["查看购物车", "Showed the cart"],
  action_show_coupons: ["查询优惠券", "Looked up coupons"],
  action_show_refund_state: ["查询退款进度", "Looked up the refund"],
  action_show_sign_in: ["说明登录", "Explained signing in"],
  action_stop_news: ["退订通知", "Stopped notifications"],
  action_tell_other_product: ["说明换别的商品", "Told how another product works"],
  action_check_cart_variant: ["核对想买的款式", "Checked the variant to buy"],
  action_check_companion: ["核对一起发的订单", "Checked the order to send with it"],
  action_check_invoice_part: ["核对开票范围", "Checked what the invoice is for"],
  action_check_invoice_title: ["核对抬头", "Checked the title"],
  action_check_modify_line: ["核对要改的商品", "Checked what to change"],
  action_check_modify_variant: ["核对要改的款式", "Checked the new variant"],
  action_check_rest_of_address: ["补全地址", "Completed the address"],
  action_check_slot_day: ["核对配送日期", "Checked the day of delivery"],
  action_check_slot_hours: ["核对配送时段", "Checked the hours of delivery"],
  action_wish_news: ["订阅通知", "Noted a wish for news"],
};

const OUTCOMES = {
  ok: ["成功", "done", "good"],
  shown: ["已告知", "told", "good"],
  answered: ["已回答", "answered", "good"],
  done: ["已完成", "done", "good"],
  known: ["已了解", "known", "good"],
  unknown: ["不清楚", "unclear", "warn"],
  invalid: ["无效", "invalid", "warn"],
  mismatch: ["不匹配", "no match", "warn"],
  locked: ["尝试过多", "locked", "bad"],
  refused: ["规则不允许", "refused by a rule", "warn"],
  none: ["没有结果", "nothing found", "warn"],
  no_orders: ["没有订单", "no orders", "warn"],
  not_found: ["未找到", "not found", "warn"],
  late: ["已超时", "overdue", "warn"],
  too_late: ["严重超时", "far too late", "bad"],
  verified: ["已核对", "verified", "good"],
  proof: ["等待核对资料", "asked for proof", "calm"],
  order: ["等待手机尾号", "asked for the phone", "calm"],
  several: ["有多个可选", "several to choose from", "calm"],
  shipped: ["已发货", "shipped", "good"],
  unsent: ["尚未发货", "not sent yet", "calm"],
  untracked: ["暂无物流", "no scans yet", "warn"],
  in_time: ["未超时", "in time", "good"],
  ready: ["已准备", "ready", "good"],
  missing: ["未收到", "missing", "warn"],
  again: ["需要重新确认", "to be confirmed again", "warn"],
  more: ["还有下一件", "more to go", "calm"],
  ask: ["需要询问", "had to ask", "calm"],
  person: ["需要人工", "needs a person", "warn"],
  busy: ["正在处理", "under way", "calm"],
  refused_order: ["整单不可退", "order refused by a rule", "warn"],
  failed_refund: ["退款失败", "refund failed", "bad"],
  failed: ["失败", "failed", "bad"],
  backend_down: ["系统不可用", "system down", "bad"],
  told: ["已告知", "told", "good"],
  waits: ["等待审核", "awaits approval", "warn"],
  changed: ["内容有变", "changed", "calm"],
  noted: ["已记录", "noted", "good"],
  stopped: ["已停止", "stopped", "calm"],
  happened: ["已发生", "has happened", "calm"],
  sent: ["已发出", "sent", "warn"],
  delivered: ["已签收", "delivered", "calm"],
  arrived: ["已签收", "arrived", "calm"],
  packing: ["打包中", "being packed", "warn"],
  limit: ["次数已满", "limit reached", "warn"],
  asked_already: ["已经催过", "asked before", "calm"],
  sold_out: ["缺货", "sold out", "warn"],
  filed: ["已登记", "filed", "good"],
  nothing: ["没有可办的", "nothing to do", "warn"],
  empty: ["是空的", "empty", "calm"],
  gone: ["已不可用", "gone", "warn"],
  same: ["没有变化", "no change", "calm"],
  no_way: ["无法核对", "no way to verify", "warn"],
  no_pick_up: ["不能上门取件", "no collection", "warn"],
  money: ["要补差价", "costs more", "calm"],
  unhappy: ["不满意", "unhappy", "warn"],
  progress: ["正在办理", "under way", "calm"],
  payment: ["付款问题", "a matter of payment", "calm"],
  refund: ["退款问题", "a matter of refund", "calm"],
};

const LEVELS = {
  regular: ["普通会员", "Regular"],
  silver: ["银卡会员", "Silver"],
  gold: ["金卡会员", "Gold"],
};

const NEWS = {
  shipped: ["发货", "sending"],
  out_for_delivery: ["派送", "delivery under way"],
  delivered: ["签收", "arrival"],
  stuck: ["物流停滞", "a parcel that is stuck"],
  customs: ["清关", "customs"],
  returned: ["退回", "a parcel that goes back"],
  refund_arrived: ["退款到账", "refund"],
  price_protection: ["价保结果", "price protection"],
};

// Those of the rules that come along; a shop's own are shown by their names.
const SKILLS = {
  after_sales: ["售后", "after-sales"],
  payments: ["支付", "payments"],
};

const CHOICES = { send_back: ["退货退款", "Send it back for a refund"], refund_only: ["只退款", "A refund alone"], replace: ["换一件新的", "A replacement"], resend: ["补发", "Send it again"], return: ["退货", "A return"], exchange: ["换货", "An exchange"], refund: ["退款", "A refund"] };

const VALUES = {
  order_number: ["订单号", "Order"], tracking_number: ["运单号", "Tracking no."], phone: ["手机", "Phone"],
  email: ["邮箱", "E-mail"], reason: ["原因", "Reason"], product: ["商品", "Product"], amount: ["金额", "Amount"],
  topic: ["主题", "Topic"], order_status: ["订单状态", "Order status"], quantity: ["数量", "Quantity"], date: ["日期", "Date"],
  cancel_reason: ["取消原因", "Why it is cancelled"], wish: ["希望", "Wants"], refund_wanted: ["希望", "Wants"], handover: ["怎么寄回", "How it comes back"], refund_to: ["退款退到", "Money goes to"],
  wanted_product: ["想买", "Looks for"], new_address: ["新地址", "New address"], slot_day: ["配送日期", "Day of delivery"], slot_hours: ["配送时段", "Hours of delivery"],
  invoice_kind: ["抬头类型", "Invoice for"], invoice_title: ["发票抬头", "Invoice title"], invoice_email: ["发票邮箱", "Invoice mailbox"], story: ["经过", "What happened"],
};

const pick = (table) => (value, language) => {
  const found = table[value];
  const text = found ? found[language === "en" ? 1 : 0] : String(value ?? "").replace(/^action_/, "").replaceAll("_", " ");
  return [text, found?.[2] ?? ""];
};

export const reason = pick(REASONS);
export const status = pick(STATUSES);
export const channel = pick(CHANNELS);
export const proof = pick(PROOFS);
/* Null for a step that is the assistant's own business, and for an outcome that says nothing to a person. */
export const action = (value, language) => (Object.hasOwn(ACTIONS, value) ? pick(ACTIONS)(value, language) : null);
export const outcome = (value, language) => (Object.hasOwn(OUTCOMES, value) ? pick(OUTCOMES)(value, language) : null);
export const valueName = pick(VALUES);
/* What was chosen, in words; whatever else was said stays as it was said. */
export const choiceName = (value, language) => (Object.hasOwn(CHOICES, value) ? [CHOICES[value][language === "en" ? 1 : 0], ""] : orderChoice(value, language) ?? [String(value), ""]);
/* Of what the assistant has noted, what means something to people. */
export const isTold = (name) => Object.hasOwn(VALUES, name);
export const level = pick(LEVELS);
export const newsKind = pick(NEWS);
export const skill = pick(SKILLS);

export const WORDS = {
  zh: {
    title: "客服工作台", signIn: "登录", login: "账号", password: "密码", signingIn: "正在登录…",
    switchLanguage: "Switch to English", otherLanguage: "EN", signOut: "退出登录", keys: "键盘快捷键",
    theme: { auto: "外观：跟随系统", light: "外观：浅色", dark: "外观：深色" },
    role: { agent: "客服", supervisor: "主管" },
    connecting: "正在连接…", online: "已连接", offline: "连接已断开，正在重连…",
    queue: "排队中", mine: "我的会话", others: "同事的会话", lists: "会话列表",
    nobodyWaits: "没有顾客在排队", noneMine: "还没有接待中的会话", noneOthers: "同事手上没有会话",
    chooseOne: "从左侧选择一个会话", chooseHint: "按 N 接入排队最久的顾客，按 ? 查看全部快捷键。",
    waited: (time) => `已等 ${time}`, priority: "优先", needsReply: "待回复", quoted: (who, text) => `${who}：${text}`, picture: "[图片]",
    anonymous: (id) => `访客 ${id}`, transcript: "聊天记录", earlier: "加载更早的消息", composer: "回复顾客",
    placeholder: "输入回复，Enter 发送，Shift+Enter 换行", send: "发送", take: "接入", pull: "接管", handBack: "交回助手", close: "结束会话",
    takeTo: "接入后即可回复", withBot: "助手正在接待，接入后助手不再回复", heldBy: (name) => `${name} 正在接待`,
    closed: "会话已结束；顾客再次发言时由助手接待", left: (n) => `还可输入 ${n} 字`, over: (n) => `超出 ${n} 字`,
    author: { shopper: "顾客", bot: "助手", system: "系统", agent: "客服" }, you: "我",
    sending: "发送中", sent: "已发送", failed: "未发送", retry: "重试", discard: "放弃",
    facts: "顾客与订单", toList: "返回列表", customer: "顾客", verified: "已验证", notVerified: "尚未验证身份", notVerifiedMore: "涉及订单的信息请先核实身份。",
    proof: "验证方式", level: "会员等级", since: "注册时间", news: "要收的通知", everyOrder: "所有订单", consents: "订阅消息授权", consent: (kinds, what) => `${kinds}（${what}）`, consentRefused: "已拒绝", consentLeft: (left) => (left ? `还可发 ${left} 条` : "已用完"), phone: "手机", email: "邮箱", language: "语言", languages: { zh: "中文", en: "英语" },
    handoff: "转人工", why: "原因", when: "时间", wants: "想办的事", said: (text) => `原话：“${text}”`, tried: "助手做过什么", triedNothing: "助手还没有查询过任何信息", nextStep: "下一步", doIt: "打开", mood: "情绪", missing: "还缺", lookedUp: "查到什么", because: "起因", writesIn: "使用语言", lastWords: "最后一句", separator: "、", semicolon: "；",
    orders: "近期订单", noOrders: "没有订单", mentioned: "聊到的", loading: "正在加载…", factsFailed: "商城系统暂时不可用", again: "重新加载",
    placed: "下单", total: "合计", tracking: "运单号", copy: (what) => `复制 ${what}`, copied: (what) => `已复制 ${what}`,
    handBackAsk: "把会话交回助手？", handBackMore: "之后由助手继续接待，顾客会看到提示。", handBackNote: "给同事的备注（顾客看不到）", agreed: "与顾客约定了什么（告诉顾客，助手也会记住）", agreedBefore: "此前约定", agreedOrder: "关于哪个订单", noOrder: "不针对某个订单",
    closeAsk: "结束这个会话？", closeMore: "顾客会看到会话已结束；再次发言会重新由助手接待。", pullAsk: (name) => `从${name}手上接管？`,
    pullMore: "对方会立即失去这个会话。", cancel: "取消", dialogClose: "关闭",
    today: "今天", yesterday: "昨天",
    took: (name) => `${name} 已先接入`, movedTo: { bot: "会话已由助手接待", queue: "会话已回到排队", closed: "会话已结束", agent: (name) => `会话已由 ${name} 接待` },
    newWaiting: (n) => `${n} 位顾客在排队`, nobodyNext: "没有顾客在排队",
    errors: {
      bad_credentials: "账号或密码不正确。", too_many_attempts: (error) => `尝试次数过多，请 ${error.retry_after} 秒后再试。`,
      no_session: "登录已过期，请重新登录。", not_allowed: "您没有权限进行此操作。", no_such_conversation: "找不到这个会话。",
      too_long: "内容太长。", empty: "内容为空。", network: "网络不通，请检查连接。", internal: "服务器出错，请稍后再试。",
    },
    keysList: [["J / K", "下一个 / 上一个会话"], ["N", "接入排队第一位"], ["T", "接入当前会话"], ["R", "写回复"], ["B", "交回助手"], ["X", "结束会话"], ["Esc", "离开输入框"], ["?", "显示快捷键"]],
    second: "秒", minute: "分", hour: "小时", day: "天",
  },
  en: {
    title: "Desk", signIn: "Sign in", login: "Login", password: "Password", signingIn: "Signing in…",
    switchLanguage: "切换到中文", otherLanguage: "中文", signOut: "Sign out", keys: "Keyboard shortcuts",
    theme: { auto: "Appearance: as the system", light: "Appearance: light", dark: "Appearance: dark" },
    role: { agent: "Agent", supervisor: "Supervisor" },
    connecting: "Connecting…", online: "Connected", offline: "Connection lost. Reconnecting…",
    queue: "Waiting", mine: "Mine", others: "Colleagues", lists: "Conversations",
    nobodyWaits: "Nobody is waiting", noneMine: "You hold no conversation", noneOthers: "Your colleagues hold none",
    chooseOne: "Choose a conversation", chooseHint: "Press N to take whoever is first in line, ? for all shortcuts.",
    waited: (time) => `waiting ${time}`, priority: "Priority", needsReply: "Needs reply", quoted: (who, text) => `${who}: ${text}`, picture: "[picture]",
    anonymous: (id) => `Visitor ${id}`, transcript: "Transcript", earlier: "Load earlier messages", composer: "Reply to the shopper",
    placeholder: "Write a reply. Enter sends, Shift+Enter starts a line", send: "Send", take: "Take", pull: "Take over", handBack: "Back to assistant", close: "Close",
    takeTo: "Take it to reply", withBot: "The assistant is talking; it goes quiet once you take over", heldBy: (name) => `${name} is helping`,
    closed: "Closed; the assistant answers if the shopper writes again", left: (n) => `${n} characters left`, over: (n) => `${n} characters too many`,
    author: { shopper: "Shopper", bot: "Assistant", system: "System", agent: "Agent" }, you: "You",
    sending: "Sending", sent: "Sent", failed: "Not sent", retry: "Retry", discard: "Discard",
    facts: "Shopper and orders", toList: "To the list", customer: "Customer", verified: "Verified", notVerified: "Not verified yet", notVerifiedMore: "Verify who it is before you speak about orders.",
    proof: "Proved by", level: "Level", since: "Customer since", news: "Wants news of", everyOrder: "every order", consents: "Allows messages of", consent: (kinds, what) => `${kinds} (${what})`, consentRefused: "refused", consentLeft: (left) => (left ? `${left} left` : "used up"), phone: "Phone", email: "E-mail", language: "Language", languages: { zh: "Chinese", en: "English" },
    handoff: "Handed over", why: "Reason", when: "When", wants: "What they want", said: (text) => `In their words: “${text}”`, tried: "What the assistant did", triedNothing: "The assistant has not looked anything up", nextStep: "Next step", doIt: "Open", mood: "Mood", missing: "Still missing", lookedUp: "What was found", because: "Because of", writesIn: "Writes in", lastWords: "Last words", separator: ", ", semicolon: "; ",
    orders: "Recent orders", noOrders: "No orders", mentioned: "Mentioned", loading: "Loading…", factsFailed: "The shop's system cannot be reached", again: "Load again",
    placed: "Ordered", total: "Total", tracking: "Tracking no.", copy: (what) => `Copy ${what}`, copied: (what) => `Copied ${what}`,
    handBackAsk: "Give it back to the assistant?", handBackMore: "The assistant goes on from here, and the shopper is told.", handBackNote: "A note for colleagues (the shopper never sees it)", agreed: "What was agreed (told the shopper, and the assistant keeps it in mind)", agreedBefore: "Agreed before", agreedOrder: "About which order", noOrder: "No order in particular",
    closeAsk: "Close this conversation?", closeMore: "The shopper sees that it is closed; writing again brings back the assistant.", pullAsk: (name) => `Take over from ${name}?`,
    pullMore: "They lose the conversation at once.", cancel: "Cancel", dialogClose: "Close",
    today: "Today", yesterday: "Yesterday",
    took: (name) => `${name} was first and has it now`, movedTo: { bot: "The assistant has it now", queue: "It is back in the queue", closed: "It has been closed", agent: (name) => `${name} has it now` },
    newWaiting: (n) => `${n} waiting`, nobodyNext: "Nobody is waiting",
    errors: {
      bad_credentials: "Login or password is wrong.", too_many_attempts: (error) => `Too many attempts. Try again in ${error.retry_after} s.`,
      no_session: "Your session has ended. Please sign in again.", not_allowed: "You may not do that.", no_such_conversation: "There is no such conversation.",
      too_long: "That is too long.", empty: "There is nothing to send.", network: "The network is down. Check your connection.", internal: "Something went wrong on the server. Try again in a moment.",
    },
    keysList: [["J / K", "Next / previous conversation"], ["N", "Take the first in line"], ["T", "Take this conversation"], ["R", "Write a reply"], ["B", "Back to the assistant"], ["X", "Close"], ["Esc", "Leave the reply"], ["?", "Show shortcuts"]],
    second: "s", minute: "min", hour: "h", day: "d",
  },
};

for (const language of ["zh", "en"]) {
  const { workErrors, workKeys, ...work } = WORK[language];
  const { reportErrors, ...reports } = REPORTS[language];
  for (const more of [reports, work, ORDERS[language], RULES[language]]) {
    const twice = Object.keys(more).filter((name) => name in WORDS[language]);
    if (twice.length) throw new Error(`two meanings of ${twice}`);
    Object.assign(WORDS[language], more);
  }
  Object.assign(WORDS[language].errors, workErrors, reportErrors);
  const keys = WORDS[language].keysList;
  keys.splice(keys.length - 2, 0, ...workKeys);
}

/* A length of time in its two largest units; `brief`: in the largest alone from ten of it on. */
export function duration(milliseconds, say, brief = false) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [
    [Math.floor(seconds / 86400), say.day],
    [Math.floor(seconds / 3600) % 24, say.hour],
    [Math.floor(seconds / 60) % 60, say.minute],
    [seconds % 60, say.second],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return `0 ${say.second}`;
  const many = brief && parts[first][0] >= 10;
  return parts.slice(first, first + (many ? 1 : 2)).filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`).join(" ");
}
