/* The live wall: who waits, who is here, which promise is at risk. */

import { ask } from "./api.js";
import { h, toast } from "./dom.js";
import { nameOf, tick } from "./lists.js";
import { reason } from "./words.js";
import { percent, REPLIES, seconds } from "./reports.js";

const EVERY_MS = 5000;

export class WallPage {
  constructor(app) {
    this.app = app;
    this.element = h("main", { class: "page", "aria-label": app.say.pages.wall });
    this.timer = setInterval(() => this.load(), EVERY_MS);
    this.load();
  }

  close() {
    clearInterval(this.timer);
  }

  changed() {
    this.load();
  }

  tick() {
    tick(this.element, this.app.say);
  }

  async load() {
    if (this.loading || this.element.querySelector("select:focus")) return;
    this.loading = true;
    await this.app.attempt(async () => {
      this.wall = await ask("/wall");
      this.draw();
    });
    this.loading = false;
  }

  draw() {
    const { say } = this.app;
    const { wall } = this;
    const here = wall.agents.filter((one) => one.connected && one.state === "online");
    const tile = (name, value, mood = "", more = null) => h("div", { class: `tile ${mood}` }, h("span", {}, name), h("b", { class: "digits" }, value), more ? h("small", {}, more) : null);
    const place = this.element.scrollTop;
    this.element.replaceChildren(
      h("header", { class: "page-head" }, h("h1", {}, say.pages.wall)),
      h(
        "section",
        { class: "tiles", "aria-label": say.wallNow },
        tile(say.waitingNow, wall.waiting, wall.waiting ? "warn" : ""),
        tile(say.longestWait, wall.waiting ? seconds(wall.longest_wait, say) : "–", wall.longest_wait > 300 ? "bad" : ""),
        tile(say.agentsHere, `${here.length} / ${wall.agents.length}`),
        tile(say.repliesToday, REPLIES.map((name) => percent(wall.today.reply_shares[name])).join(" / "), "", say.repliesOf(wall.today.reply_asked)),
        tile(say.atRisk, wall.at_risk.length, wall.at_risk.length ? "bad" : ""),
      ),
      h("div", { class: "columns" }, h("div", { class: "stack" }, this.queue(), this.risks()), this.agents()),
    );
    this.element.scrollTop = place;
    this.tick();
  }

  queue() {
    const { say, language } = this.app;
    const { queue, agents } = this.wall;
    const line = ({ conversation, position, waiting_since: since }) =>
      h(
        "li",
        {},
        h("b", { class: "digits" }, String(position)),
        h("button", { type: "button", class: "quote", onclick: () => this.app.showConversation(conversation.id) }, nameOf(conversation, say), h("small", {}, conversation.handoff ? reason(conversation.handoff.reason, language)[0] : "")),
        h("span", { class: "wait" }, h("span", { "data-since": since })),
        h("select", { "aria-label": `${say.assignTo} ${nameOf(conversation, say)}`, onchange: (event) => this.assign(conversation.id, event.target) }, h("option", { value: "" }, say.assignTo), agents.map((one) => h("option", { value: one.agent.id }, one.agent.name))),
      );
    return h("section", { class: "panel" }, h("h2", {}, say.queue), queue.length ? h("ol", { class: "wall-list" }, queue.map(line)) : h("p", { class: "none" }, say.nobodyWaits));
  }

  async assign(id, select) {
    if (!select.value) return;
    await this.app.attempt(async () => {
      await ask(`/conversations/${id}/assign`, { agent: select.value });
      toast(this.app.say.assigned);
    });
    select.blur();
    await this.load();
  }

  risks() {
    const { say } = this.app;
    const risks = this.wall.at_risk;
    const line = ({ conversation, metric, due_at: due, breached }) =>
      h(
        "li",
        {},
        h("span", { class: `badge ${breached ? "bad" : "warn"}` }, breached ? say.breached : say.risk),
        h("button", { type: "button", class: "quote", onclick: () => this.app.showConversation(conversation.id) }, nameOf(conversation, say), h("small", {}, [say.metric[metric] ?? metric, conversation.agent?.name].filter(Boolean).join(" · "))),
        due ? h("span", { class: "due", "data-due": due }) : null,
      );
    return h("section", { class: "panel" }, h("h2", {}, say.atRisk), risks.length ? h("ul", { class: "wall-list" }, risks.map(line)) : h("p", { class: "none" }, say.nobody));
  }

  agents() {
    const { say } = this.app;
    const order = { online: 0, away: 1, offline: 2 };
    const agents = [...this.wall.agents].sort((one, other) => order[one.state] - order[other.state] || one.agent.name.localeCompare(other.agent.name));
    const line = (one) =>
      h(
        "li",
        {},
        h("span", { class: `presence ${one.connected ? one.state : "offline"}`, "aria-hidden": "true" }),
        h("span", { class: "leader" }, h("b", {}, one.agent.name), h("small", {}, one.state !== "offline" && !one.connected ? say.gone : say.state[one.state])),
        h("meter", { min: 0, max: Math.max(1, one.capacity), value: Math.min(one.load, one.capacity), "aria-label": `${say.load} ${one.agent.name}` }),
        h("span", { class: "digits" }, `${one.load} / ${one.capacity}`),
      );
    return h("section", { class: "panel" }, h("h2", {}, say.agentsHere), h("ul", { class: "wall-list" }, agents.map(line)));
  }
}
