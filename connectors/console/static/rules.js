/* The desk's rules: edited as text, checked before they are saved, every version kept. */

import { ask } from "./api.js";
import { moment } from "./cards.js";
import { field } from "./dialogs.js";
import { h, toast } from "./dom.js";
import { promisesForm, queueForm } from "./rule_forms.js";

export class RulesPage {
  constructor(app) {
    this.app = app;
    this.element = h("main", { class: "page", "aria-label": app.say.pages.rules });
    this.load();
  }

  async load() {
    await this.app.attempt(async () => {
      Object.assign(this, await ask("/rules"));
      this.draw();
    });
  }

  draw() {
    const { say, language } = this.app;
    const text = h("textarea", { class: "code", rows: 28, spellcheck: false, "aria-label": say.pages.rules });
    text.value = this.text;
    const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
    const note = h("input", { maxLength: 500, "aria-label": say.whyChange, placeholder: say.whyChange });
    const trying = async (work) => {
      wrong.hidden = true;
      try {
        await this.app.telling(work);
      } catch (error) {
        wrong.textContent = error.told ?? String(error);
        wrong.hidden = false;
        wrong.scrollIntoView({ block: "nearest" });
      }
    };
    const check = () =>
      trying(async () => {
        await ask("/rules/check", { text: text.value });
        toast(say.rulesGood);
      });
    const save = (event) => {
      event.preventDefault();
      return trying(async () => {
        await ask("/rules", { text: text.value, note: note.value });
        toast(say.saved);
        await this.load();
      });
    };
    const put = (event) => {
      event.preventDefault();
      const { calendar, first, last, ...lists } = Object.fromEntries(new FormData(event.target));
      const [hours, working] = [lists.hours, lists.working].map((list) => list.split(/[,，;；、\s]+/).filter(Boolean));
      return trying(async () => {
        text.value = (await ask("/rules/days", { text: text.value, calendar, first, last, hours, working })).text;
        toast(say.dayPut);
      });
    };
    const queue = h("section", { class: "panel" });
    const promises = h("section", { class: "panel" });
    const showForms = (forms) => {
      queue.replaceChildren(h("h2", {}, say.queueForm), h("p", { class: "none" }, say.queueHint), queueForm(say, forms.queue, (values) => putIn("queue", values)));
      promises.replaceChildren(h("h2", {}, say.promisesForm), h("p", { class: "none" }, say.promisesHint), promisesForm(say, forms, (values) => putIn("sla", values)));
    };
    const putIn = (part, values) =>
      trying(async () => {
        const put = await ask("/rules/put", { text: text.value, part, values });
        text.value = put.text;
        showForms(put.forms);
        toast(say.rulesPut);
      });
    const restore = (version) =>
      trying(async () => {
        text.value = version.text;
        text.focus();
        showForms((await ask("/rules/put", { text: version.text, part: "queue", values: {} })).forms);
      });
    showForms(this.forms);
    const days = h(
      "form",
      { class: "day-form", "aria-label": say.dayForm, onsubmit: put },
      field(say.dayCalendar, h("select", { name: "calendar" }, this.calendars.map((name) => h("option", { value: name }, name)))),
      field(say.dayDate, h("input", { name: "first", type: "date", required: true })),
      field(say.dayLast, h("input", { name: "last", type: "date" })),
      field(say.dayHours, h("input", { name: "hours", placeholder: "09:00-12:00, 13:30-18:00", maxLength: 100 })),
      field(say.dayWorking, h("input", { name: "working", placeholder: "2027-02-14, 2027-02-27", maxLength: 120 })),
      h("button", { class: "button", type: "submit" }, say.dayPutIn),
    );
    this.element.replaceChildren(
      h("header", { class: "page-head" }, h("h1", {}, say.pages.rules)),
      h("p", { class: "none" }, say.rulesHint),
      this.calendars.length ? h("section", { class: "panel" }, h("h2", {}, say.dayForm), days) : null,
      queue,
      promises,
      h(
        "div",
        { class: "columns uneven" },
        h("form", { class: "panel form", onsubmit: save }, wrong, text, note, h("div", { class: "dialog-row" }, h("button", { class: "button", type: "button", onclick: check }, say.checkRules), h("button", { class: "button primary", type: "submit" }, say.save))),
        h(
          "section",
          { class: "panel" },
          h("h2", {}, say.versions),
          this.versions.length
            ? h("ol", { class: "wall-list" }, this.versions.map((one) => h("li", {}, h("span", { class: "leader" }, h("b", {}, say.version(one.number)), h("small", {}, [moment(one.at, language), one.agent?.name, one.note].filter(Boolean).join(" · "))), h("button", { class: "button small", type: "button", onclick: () => restore(one) }, say.restore))))
            : h("p", { class: "none" }, say.noVersions),
        ),
      ),
    );
  }
}
