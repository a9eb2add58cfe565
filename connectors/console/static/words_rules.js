/* The words of the forms in which supervisors change the rules: one for each rule. */

export const RULES = {
  zh: {
    queueForm: "排队规则", queueHint: "只放入改过的项；放入后请在下面保存。", rulesPut: "已放入下面的规则，请保存", unknownRule: (name) => `规则 ${name}`, noChoice: { hours: "全天有人", calendar: "同排队规则" }, pairsHint: "每行一条，如 {}", namesHint: "用逗号分开",
    promisesForm: "服务时效（SLA）", promisesHint: "从上到下，第一条适用的承诺算数；现成的平台标准排在最后。时间按日历里的上班时间算。", policyNumber: (n) => `第 ${n} 条承诺`, policyAdd: "添加承诺", policyUp: "上移", policyDown: "下移", policyRemove: "删除这条承诺",
    ruleChoices: { offer: "询问最合适的客服", direct: "直接分给最合适的客服", manual: "客服自己选", reply_within_3_minutes: "三分钟回复", reply_within_5_minutes: "五分钟回复", reply_within_30_seconds: "三十秒回复" },
    policyRules: {
      name: "名称", calendar: "按哪个日历计时", first_response_minutes: "首次响应（分钟）", next_response_minutes: "后续响应（分钟）", resolution_minutes: "解决（分钟）", channels: "只限渠道", skills: "只限技能", customer_groups: "只限顾客等级", priority_from: "优先级不低于", pause_while_waiting_for_shopper: "等顾客时解决时限暂停",
    },
    slaRules: {
      standards: "现成的平台标准", raise_priority: "时限过几成时提高优先级（0 到 1）", requeue: "过几成时另找客服", tell_supervisor: "过几成时通知主管",
    },
    queueRules: {
      hours: "有客服的时间（日历）", assignment: "分配方式", offer_seconds: "询问客服后等多少秒", missed_offers: "连续几次无应答算离开", grace_seconds: "客服断线后保留多少秒", last_agent_hours: "多少小时内回来找原客服",
      overflow_minutes: "等多少分钟后不限技能", ageing_minutes: "一级优先等于多少分钟等待", highest_priority: "最高优先级", capacity: "每人同时接待几个", weights: "各渠道一个会话算几个", skills: "哪类事要哪种技能",
      vip_groups: "重要客户的等级", vip_priority: "重要客户提高几级", mood_priority: "着急或生气的顾客至少几级", measured_hours: "按最近多少小时估计等待", assumed_handling_minutes: "数据不足时按每个会话多少分钟算", tell_every_minutes: "超时后最多每多少分钟告知一次",
    },
  },
  en: {
    queueForm: "Rules of the queue", queueHint: "Only what you change is put in; save it below.", rulesPut: "It is in the rules below: save them", unknownRule: (name) => `Rule ${name}`, noChoice: { hours: "Around the clock", calendar: "As for the queue" }, pairsHint: "One a line, like {}", namesHint: "Between commas",
    promisesForm: "Promises about time (SLA)", promisesHint: "The first promise that fits counts, from the top; ready ones of platforms come last. Minutes are open minutes of the calendar.", policyNumber: (n) => `Promise ${n}`, policyAdd: "Add a promise", policyUp: "Move up", policyDown: "Move down", policyRemove: "Remove this promise",
    ruleChoices: { offer: "The best agent is asked", direct: "The best agent gets it at once", manual: "Agents choose", reply_within_3_minutes: "A reply within three minutes", reply_within_5_minutes: "A reply within five minutes", reply_within_30_seconds: "A reply within thirty seconds" },
    policyRules: {
      name: "Name", calendar: "Calendar that counts the minutes", first_response_minutes: "First response (minutes)", next_response_minutes: "Next response (minutes)", resolution_minutes: "Resolution (minutes)", channels: "Only these channels", skills: "Only these skills", customer_groups: "Only these customer levels", priority_from: "From this priority on", pause_while_waiting_for_shopper: "The resolution clock rests while we wait for the shopper",
    },
    slaRules: {
      standards: "Ready promises of platforms", raise_priority: "Share of the time after which priority rises (0 to 1)", requeue: "Share after which somebody else is found", tell_supervisor: "Share after which supervisors are told",
    },
    queueRules: {
      hours: "When people are there (calendar)", assignment: "How agents are found", offer_seconds: "Seconds an agent is asked for", missed_offers: "Offers missed in a row that mean away", grace_seconds: "Seconds without connection before conversations return", last_agent_hours: "Hours in which a shopper meets the same agent",
      overflow_minutes: "Minutes of waiting until skills do not matter", ageing_minutes: "Minutes of waiting worth one level of priority", highest_priority: "Highest priority", capacity: "Conversations at once for each agent", weights: "How many a conversation of a channel counts for", skills: "Which request needs which skill",
      vip_groups: "Levels of important customers", vip_priority: "Levels that important customers gain", mood_priority: "Least level of whoever is in a hurry or angry", measured_hours: "Hours from which the wait is reckoned", assumed_handling_minutes: "Minutes for each conversation until enough are measured", tell_every_minutes: "Minutes between two admissions of a longer wait",
    },
  },
};
