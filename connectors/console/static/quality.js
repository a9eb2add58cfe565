/* A second look at conversations that have ended, with a score sheet. */

import { ask } from "./api.js";
import { moment } from "./cards.js";
import { h, toast } from "./dom.js";
import { nameOf } from "./lists.js";
import { isoDay } from "./reports.js";
import { Transcript } from "./transcript.js";
import { channel } from "./words.js";

export class QualityPage {
  seed = 1;
  agent = "";

  constructor(app) {
    this.app = app;
    this.element = h("main", { class: "page", "aria-label": app.say.pages.quality });
    this.load();
  }

  async load() {
    await this.app.attempt(async () => {
      const query = new URLSearchParams({ from: isoDay(29), to: isoDay(0), size: 10, seed: this.seed, agent: this.agent });
      const [sampled, scores, colleagues] = await Promise.all([ask(`/quality/sample?${query}`), ask("/quality/scores"), ask("/colleagues")]);
      Object.assign(this, sampled, { scores: scores.scores, colleagues: colleagues.agents, chosen: null });
      this.draw();
    });
  }

  draw() {
    const { say } = this.app;
    const seed = h("input", { type: "number", min: 1, max: 999999, value: String(this.seed), "aria-label": say.seed, title: say.sampleHint, class: "number", onchange: (event) => { this.seed = Number(event.target.value) || 1; this.load(); } });
    const agent = h("select", { "aria-label": say.colleague, onchange: (event) => { this.agent = event.target.value; this.load(); } }, h("option", { value: "" }, say.dimensions.agent), this.colleagues.map((one) => h("option", { value: one.id }, one.name)));
    agent.value = this.agent;
    this.element.replaceChildren(
      h("header", { class: "page-head" }, h("h1", {}, say.pages.quality), h("div", { class: "controls" }, agent, h("label", { class: "inline" }, say.seed, seed), h("button", { class: "button", type: "button", onclick: () => { this.seed += 1; this.load(); } }, say.sampleNew))),
      h("div", { class: "columns" }, h("div", { class: "stack" }, this.list(), this.done()), this.chosen ? this.sheet() : h("p", { class: "none" }, say.sampleHint)),
    );
    if (this.chosen) this.transcript.toEnd();
  }

  list() {
    const { say, language } = this.app;
    if (!this.samples.length) return h("p", { class: "panel none" }, say.sampleNone);
    return h(
      "ul",
      { class: "canned-list" },
      this.samples.map((one) =>
        h("li", {}, h("button", { type: "button", class: `canned-line ${one === this.chosen ? "active" : ""}`, onclick: () => this.open(one) }, h("span", {}, h("b", {}, nameOf(one.conversation, say)), one.scored ? h("span", { class: "badge good" }, say.scored) : null), h("small", {}, [one.agent?.name, channel(one.conversation.channel, language)[0], moment(one.closed_at, language), say.outcomes[one.outcome], one.score ? `${say.csat} ${one.score}` : ""].filter(Boolean).join(" · ")))),
      ),
    );
  }

  done() {
    const { say, language } = this.app;
    if (!this.scores.length) return null;
    return h("section", { class: "panel" }, h("h2", {}, say.recentScores), h("ul", { class: "wall-list" }, this.scores.slice(0, 10).map((one) => h("li", {}, h("span", { class: "leader" }, h("b", {}, one.agent?.name ?? ""), h("small", {}, [moment(one.at, language), say.by_(one.by.name), one.comment].filter(Boolean).join(" · "))), h("span", { class: "digits" }, say.points(one.points, one.most))))));
  }

  async open(one) {
    await this.app.attempt(async () => {
      const page = await ask(`/conversations/${one.conversation.id}`);
      this.chosen = one;
      const { say, language, me } = this.app;
      this.transcript = new Transcript({ say, language, me, onearlier: () => {}, onnewest: () => {}, onretry: () => {}, ondiscard: () => {} });
      this.transcript.show({ messages: page.messages, pending: [], more: false });
      this.draw();
    });
  }

  sheet() {
    const { say } = this.app;
    const one = this.chosen;
    const rows = this.criteria.map((name) => {
      const radios = say.marks.map((text, mark) => h("label", { class: "check" }, h("input", { type: "radio", name, value: String(mark), required: true }), text));
      return h("fieldset", { class: "criterion" }, h("legend", {}, say.criteria[name]), radios);
    });
    const comment = h("textarea", { rows: 3, maxLength: 2000, "aria-label": say.comment, placeholder: say.comment });
    const submit = async (event) => {
      event.preventDefault();
      const given = new FormData(event.target);
      const marks = Object.fromEntries(this.criteria.map((name) => [name, Number(given.get(name))]));
      await this.app.attempt(async () => {
        await ask("/quality/scores", { conversation: one.conversation.id, epoch: one.epoch, marks, comment: comment.value });
        toast(say.scored);
        one.scored = true;
        this.scores = (await ask("/quality/scores")).scores;
        this.chosen = null;
        this.draw();
      });
    };
    return h("div", { class: "stack" }, h("div", { class: "panel reading" }, this.transcript.element), h("form", { class: "panel form", onsubmit: submit }, h("h2", {}, say.scoreSheet), rows, comment, h("div", { class: "dialog-row" }, h("button", { class: "button primary", type: "submit" }, say.scoreIt))));
  }
}
