/* What supervisors' pages say, in both languages. */

import { refusal } from "./words_orders.js";

export const REPORTS = {
  zh: {
    from: "从", to: "到", ranges: { 7: "近 7 天", 30: "近 30 天", 90: "近 90 天", 365: "近一年" }, by: "按", dimensions: { channel: "渠道", journey: "诉求", agent: "客服", hour: "时段" }, exportCsv: "导出 CSV", refresh: "刷新", show: "查看",
    volume: "会话量", outcomes: { confirmed: "确认解决", handed_off: "人工接待", silent: "无回应", came_back: "72 小时内再来", unsolved: "未解决", abandoned: "放弃排队" }, outcomesTitle: "会话结果", outcomesMore: "每个会话只计入一类；无回应不等于解决。括号内为 95% 置信区间。",
    csat: "满意度", csatOf: (n) => `${n} 份评价`, slaRate: "时效达成", promiseRate: "排队承诺兑现", firstResponse: "首次响应", resolution: "解决时长", waitedTime: "排队等待", median: "中位数", p90: "90% 以内", noNumbers: "这段时间还没有结束的会话",
    perDay: "每天", perHour: "一天中的时段", perKey: (what) => `按${what}`, noAgent: "仅助手", topUnsolved: "最常未解决的诉求", ofAll: (n, all) => `${n} / ${all}`, share: "占比", leaderboard: "表扬榜", served: "接待", kindness: "态度亲切",
    praise: { csat: "满意度最高", kind: "最亲切", confirmed: "解决最多", fast: "响应最快" },
    journeys: { order_status: "查询订单", track_shipment: "查询物流", return_request: "退货", refund_status: "查询退款", payment_failed: "付款问题", question: "一般咨询", other: "其他", service_requests: "售后服务", urge: "催单", cancel_order: "取消订单" },
    wallNow: "此刻", waitingNow: "排队人数", longestWait: "最长等待", agentsHere: "在岗客服", atRisk: "时效风险", nobody: "没有", state: { online: "在岗", away: "小休", offline: "离岗" }, gone: "连接断开", load: "负载", position: "位置", customerCol: "顾客", metric: { first_response: "首次响应", next_response: "后续响应", resolution: "解决" }, dueAt: "到期", breached: "已超时", risk: "将超时", assignTo: "分配给", assigned: "已分配",
    sampleNew: "换一批", sampleHint: "同一批号总是抽出同样的会话。", seed: "批号", criteria: { greeting: "问候得体", understanding: "理解诉求", correctness: "答复正确", tone: "语气友好", ownership: "负责到底", closing: "收尾完整" }, marks: ["没做到", "部分做到", "做到了"], scoreIt: "提交评分", scored: "已评分", scoreSheet: "评分表", comment: "评语", sampleNone: "没有可抽查的会话", recentScores: "最近的评分", points: (n, most) => `${n} / ${most} 分`, by_: (name) => `评分人 ${name}`, outcome: "结果",
    addAgent: "添加客服", loginCol: "账号", nameCol: "姓名", roleCol: "角色", teamCol: "小组", active: "在职", hasLeft: "已离职", firstPassword: "初始密码（至少 8 位）", saved: "已保存",
    rulesHint: "日历、服务时效与排队规则。保存后几秒内生效；每个版本都会保留。", checkRules: "检查", rulesGood: "规则有效", versions: "历史版本", version: (n) => `版本 ${n}`, restore: "载入此版本", whyChange: "修改说明", noVersions: "还没有改动，正在使用 kefu.yml 的规则",
    when: "时间", who: "操作人", deed: "操作", subject: "对象", detail: "详情", system: "系统", olderLines: "更早的记录", anyDeed: "全部操作",
    deeds: { signed_in: "登录", password_changed: "修改密码", agent_added: "添加客服", agent_changed: "修改客服", taken_by_force: "接管会话", transferred: "转接会话", merged: "合并会话", canned_changed: "修改快捷回复", rules_changed: "修改规则", exported: "导出数据", scored: "质检评分", order_changed: "操作订单" },
    offerTitle: "有会话分配给您", accept: "接入", decline: "不接", presenceLabel: "在岗状态",
    backTo: (tender, amount, days) => `${tender} 退回 ${amount}，约 ${days} 天`, needsApproval: "金额较大，提交后需主管审批。", validUntil: (when) => `预览有效至 ${when}`,
    verbs: "订单操作", prepare: "预览", confirmIt: "确认执行", expired: "预览已过期，请重新预览", doneIt: "已执行", refusedIt: "不能执行", reasonLabel: "原因", exchangeFor: "换成", replaces: (number) => `将替换发票 ${number}`, reverses: (number) => `将红冲发票 ${number}，不可撤销`,
    reportErrors: { refused: (error) => `不能执行：${refusal(error.why, "zh")[0]}`, no_such_order: "找不到这个订单。", not_verified: "请先核实顾客身份。", login_taken: "这个账号已有人使用。", password_too_short: "密码至少 8 位。", bad_rules: (error) => `规则有误：${error.why}` },
  },
  en: {
    from: "From", to: "To", ranges: { 7: "Last 7 days", 30: "Last 30 days", 90: "Last 90 days", 365: "Last year" }, by: "By", dimensions: { channel: "Channel", journey: "Request", agent: "Agent", hour: "Hour" }, exportCsv: "Export CSV", refresh: "Refresh", show: "Show",
    volume: "Conversations", outcomes: { confirmed: "Confirmed solved", handed_off: "Served by a person", silent: "Silent", came_back: "Back within 72 h", unsolved: "Not solved", abandoned: "Left the queue" }, outcomesTitle: "What became of them", outcomesMore: "Each conversation counts once; silence is never “solved”. In brackets the 95 % confidence interval.",
    csat: "Satisfaction", csatOf: (n) => `${n} ratings`, slaRate: "SLA kept", promiseRate: "Queue promises kept", firstResponse: "First response", resolution: "Resolution", waitedTime: "Wait in the queue", median: "median", p90: "90 % within", noNumbers: "No conversation has ended in this time",
    perDay: "By day", perHour: "By hour of day", perKey: (what) => `By ${what.toLowerCase()}`, noAgent: "Assistant alone", topUnsolved: "Requests most often unsolved", ofAll: (n, all) => `${n} of ${all}`, share: "Share", leaderboard: "Reasons to praise", served: "Served", kindness: "Called kind",
    praise: { csat: "Best rated", kind: "Kindest", confirmed: "Most solved", fast: "Fastest" },
    journeys: { order_status: "Order status", track_shipment: "Tracking", return_request: "Return", refund_status: "Refund status", payment_failed: "Payment", question: "Question", other: "Other", service_requests: "After-sales", urge: "Urging", cancel_order: "Cancellation" },
    wallNow: "Right now", waitingNow: "Waiting", longestWait: "Longest wait", agentsHere: "Agents here", atRisk: "SLA at risk", nobody: "None", state: { online: "Online", away: "Away", offline: "Offline" }, gone: "Connection lost", load: "Load", position: "Place", customerCol: "Customer", metric: { first_response: "First response", next_response: "Next response", resolution: "Resolution" }, dueAt: "Due", breached: "Late", risk: "At risk", assignTo: "Assign to", assigned: "Assigned",
    sampleNew: "Another sample", sampleHint: "The same number always draws the same conversations.", seed: "Sample no.", criteria: { greeting: "Greeting", understanding: "Understood the request", correctness: "Correct answer", tone: "Friendly tone", ownership: "Saw it through", closing: "Proper ending" }, marks: ["No", "Partly", "Yes"], scoreIt: "Save score", scored: "Scored", scoreSheet: "Score sheet", comment: "Comment", sampleNone: "Nothing to sample", recentScores: "Latest scores", points: (n, most) => `${n} of ${most}`, by_: (name) => `by ${name}`, outcome: "Outcome",
    addAgent: "Add an agent", loginCol: "Login", nameCol: "Name", roleCol: "Role", teamCol: "Team", active: "Works here", hasLeft: "Has left", firstPassword: "First password (8 characters or more)", saved: "Saved",
    rulesHint: "Calendars, promises and the queue. A saved version counts within seconds; every version is kept.", checkRules: "Check", rulesGood: "The rules are fine", versions: "History", version: (n) => `Version ${n}`, restore: "Load this version", whyChange: "Why", noVersions: "Nothing changed yet: the rules of kefu.yml count",
    when: "When", who: "Who", deed: "What", subject: "Subject", detail: "Details", system: "System", olderLines: "Older", anyDeed: "Everything",
    deeds: { signed_in: "Signed in", password_changed: "Changed password", agent_added: "Added an agent", agent_changed: "Changed an agent", taken_by_force: "Took over", transferred: "Transferred", merged: "Merged", canned_changed: "Changed a reply", rules_changed: "Changed rules", exported: "Exported", scored: "Scored", order_changed: "Changed an order" },
    offerTitle: "A conversation for you", accept: "Accept", decline: "Not now", presenceLabel: "Presence",
    backTo: (tender, amount, days) => `${amount} back to ${tender}, about ${days} days`, needsApproval: "A large amount: a supervisor approves it afterwards.", validUntil: (when) => `The preview holds until ${when}`,
    verbs: "Do for the order", prepare: "Preview", confirmIt: "Confirm", expired: "The preview has expired; preview again", doneIt: "Done", refusedIt: "Not possible", reasonLabel: "Reason", exchangeFor: "In exchange for", replaces: (number) => `Replaces invoice ${number}`, reverses: (number) => `A red-letter invoice takes ${number} back; that cannot be undone`,
    reportErrors: { refused: (error) => `Not possible: ${refusal(error.why, "en")[0]}`, no_such_order: "There is no such order.", not_verified: "Verify the customer first.", login_taken: "Somebody has this login.", password_too_short: "A password has 8 characters or more.", bad_rules: (error) => `The rules are wrong: ${error.why}` },
  },
};
