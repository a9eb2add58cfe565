/* Where an agent writes: to the shopper, or a note to colleagues; prepared replies and pictures. */

import { h, icon, stepThrough } from "./dom.js";

const PICTURES = "image/jpeg,image/png,image/webp,image/gif";
const MOST_PICTURES = 5;
const WRITING_EVERY = 3000;

export class Writer {
  /* about: {say, conversation, longest, draft, me, shop, canned, orders, language} and the deeds
   * onsend({text, pictures}), onnote(text), onupload(file) -> attachment, onescape, onwriting. */
  constructor(about) {
    Object.assign(this, about);
    this.mode = "reply";
    this.pictures = [];
    this.replyLanguage = this.conversation.language === "en" ? "en" : "zh";
    const { say } = this;
    this.text = h("textarea", { rows: 3, oninput: () => this.typed(), onkeydown: (event) => this.key(event), onpaste: (event) => this.paste(event), onblur: () => setTimeout(() => this.closePopup(), 150), "aria-autocomplete": "list" });
    this.count = h("span", { class: "left", "aria-live": "polite" });
    this.post = h("button", { class: "button primary", type: "submit", disabled: true });
    this.shown = h("ul", { class: "pictures", hidden: true });
    this.popup = h("ul", { class: "popup", role: "listbox", id: "canned-list", "aria-label": say.cannedList, hidden: true });
    this.file = h("input", { type: "file", accept: PICTURES, hidden: true, "aria-label": say.attach, onchange: () => this.take(this.file.files) });
    const tool = (name, label, onclick) => h("button", { class: "tool", type: "button", title: label, "aria-label": label, onclick }, icon(name));
    this.modes = ["reply", "note"].map((mode) => h("button", { type: "button", role: "radio", class: "mode", onclick: () => this.write(mode) }, icon(mode === "note" ? "note" : "send"), say[mode]));
    this.attach = tool("image", say.attach, () => this.file.click());
    this.bulb = tool("bulb", say.suggestions, () => this.suggest());
    this.suggested = h("section", { class: "suggested", hidden: true, "aria-label": say.suggestions, onkeydown: (event) => this.suggestionKey(event) });
    this.lightning = tool("bolt", say.canned, () => this.openPopup(""));
    this.inLanguage = h("button", { class: "tool text", type: "button", onclick: () => this.switchLanguage() });
    this.element = h(
      "form",
      { class: "writer", "data-for": this.conversation.id, onsubmit: (event) => this.submit(event) },
      h("div", { class: "modes", role: "radiogroup", "aria-label": say.mode }, this.modes, h("span", { class: "hint" }, say.shopperWrites(say.languages[this.conversation.language] ?? say.languages.zh))),
      this.popup,
      this.suggested,
      this.text,
      this.shown,
      h("div", { class: "writer-row" }, this.attach, this.lightning, this.bulb, this.inLanguage, this.count, this.post),
      this.file,
    );
    this.text.value = this.draft;
    this.write("reply", false);
    this.sayLanguage();
  }

  get value() {
    return this.mode === "reply" ? this.text.value : (this.reply ?? "");
  }

  write(mode, focus = true) {
    const { say } = this;
    if (mode !== this.mode) {
      // What was written for one is not for the other.
      [this.reply, this.noteText] = this.mode === "reply" ? [this.text.value, this.noteText] : [this.reply, this.text.value];
      this.text.value = (mode === "reply" ? this.reply : this.noteText) ?? "";
    }
    this.mode = mode;
    const note = mode === "note";
    this.element.classList.toggle("noting", note);
    this.modes.forEach((button, index) => button.setAttribute("aria-checked", String((index === 1) === note)));
    this.text.setAttribute("aria-label", note ? say.noteLabel : say.composer);
    this.text.placeholder = note ? say.notePlaceholder : say.placeholder;
    this.post.replaceChildren(icon(note ? "note" : "send"), note ? say.addNote : say.send);
    for (const tool of [this.attach, this.inLanguage]) tool.hidden = note;
    this.look();
    if (focus) this.text.focus();
  }

