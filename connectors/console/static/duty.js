/* Whether the agent is on duty, and the conversations that are held out to them. */

import { chime, notify } from "./alerts.js";
import { ask } from "./api.js";
import { h } from "./dom.js";
import { nameOf, tick } from "./lists.js";
import { reason } from "./words.js";

export class Duty {
  state = { presence: null, offers: [] };

  constructor(app) {
    this.app = app;
    this.select = h("select", { class: "duty", onchange: () => this.change(this.select.value) });
    this.offers = h("section", { class: "offers-held", hidden: true, role: "alert" });
  }

  async load() {
    await this.app.attempt(async () => {
      const known = new Set(this.state.offers.map((offer) => offer.conversation.id));
      this.state = await ask("/duty");
      const fresh = this.state.offers.filter((offer) => !known.has(offer.conversation.id));
      if (fresh.length) {
        chime();
        notify(this.app.say.offerTitle, nameOf(fresh[0].conversation, this.app.say), "offer");
      }
      this.draw();
    });
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
    const { offers } = this.state;
    this.offers.hidden = !offers.length;
    this.offers.setAttribute("aria-label", say.offerTitle);
    this.offers.replaceChildren(
      ...offers.map(({ conversation, until }) =>
        h(
          "div",
          { class: "offer" },
          h("b", {}, say.offerTitle),
          h("p", {}, nameOf(conversation, say), conversation.handoff ? ` · ${reason(conversation.handoff.reason, language)[0]}` : ""),
          until ? h("span", { class: "due", "data-due": until }) : null,
          h("div", { class: "offer-deeds" }, h("button", { class: "button small", type: "button", onclick: () => this.decline(conversation) }, say.decline), h("button", { class: "button small primary", type: "button", onclick: () => this.app.desk.take(conversation) }, say.accept)),
        ),
      ),
    );
    tick(this.offers, say);
  }

  tick() {
    tick(this.offers, this.app.say);
  }

  async decline(conversation) {
    await this.app.attempt(() => ask(`/conversations/${conversation.id}/decline`, {}));
    await this.load();
  }
}
