/* Whether the agent is on duty, and what calls them: offers, and alarms if they supervise. */

import { chime, notify } from "./alerts.js";
import { ask } from "./api.js";
import { h, toast } from "./dom.js";
import { nameOf, tick } from "./lists.js";
import { reason } from "./words.js";

// So many alarms are told one by one.
const SHOWN_ALARMS = 3;

export class Duty {
  state = { presence: null, offers: [], alarms: [] };

  constructor(app) {
    this.app = app;
    this.select = h("select", { class: "duty", onchange: () => this.change(this.select.value) });
    this.calls = h("section", { class: "calls", hidden: true, role: "alert" });
  }

  /* One fetch after the other, or an older answer might take the place of a newer one. */
  async load() {
    this.again = Boolean(this.loading);
    this.loading ??= this.app.attempt(async () => {
      do {
        this.again = false;
        this.show(await ask("/duty"));
      } while (this.again);
    });
    try {
      await this.loading;
    } finally {
      this.loading = null;
    }
  }

  show(state) {
    const known = new Set([...this.state.offers.map((offer) => offer.conversation.id), ...this.state.alarms.map((alarm) => alarm.id)]);
    const wasAway = this.letPass > 0;
    this.state = state;
    const offers = state.offers.filter((offer) => !known.has(offer.conversation.id));
    const alarms = state.alarms.filter((alarm) => !known.has(alarm.id));
    if (offers.length || alarms.length || (this.letPass && !wasAway)) chime();
    if (offers.length) notify(this.app.say.offerTitle, nameOf(offers[0].conversation, this.app.say), "offer");
    if (alarms.length) this.alarm(alarms);
    this.draw();
  }

  /* How many offers the agent let pass until the desk took them to be away; 0 if it did not. */
  get letPass() {
    const { presence } = this.state;
    return presence?.state === "away" ? presence.missed_offers : 0;
  }

  /* A promise is about to be broken, or is: whoever supervises hears of it wherever they are. */
  alarm(fresh) {
    const { say } = this.app;
    const [newest] = fresh;
    const text = fresh.length > 1 ? say.alarms(fresh.length) : `${metricOf(newest, say)} · ${nameOf(newest.conversation, say)}`;
    toast(`${say.alarmTitle}: ${text}`, "warn");
    notify(say.alarmTitle, text, "alarm", () => this.app.showConversation(newest.conversation.id));
  }

  async change(state) {
    await this.app.attempt(() => ask("/presence", { state }));
    await this.load();
  }

  draw() {
    const { say, language } = this.app;
    this.select.setAttribute("aria-label", say.presenceLabel);
    this.select.replaceChildren(...Object.entries(say.state).map(([value, text]) => h("option", { value }, text)));
    this.select.value = this.state.presence?.state ?? "offline";
    this.select.dataset.state = this.select.value;
    const { offers, alarms } = this.state;
    this.calls.hidden = !offers.length && !alarms.length && !this.letPass;
    this.calls.setAttribute("aria-label", [this.letPass && say.awayTitle, offers.length && say.offerTitle, alarms.length && say.alarmTitle].filter(Boolean).join(" · "));
    this.calls.replaceChildren(
      ...(this.letPass ? [this.drawAway()] : []),
      ...offers.map(({ conversation, until }) =>
        h(
          "div",
          { class: "call" },
          h("b", {}, say.offerTitle),
          h("p", {}, nameOf(conversation, say), conversation.handoff ? ` · ${reason(conversation.handoff.reason, language)[0]}` : ""),
          until ? h("span", { class: "due", "data-due": until }) : null,
          h("div", { class: "call-deeds" }, h("button", { class: "button small", type: "button", "aria-keyshortcuts": "W", title: `${say.decline} (W)`, onclick: () => this.decline(conversation) }, say.decline), h("button", { class: "button small primary", type: "button", "aria-keyshortcuts": "V", title: `${say.accept} (V)`, onclick: () => this.app.desk.deeds.take(conversation) }, say.accept)),
        ),
      ),
      ...alarms.slice(0, SHOWN_ALARMS).map((alarm) => this.drawAlarm(alarm)),
      ...(alarms.length > SHOWN_ALARMS ? [this.drawRest(alarms)] : []),
    );
    tick(this.calls, say);
  }

  drawAlarm(alarm) {
    const { say, language } = this.app;
    const { conversation } = alarm;
    const { owner, agent } = conversation;
    const isOpen = owner === "queue" || owner === "agent";
    const where = owner === "agent" ? say.heldBy(agent.name) : owner === "queue" ? say.queue : say.movedTo[owner];
    const at = new Date(alarm.at).toLocaleString(language, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
    return h(
      "div",
      { class: "call alarm" },
      h("b", {}, metricOf(alarm, say)),
      isOpen && alarm.due_at ? h("span", { class: "due", "data-due": alarm.due_at }) : h("span", { class: "due" }, at),
      h("p", {}, `${nameOf(conversation, say)} · ${where}`),
      h("div", { class: "call-deeds" }, h("button", { class: "button small", type: "button", onclick: () => this.see([alarm]) }, say.seenIt), h("button", { class: "button small primary", type: "button", onclick: () => this.app.showConversation(conversation.id) }, say.openIt)),
    );
  }

  /* Whoever does not know that nothing is offered any more would wait for nothing. */
  drawAway() {
    const { say } = this.app;
    const back = h("button", { class: "button small primary", type: "button", "aria-keyshortcuts": "V", title: `${say.backOnline} (V)`, onclick: () => this.change("online") }, say.backOnline);
    return h("div", { class: "call" }, h("b", {}, say.awayTitle), h("p", {}, say.awayMore(this.letPass)), h("div", { class: "call-deeds" }, back));
  }

  drawRest(alarms) {
    const { say } = this.app;
    return h("div", { class: "call alarm" }, h("p", {}, say.moreAlarms(alarms.length - SHOWN_ALARMS)), h("div", { class: "call-deeds" }, h("button", { class: "button small", type: "button", onclick: () => this.see(alarms) }, say.allSeen)));
  }

  tick() {
    tick(this.calls, this.app.say);
  }

  /* The first call by keyboard: an offer is taken, an alarm leads to its conversation, who was away is back. */
  answer() {
    const { offers: [offer], alarms: [alarm] } = this.state;
    if (offer) this.app.desk.deeds.take(offer.conversation);
    else if (alarm) this.app.showConversation(alarm.conversation.id);
    else if (this.letPass) this.change("online");
  }

  /* An offer is let pass, an alarm is known. */
  wave() {
    const { offers: [offer], alarms: [alarm] } = this.state;
    if (offer) this.decline(offer.conversation);
    else if (alarm) this.see([alarm]);
  }

  /* Whoever looks at a conversation has seen its alarms. */
  async opened(id) {
    const seen = this.state.alarms.filter((alarm) => alarm.conversation.id === id);
    if (seen.length) await this.see(seen);
  }

  async see(alarms) {
    await this.app.attempt(() => ask("/alarms/seen", { alarms: alarms.map((alarm) => alarm.id) }));
    await this.load();
  }

  async decline(conversation) {
    await this.app.attempt(() => ask(`/conversations/${conversation.id}/decline`, {}));
    await this.load();
  }
}

function metricOf(alarm, say) {
  return say.metric[alarm.metric] ?? alarm.metric;
}