  look() {
    const { say } = this;
    const left = this.longest - [...this.text.value].length;
    const empty = !this.text.value.trim() && !(this.mode === "reply" && this.pictures.length);
    this.post.disabled = empty || left < 0 || this.pictures.some((picture) => picture.busy);
    this.count.textContent = left < 0 ? say.over(-left) : left < 200 ? say.left(left) : "";
    this.count.classList.toggle("over", left < 0);
  }

  typed() {
    this.look();
    const before = this.text.value.slice(0, this.text.selectionStart);
    const asked = this.mode === "reply" ? /(?:^|\s)[/、]([\w\u4e00-\u9fff-]*)$/.exec(before) : null;
    if (asked) this.openPopup(asked[1]);
    else this.closePopup();
    if (this.mode === "reply" && this.text.value.trim() && Date.now() - (this.toldAt ?? 0) > WRITING_EVERY) {
      this.toldAt = Date.now();
      this.onwriting();
    }
  }

  submit(event) {
    event.preventDefault();
    if (this.post.disabled) return;
    const said = this.text.value.trim();
    if (this.mode === "note") {
      this.text.value = this.noteText = "";
      this.onnote(said);
      this.write("reply");
      return;
    }
    const open = [...new Set(said.match(/\{(customer|agent|order|shop)\}/g) ?? [])];
    if (open.length) {
      this.count.textContent = this.say.unfilled(open.join(" "));
      this.count.classList.add("over");
      const at = this.text.value.indexOf(open[0]);
      this.text.setSelectionRange(at, at + open[0].length);
      return;
    }
    const pictures = this.pictures.map((picture) => picture.kept);
    this.text.value = "";
    this.pictures = [];
    this.drawPictures();
    this.onsend({ text: said, pictures });
    this.text.focus();
  }

