/* The page on which replies are prepared, in both languages. */

import { ask } from "./api.js";
import { confirm } from "./dialogs.js";
import { h, icon, toast } from "./dom.js";

export class CannedPage {
  constructor(app) {
    this.app = app;
    this.element = h("main", { class: "page", "aria-label": app.say.pages.canned });
    this.chosen = null;
    this.load();
  }

  async load() {
    await this.app.attempt(async () => {
      this.canned = (await ask("/canned")).canned;
      this.draw();
    });
  }

  draw() {
    const { say, me } = this.app;
    const chosen = this.chosen;
    this.element.replaceChildren(
      h("header", { class: "page-head" }, h("h1", {}, say.pages.canned), h("button", { class: "button primary", type: "button", onclick: () => this.edit({ shortcut: "", title: "", zh: "", en: "", shared: me.role === "supervisor" }) }, say.cannedNew)),
      h(
        "div",
        { class: "columns" },
        h(
          "ul",
          { class: "canned-list", "aria-label": say.cannedList },
          (this.canned ?? []).map((one) =>
            h("li", {}, h("button", { class: `canned-line ${one.id === chosen?.id ? "active" : ""}`, type: "button", onclick: () => this.edit(one) }, h("span", {}, h("kbd", {}, `/${one.shortcut}`), h("b", {}, one.title), one.shared ? null : h("span", { class: "badge" }, say.cannedOwn)), h("small", {}, one.zh), h("small", {}, one.en))),
          ),
        ),
        chosen ? this.form(chosen) : h("p", { class: "none" }, say.cannedVariables),
      ),
    );
  }

  edit(one) {
    this.chosen = one;
    this.draw();
    this.element.querySelector("form input")?.focus();
  }

  form(one) {
    const { app } = this;
    const { say, me } = app;
    const may = me.role === "supervisor" || !one.shared;
    const input = (name, tag, more) => {
      const element = h(tag, { id: `canned-${name}`, name, required: true, disabled: !may, ...more });
      element.value = one[name];
      return [h("label", { for: `canned-${name}` }, { shortcut: say.cannedShortcut, title: say.cannedTitle, zh: say.cannedZh, en: say.cannedEn }[name]), element];
    };
    const shared = h("input", { type: "checkbox", checked: one.shared, disabled: me.role !== "supervisor" });
    const submit = async (event) => {
      event.preventDefault();
      const values = Object.fromEntries(new FormData(event.target));
      await app.attempt(async () => {
        const { canned } = await ask("/canned", { ...values, id: one.id ?? null, shared: shared.checked });
        toast(say.cannedSaved);
        this.chosen = canned;
        await this.load();
      });
    };
    const remove = async () => {
      if ((await confirm(say, { title: say.cannedRemoveAsk(one.title), more: say.cannedRemoveMore, action: say.cannedRemove, grave: true })) === null) return;
      await app.attempt(async () => {
        await ask(`/canned/${one.id}/remove`, {});
        this.chosen = null;
        await this.load();
      });
    };
    return h(
      "form",
      { class: "form panel", onsubmit: submit },
      may ? null : h("p", { class: "none" }, say.cannedReadOnly),
      input("shortcut", "input", { maxLength: 40, pattern: "[\\w\\u4e00-\\u9fff\\-]+", autocapitalize: "none", spellcheck: false }),
      input("title", "input", { maxLength: 200 }),
      input("zh", "textarea", { rows: 4, maxLength: 4000, lang: "zh-CN" }),
      input("en", "textarea", { rows: 4, maxLength: 4000, lang: "en" }),
      h("p", { class: "none" }, say.cannedVariables),
      h("label", { class: "check" }, shared, say.cannedShared),
      may ? h("div", { class: "dialog-row" }, one.id ? h("button", { class: "button", type: "button", onclick: remove }, icon("close"), say.cannedRemove) : null, h("button", { class: "button primary", type: "submit" }, say.save)) : null,
    );
  }
}
