/* Who did what at the desk. */

import { ask } from "./api.js";
import { moment } from "./cards.js";
import { h } from "./dom.js";

export class AuditPage {
  deed = "";

  constructor(app) {
    this.app = app;
    this.element = h("main", { class: "page", "aria-label": app.say.pages.audit });
    this.load();
  }

  async load(before = "") {
    await this.app.attempt(async () => {
      const page = await ask(`/audit?${new URLSearchParams({ before, deed: this.deed })}`);
      this.lines = before ? [...this.lines, ...page.lines] : page.lines;
      this.next = page.next;
      this.draw();
    });
  }

  draw() {
    const { say, language } = this.app;
    const deed = h("select", { "aria-label": say.deed, onchange: (event) => { this.deed = event.target.value; this.load(); } }, h("option", { value: "" }, say.anyDeed), Object.entries(say.deeds).map(([value, text]) => h("option", { value }, text)));
    deed.value = this.deed;
    const detail = (line) => Object.entries(line.detail).map(([name, value]) => `${name}: ${value}`).join(", ");
    this.element.replaceChildren(
      h("header", { class: "page-head" }, h("h1", {}, say.pages.audit), deed),
      h(
        "div",
        { class: "panel scroll" },
        h("table", { class: "left" }, h("thead", {}, h("tr", {}, [say.when, say.who, say.deed, say.subject, say.detail].map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, this.lines.map((line) => h("tr", {}, h("td", { class: "digits" }, moment(line.at, language)), h("td", {}, line.agent?.name ?? say.system), h("td", {}, say.deeds[line.deed] ?? line.deed), h("td", { class: "subject" }, line.subject), h("td", {}, detail(line)))))),
      ),
      this.next ? h("button", { class: "button", type: "button", onclick: () => this.load(this.next) }, say.olderLines) : "",
    );
  }
}