  key(event) {
    if (event.isComposing) return;
    if (!this.popup.hidden && this.popupKey(event)) return event.preventDefault();
    // While a Chinese word is being composed, Enter chooses it.
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.element.requestSubmit();
    }
    if (event.key === "Escape" && !this.suggested.hidden) this.endSuggestions();
    else if (event.key === "Escape") this.onescape();
    return undefined;
  }

  // -- prepared replies ------------------------------------------------------------------------

  openPopup(query) {
    this.suggested.hidden = true;
    if (this.mode !== "reply") this.write("reply");
    const wanted = query.toLowerCase();
    const found = this.canned.filter((one) => one.shortcut.startsWith(wanted) || one.title.toLowerCase().includes(wanted) || one[this.replyLanguage].toLowerCase().includes(wanted)).slice(0, 8);
    this.choices = found;
    this.chosen = 0;
    this.popup.replaceChildren(
      ...(found.length
        ? found.map((one, index) => h("li", { role: "option", id: `canned-${index}`, onmousedown: (event) => { event.preventDefault(); this.insert(one); } }, h("kbd", {}, `/${one.shortcut}`), h("b", {}, one.title), h("span", {}, one[this.replyLanguage])))
        : [h("li", { class: "none", role: "option", "aria-disabled": "true" }, this.say.cannedNone)]),
    );
    this.popup.hidden = false;
    this.point();
    if (document.activeElement !== this.text) this.text.focus();
  }

  closePopup() {
    this.popup.hidden = true;
    this.text.removeAttribute("aria-activedescendant");
  }

  point() {
    [...this.popup.children].forEach((line, index) => line.setAttribute("aria-selected", String(index === this.chosen)));
    if (this.choices.length) {
      this.text.setAttribute("aria-activedescendant", `canned-${this.chosen}`);
      this.popup.children[this.chosen].scrollIntoView({ block: "nearest" });
    }
  }

  popupKey(event) {
    const { length } = this.choices;
    if (event.key === "Escape") this.closePopup();
    else if (!length) return false;
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.chosen = (this.chosen + (event.key === "ArrowDown" ? 1 : length - 1)) % length;
      this.point();
    } else if (event.key === "Enter" || event.key === "Tab") this.insert(this.choices[this.chosen]);
    else return false;
    return true;
  }

  insert(canned) {
    const start = this.text.selectionStart;
    const before = this.text.value.slice(0, start).replace(/[/、][\w\u4e00-\u9fff-]*$/, "");
    this.closePopup();
    this.put(this.filled(canned[this.replyLanguage]), before, this.text.value.slice(start));
  }

  /* Puts `words` where the writing stands. */
  put(words, before = this.text.value ? `${this.text.value.trimEnd()}\n` : "", after = "") {
    if (this.mode !== "reply") this.write("reply");
    this.text.value = before + words + after;
    const open = words.search(/\{(customer|agent|order|shop)\}/);
    const at = before.length + (open === -1 ? words.length : open);
    this.text.focus();
    this.text.setSelectionRange(at, open === -1 ? at : at + words.slice(open).indexOf("}") + 1);
    this.look();
  }

  filled(text) {
    const values = {
      customer: this.conversation.customer?.name ?? "",
      agent: this.me.name,
      shop: this.shop?.[this.replyLanguage] ?? "",
      order: this.order?.() ?? null,
    };
    return text.replace(/\s?\{(customer|agent|order|shop)\}/g, (whole, name) => (values[name] === null ? whole : whole.startsWith(" ") && values[name] ? ` ${values[name]}` : values[name]));
  }

  switchLanguage() {
    this.replyLanguage = this.replyLanguage === "zh" ? "en" : "zh";
    this.sayLanguage();
    this.onlanguage?.(this.replyLanguage);
  }

  sayLanguage() {
    const { say } = this;
    const label = say.replyIn(say.languages[this.replyLanguage]);
    this.inLanguage.textContent = this.replyLanguage === "zh" ? "中" : "En";
    this.inLanguage.title = label;
    this.inLanguage.setAttribute("aria-label", label);
  }

  // -- suggestions -----------------------------------------------------------------------------

  async suggest() {
    const { say } = this;
    if (!this.suggested.hidden) return void this.endSuggestions();
    this.suggested.hidden = false;
    this.suggested.replaceChildren(h("p", { class: "none" }, say.suggestionsLoading));
    const found = (await this.onsuggest(this.replyLanguage)) ?? [];
    const use = (one) => {
      this.suggested.hidden = true;
      this.put(one.text);
    };
    this.suggested.replaceChildren(
      ...(found.length
        ? found.map((one) => h("button", { type: "button", class: "suggestion", onclick: () => use(one) }, h("span", { class: `badge ${one.source === "solved" ? "good" : ""}` }, one.source === "solved" ? say.fromSolved : say.fromKnowledge), h("b", {}, one.title), h("span", {}, one.text)))
        : [h("p", { class: "none" }, say.noSuggestion)]),
    );
    // Whoever has gone on writing meanwhile is not interrupted.
    if (document.activeElement !== this.text) this.suggested.querySelector("button")?.focus();
    return undefined;
  }

  endSuggestions() {
    this.suggested.hidden = true;
    this.text.focus();
  }

  suggestionKey(event) {
    if (stepThrough(event, [...this.suggested.querySelectorAll("button")])) return;
    if (event.key !== "Escape") return;
    event.preventDefault();
    this.endSuggestions();
  }

  // -- pictures --------------------------------------------------------------------------------

  paste(event) {
    const files = [...(event.clipboardData?.files ?? [])].filter((one) => one.type.startsWith("image/"));
    if (!files.length || this.mode !== "reply") return;
    event.preventDefault();
    this.take(files);
  }

  async take(files) {
    const chosen = [...files].slice(0, MOST_PICTURES - this.pictures.length);
    this.file.value = "";
    for (const file of chosen) {
      const picture = { name: file.name, address: URL.createObjectURL(file), busy: true };
      this.pictures.push(picture);
      this.drawPictures();
      picture.kept = await this.onupload(file);
      picture.busy = false;
      if (!picture.kept) this.pictures = this.pictures.filter((one) => one !== picture);
      this.drawPictures();
    }
    this.text.focus();
  }

  drawPictures() {
    const { say } = this;
    this.shown.hidden = !this.pictures.length;
    this.shown.replaceChildren(
      ...this.pictures.map((picture) =>
        h(
          "li",
          {},
          h("img", { src: picture.address, alt: picture.name }),
          picture.busy ? h("span", { class: "small" }, say.uploading) : null,
          h("button", { class: "tool", type: "button", "aria-label": say.removePicture, title: say.removePicture, onclick: () => { this.pictures = this.pictures.filter((one) => one !== picture); this.drawPictures(); } }, icon("close")),
        ),
      ),
    );
    this.look();
  }
}
