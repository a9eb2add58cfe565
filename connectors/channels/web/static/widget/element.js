/* The widget: a launcher and a panel in a shadow root, drawn from one Conversation. */

import { drawCard } from "./cards.js";
import { Conversation } from "./conversation.js";
import { h, pictureAddress, words } from "./dom.js";
import { icon } from "./icons.js";
import { drawRating } from "./rating.js";
import { Memory } from "./memory.js";
import { sheet } from "./styles.js";
import { WORDS } from "./words.js";

const MAX_CHARACTERS = 4000;
const SAY_LEFT = 300;
const MAX_MEGABYTES = 5;
const PICTURES = "image/jpeg,image/png,image/webp,image/gif";
const GROUP_MS = 5 * 60 * 1000;
const NEAR = 90;
const SEPARATOR = " · ";

class KefuWidget extends HTMLElement {
  #memory = new Memory();
  #base;
  #zone;
  #conversation;
  #language = "zh";
  #parts = {};
  #drawn = new Map();
  #draft = null; // the picture that goes with the next message
  #seen = 0;
  #atEnd = true;

  /* Called once by mount(); given is what the script tag says. */
  begin({ base, language, customerToken, timeZone }) {
    this.#base = base;
    this.#zone = timeZone || "Asia/Shanghai";
    this.#language = this.#memory.get("language") ?? known(language) ?? known(document.documentElement.lang) ?? known(navigator.language) ?? "en";
    this.#seen = this.#memory.get("seen") ?? 0;
    this.#conversation = new Conversation(base, this.#memory, this.#language, customerToken ?? null);
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet()];
    this.#build();
    this.#say();
    const on = (name, draw) => this.#conversation.addEventListener(name, (event) => draw.call(this, event.detail));
    on("items", this.#drawItems);
    on("ready", this.#drawItems);
    on("state", this.#drawState);
    on("typing", this.#drawTyping);
    on("read", this.#drawItems);
    on("connection", this.#drawConnection);
    on("notice", this.#note);
    document.addEventListener("visibilitychange", () => this.#read());
    this.#drawItems();
    this.#drawState();
    // Without a past there is nothing to fetch until somebody opens the panel.
    if (this.#conversation.known) this.#conversation.start();
    if (this.#memory.get("open") && matchMedia("(min-width: 521px)").matches) this.open(false);
  }

  open(focus = true) {
    const { root, panel, launcher } = this.#parts;
    if (this.isOpen) return;
    panel.hidden = false;
    root.classList.add("open");
    launcher.setAttribute("aria-expanded", "true");
    this.#memory.set("open", true);
    this.#conversation.start();
    this.#toEnd();
    this.#read();
    this.#sayLauncher();
    if (focus) this.#focus();
  }

  /* Where somebody goes on: the text, but no screen keyboard jumps up where nobody asked for it. */
  #focus() {
    const { text, log } = this.#parts;
    (matchMedia("(hover: hover)").matches ? text : log).focus({ preventScroll: true });
  }

  close() {
    const { root, panel, launcher } = this.#parts;
    if (!this.isOpen) return;
    panel.hidden = true;
    root.classList.remove("open");
    launcher.setAttribute("aria-expanded", "false");
    this.#memory.set("open", null);
    this.#sayLauncher();
    launcher.focus();
  }

  /* Opens the panel with words that the shopper may change and send. */
  compose(text) {
    this.open();
    this.#parts.text.value = text;
    this.#typed();
    this.#parts.text.focus();
  }

  get isOpen() {
    return !this.#parts.panel.hidden;
  }

  setLanguage(language) {
    this.#language = known(language) ?? this.#language;
    this.#memory.set("language", this.#language);
    this.#conversation.speak(this.#language);
    this.#say();
    this.#drawn.clear();
    this.#parts.list.replaceChildren();
    this.#quietly(() => this.#drawItems());
    this.#drawState();
    this.#drawTyping();
    this.#drawConnection();
  }

  setCustomer(customer) {
    return this.#conversation.setCustomer(customer);
  }

  get #words() {
    return WORDS[this.#language];
  }

  // The frame

  #build() {
    const parts = this.#parts;
    parts.unread = h("span", { class: "unread", hidden: true, "aria-hidden": "true" });
    parts.launcher = h("button", { class: "launcher", type: "button", "aria-expanded": "false", "aria-controls": "panel", onclick: () => (this.isOpen ? this.close() : this.open()) }, icon("chat"), icon("down"), parts.unread);
    parts.face = h("span", { class: "avatar", "aria-hidden": "true" });
    parts.title = h("h2", { id: "title" });
    parts.status = h("p", { "aria-live": "polite" });
    parts.other = h("button", { class: "tool", type: "button", onclick: () => this.setLanguage(this.#language === "zh" ? "en" : "zh") });
    parts.minimise = h("button", { class: "tool", type: "button", onclick: () => this.close() }, icon("close"));
    parts.offline = h("div", { class: "banner", hidden: true }, h("span", { class: "spinner", "aria-hidden": "true" }), h("span"));
    parts.back = h("div", { class: "banner good", hidden: true }, icon("tick"), h("span"));
    parts.leave = h("button", { type: "button", onclick: () => this.#conversation.leaveQueue() });
    parts.call = h("button", { type: "button", "aria-expanded": "false", "aria-controls": "call", onclick: () => this.#openCall(parts.callForm.hidden) });
    parts.queue = h("div", { class: "banner calm", hidden: true }, h("span"), h("span", { class: "offers" }, parts.call, parts.leave));
    parts.number = h("input", { type: "tel", id: "number", autocomplete: "tel", inputmode: "tel", maxlength: "40", required: true });
    parts.numberLabel = h("label", { for: "number" });
    parts.callMe = h("button", { type: "submit" });
    parts.wrongNumber = h("p", { class: "wrong", role: "alert", hidden: true });
    parts.callForm = h("form", { class: "call", id: "call", hidden: true, novalidate: true, onsubmit: (event) => this.#askCall(event) }, parts.numberLabel, h("span", { class: "call-row" }, parts.number, parts.callMe), parts.wrongNumber);
    parts.earlier = h("button", { class: "earlier", type: "button", hidden: true, onclick: () => this.#showEarlier() });
    parts.welcome = h("div", { class: "welcome" });
    parts.list = h("div", { class: "list" });
    parts.typing = h("div", { class: "item theirs last", hidden: true });
    parts.log = h("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0", onscroll: () => this.#scrolled() }, parts.earlier, parts.welcome, parts.list, parts.typing);
    parts.jump = h("button", { class: "jump", type: "button", hidden: true, onclick: () => this.#toEnd() });
    parts.note = h("p", { class: "note", role: "alert", hidden: true });
    parts.preview = h("div", { class: "preview", hidden: true });
    parts.file = h("input", { type: "file", accept: PICTURES, hidden: true, onchange: () => this.#choose(parts.file.files[0]) });
    parts.attach = h("button", { class: "tool", type: "button", onclick: () => parts.file.click() }, icon("image"));
    parts.text = h("textarea", { rows: "1", id: "text", enterkeyhint: "send", oninput: () => this.#typed(), onkeydown: (event) => this.#key(event), onpaste: (event) => this.#paste(event) });
    parts.post = h("button", { class: "post", type: "submit", disabled: true }, icon("send"));
    parts.count = h("div", { class: "count", hidden: true, "aria-live": "polite" });
    parts.composer = h(
      "form",
      { class: "composer", onsubmit: (event) => this.#submit(event) },
      parts.note,
      parts.preview,
      h("div", { class: "row" }, parts.attach, parts.text, parts.post),
      parts.count,
      parts.file,
    );
    parts.panel = h(
      "section",
      { class: "panel", id: "panel", role: "dialog", "aria-labelledby": "title", hidden: true },
      h("header", { class: "head" }, parts.face, h("div", { class: "who" }, parts.title, parts.status), parts.other, parts.minimise),
      h("div", {}, h("div", { class: "banners", role: "status" }, parts.offline, parts.back, parts.queue), parts.callForm),
      h("div", { class: "middle" }, parts.log, parts.jump),
      parts.composer,
    );
    parts.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    // Pictures load, banners come and go: who reads the end stays there.
    const sizes = new ResizeObserver(() => this.#atEnd && this.#toEnd());
    sizes.observe(parts.log);
    sizes.observe(parts.list);
    parts.viewer = h("dialog", { onclick: () => parts.viewer.close() });
    parts.root = h("div", { class: "root" }, parts.panel, parts.launcher, parts.viewer);
    this.shadowRoot.append(parts.root);
  }

  #say() {
    const say = this.#words;
    const parts = this.#parts;
    parts.root.lang = this.#language === "zh" ? "zh-CN" : "en";
    const label = (part, text) => {
      part.setAttribute("aria-label", text);
      part.title = text;
    };
    parts.title.textContent = say.title;
    parts.other.textContent = say.otherLanguage;
    label(parts.other, say.switchLanguage);
    label(parts.minimise, say.minimise);
    label(parts.attach, say.attach);
    label(parts.post, say.send);
    parts.log.setAttribute("aria-label", say.log);
    parts.text.setAttribute("aria-label", say.compose);
    parts.text.placeholder = say.placeholder;
    parts.offline.lastChild.textContent = say.offline;
    parts.back.lastChild.textContent = say.back;
    parts.leave.textContent = say.leaveQueue;
    parts.numberLabel.textContent = say.yourNumber;
    parts.callMe.textContent = say.callMe;
    parts.earlier.textContent = say.earlier;
    parts.jump.textContent = say.newMessages;
    parts.welcome.replaceChildren(
      h("span", { class: "mark" }, icon("spark")),
      h("h3", {}, say.welcome),
      h("p", {}, say.welcomeMore),
      h("div", { class: "starters" }, say.starters.map((text) => h("button", { type: "button", onclick: () => { this.#send({ text }); this.#focus(); } }, text))),
    );
    this.#sayLauncher();
    if (this.#draft) this.#drawDraft();
  }

  #sayLauncher() {
    const { launcher, unread } = this.#parts;
    const count = this.#unread();
    unread.hidden = count === 0;
    unread.textContent = count > 99 ? "99+" : String(count);
    const text = this.isOpen ? this.#words.minimise : count ? this.#words.openUnread(count) : this.#words.open;
    launcher.setAttribute("aria-label", text);
    launcher.title = text;
  }

  // What was said

  #drawItems(detail = null) {
    const { list, welcome, earlier } = this.#parts;
    const { items, more } = this.#conversation;
    const first = !this.#drawn.size && items.length;
    if (!items.length) this.#seen = 0;
    const draw = () => {
      welcome.hidden = items.length > 0;
      earlier.hidden = !more;
      const lastShopper = items.findLastIndex((item) => item.author === "shopper");
      const wanted = [];
      let before = null;
      items.forEach((item, index) => {
        if (!before || day(before.at) !== day(item.at)) wanted.push(this.#day(item));
        wanted.push(this.#item(item, { before, next: items[index + 1], used: index < lastShopper ? nextPayload(items, index) : null }));
        before = item;
      });
      place(list, wanted);
    };
    if (first || !this.#conversation.loaded) this.#quietly(draw);
    else draw();
    const mine = items.at(-1)?.author === "shopper" && items.at(-1)?.status === "sending";
    if (this.#atEnd || first || mine) this.#toEnd();
    else if (detail?.fresh?.some((message) => message.author !== "shopper")) this.#parts.jump.hidden = false;
    this.#read();
    this.#sayLauncher();
  }

  #day(item) {
    const key = `day-${day(item.at)}`;
    return this.#once(key, key, () => h("div", { class: "day" }, this.#dayName(item.at)));
  }

  #item(item, { before, next, used }) {
    const same = (other) => other && other.author === item.author && other.agent === item.agent && day(other.at) === day(item.at) && Math.abs(new Date(other.at) - new Date(item.at)) < GROUP_MS;
    const begins = !same(before);
    const ends = !same(next);
    const key = item.client_id ?? `seq-${item.seq}`;
    const look = JSON.stringify([item.status, item.error, item.content, begins, ends, used, this.#conversation.state.owner === "closed", item.author === "shopper" && item.seq <= this.#conversation.readSeq]);
    return this.#once(key, look, (old) => {
      const element = item.author === "system" ? this.#systemItem(item) : this.#spokenItem(item, begins, ends, used);
      if (!old && this.#conversation.loaded) element.classList.add("new");
      return element;
    });
  }

  #systemItem(item) {
    if (item.content.survey) {
      const about = { say: this.#words, memory: this.#memory, rate: (answer) => this.#conversation.rate(answer) };
      return h("div", { class: "item system" }, drawRating(item.content.survey, about));
    }
    return h("div", { class: "item system" }, h("div", { class: "bubble" }, words(item.content.text ?? "")));
  }

  #spokenItem(item, begins, ends, used) {
    const say = this.#words;
    const own = item.author === "shopper";
    const name = own ? say.you : item.author === "agent" ? (item.agent ?? say.service) : say.assistant;
    const { text, card, image, attachments = [], buttons = [] } = item.content;
    const body = h("div", { class: "body" });
    if (begins && !own) body.append(h("span", { class: "name" }, name));
    else body.append(h("span", { class: "away" }, `${name}: `));
    for (const attachment of attachments) body.append(this.#picture(attachment));
    const address = image ? pictureAddress(image, this.#base) : null;
    if (address) body.append(h("span", { class: "picture" }, h("img", { src: address, alt: text || say.picture })));
    if (text) body.append(h("div", { class: "bubble" }, words(text)));
    const drawn = card ? drawCard(card, { language: this.#language, base: this.#base, zone: this.#zone }) : null;
    if (drawn) body.append(drawn);
    if (buttons.length) body.append(this.#choices(buttons, used));
    const meta = own ? this.#delivery(item, ends) : ends ? h("div", { class: "meta" }, clock(item.at)) : null;
    if (meta) body.append(meta);
    const face = own ? null : begins ? avatar(item) : h("span");
    return h("div", { class: `item ${own ? "own" : "theirs"} ${item.author} ${item.status ?? ""} ${ends ? "last" : ""}` }, face, body);
  }

  #delivery(item, ends) {
    const say = this.#words;
    if (item.status === "failed") {
      return h(
        "div",
        { class: "meta wrong" },
        icon("alert"),
        h("span", {}, item.error ?? say.failed),
        item.final ? null : h("button", { type: "button", onclick: () => this.#conversation.retry(item.client_id) }, icon("retry"), say.retry),
      );
    }
    if (item.status === "sending") return h("div", { class: "meta", title: say.sending }, icon("clock"), h("span", { class: "away" }, say.sending));
    const read = item.seq <= this.#conversation.readSeq;
    return ends ? h("div", { class: "meta", title: read ? say.read : say.sent }, clock(item.at), icon("tick"), h("span", { class: read ? "" : "away" }, read ? say.read : say.sent)) : null;
  }

  #choices(buttons, used) {
    return h(
      "div",
      { class: "choices", role: "group" },
      buttons.map((button) =>
        h(
          "button",
          {
            type: "button",
            class: `${used !== null && used === button.payload ? "chosen" : ""} ${button.title.includes(SEPARATOR) ? "wide" : ""}`,
            disabled: used !== null,
            onclick: () => {
              this.#send({ text: button.title, payload: button.payload });
              this.#focus();
            },
          },
          ...titleParts(button.title),
        ),
      ),
    );
  }

  #picture(attachment) {
    const say = this.#words;
    const image = h("img", { alt: attachment.name || say.picture });
    const frame = h("button", { class: "picture", type: "button", "aria-label": `${say.openPicture} ${attachment.name ?? ""}`, onclick: () => this.#view(image) }, image);
    this.#conversation.picture(attachment.id).then(
      (address) => (image.src = address),
      () => frame.replaceChildren(icon("image")),
    );
    return frame;
  }

  #view(image) {
    const { viewer } = this.#parts;
    const close = h("button", { type: "button", "aria-label": this.#words.closePicture }, icon("close"));
    viewer.replaceChildren(h("img", { src: image.src, alt: image.alt }), close);
    viewer.showModal();
  }

  #once(key, look, make) {
    const drawn = this.#drawn.get(key);
    if (drawn?.look === look) return drawn.element;
    const element = make(drawn?.element);
    this.#drawn.set(key, { look, element });
    return element;
  }

  /* Draws what a screen reader should not read out: the past, or the same in another language. */
  #quietly(draw) {
    const { log } = this.#parts;
    log.setAttribute("aria-live", "off");
    draw();
    setTimeout(() => log.setAttribute("aria-live", "polite"), 300);
  }

  async #showEarlier() {
    const { log } = this.#parts;
    const fromEnd = log.scrollHeight - log.scrollTop;
    await this.#conversation.earlier();
    log.scrollTop = log.scrollHeight - fromEnd;
  }

  // Who has the conversation, and the connection

  #drawState() {
    const say = this.#words;
    const { owner, agent, position, wait, opensAt, contact } = this.#conversation.state;
    const { face, status, queue, call } = this.#parts;
    const line = { bot: say.statusBot, queue: say.statusQueue, agent: say.statusAgent(agent ?? say.service), closed: say.statusClosed }[owner];
    if (status.textContent !== line) status.textContent = line;
    face.replaceChildren(owner === "agent" && agent ? initial(agent) : icon(owner === "queue" ? "person" : "spark"));
    queue.hidden = owner !== "queue";
    const hours = opensAt && say.back(new Date(opensAt));
    const minutes = !opensAt && wait && say.wait(wait.low_minutes, wait.high_minutes);
    queue.firstChild.textContent = [say.place(position), hours || minutes, contact && say.weCall(contact)].filter(Boolean).join(say.pause);
    call.textContent = contact ? say.otherNumber : say.rather;
    if (owner !== "queue") this.#openCall(false);
    if (this.#drawn.size) this.#drawItems();
  }

  #openCall(open) {
    const { callForm, call, number, wrongNumber } = this.#parts;
    callForm.hidden = !open;
    wrongNumber.hidden = true;
    call.setAttribute("aria-expanded", String(open));
    if (open) number.focus();
  }

  async #askCall(event) {
    event.preventDefault();
    const { number, wrongNumber } = this.#parts;
    const wrong = await this.#conversation.callAt(number.value.trim());
    if (wrong === null) {
      number.value = "";
      this.#openCall(false);
      return this.#focus();
    }
    wrongNumber.textContent = wrong || this.#words.offline;
    wrongNumber.hidden = false;
    return number.focus();
  }

  #drawTyping() {
    const { typing } = this.#parts;
    const who = this.#conversation.typing;
    typing.hidden = !who;
    if (!who) return typing.replaceChildren();
    const item = { author: who.agent ? "agent" : "bot", agent: who.agent };
    const name = who.agent ?? this.#words.assistant;
    typing.replaceChildren(
      avatar(item),
      h("div", { class: "body" }, h("span", { class: "away" }, this.#words.typing(name)), h("div", { class: "bubble dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"))),
    );
    if (this.#atEnd) this.#toEnd();
  }

  #drawConnection(detail = null) {
    const { root, offline, back } = this.#parts;
    const cut = this.#conversation.connected === false;
    root.classList.toggle("offline", cut);
    offline.hidden = !cut;
    back.hidden = !detail?.back;
    if (detail?.back) setTimeout(() => (back.hidden = true), 2500);
    this.#drawTyping();
  }

  // Reading

  #unread() {
    if (this.isOpen && document.visibilityState === "visible") return 0;
    return this.#conversation.items.filter((item) => item.seq > this.#seen && item.author !== "shopper").length;
  }

  #read() {
    if (!this.isOpen || document.visibilityState !== "visible") return;
    const last = Math.max(0, ...this.#conversation.items.map((item) => item.seq ?? 0));
    if (last === this.#seen || !this.#conversation.loaded) return;
    this.#seen = last;
    this.#memory.set("seen", last);
    this.#conversation.readTo(last);
  }

  #scrolled() {
    const { log, jump } = this.#parts;
    this.#atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    if (this.#atEnd) jump.hidden = true;
  }

  #toEnd() {
    const { log, jump } = this.#parts;
    jump.hidden = true;
    this.#atEnd = true;
    log.scrollTop = log.scrollHeight;
  }

  // Writing

  #typed() {
    const { text, post, count } = this.#parts;
    this.#conversation.write(Boolean(text.value.trim()));
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 132)}px`;
    const left = MAX_CHARACTERS - text.value.trim().length;
    count.hidden = left > SAY_LEFT;
    count.textContent = left < 0 ? this.#words.tooLong(left) : this.#words.left(left);
    count.classList.toggle("over", left < 0);
    post.disabled = left < 0 || this.#draft?.busy || (!text.value.trim() && !this.#draft);
  }

  #key(event) {
    // Enter that ends a word in an input method is not a wish to send.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      this.#parts.composer.requestSubmit();
    }
  }

  #submit(event) {
    event.preventDefault();
    const { text, post } = this.#parts;
    if (post.disabled) return;
    const draft = this.#draft;
    this.#send({ text: text.value.trim(), attachment: draft?.attachment, picture: draft?.address });
    text.value = "";
    this.#draft = null;
    this.#drawDraft();
    this.#typed();
    text.focus();
  }

  #send(message) {
    this.#note(null);
    this.#conversation.send(message);
    this.#toEnd();
  }

  #note(text) {
    const { note } = this.#parts;
    note.textContent = text ?? "";
    note.hidden = !text;
  }

  #paste(event) {
    const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    this.#choose(file);
  }

  async #choose(file) {
    this.#parts.file.value = "";
    if (!file) return;
    const say = this.#words;
    this.#note(null);
    if (!PICTURES.split(",").includes(file.type)) return this.#note(say.notAnImage);
    if (file.size > MAX_MEGABYTES * 1024 * 1024) return this.#note(say.tooLarge(MAX_MEGABYTES));
    const draft = { address: URL.createObjectURL(file), name: file.name, busy: true };
    this.#draft = draft;
    this.#drawDraft();
    try {
      draft.attachment = await this.#conversation.upload(file);
      draft.busy = false;
    } catch (error) {
      if (this.#draft === draft) this.#draft = null;
      this.#note(error.told ?? say.uploadFailed);
    }
    this.#drawDraft();
    this.#parts.text.focus();
  }

  #drawDraft() {
    const { preview } = this.#parts;
    const draft = this.#draft;
    preview.hidden = !draft;
    preview.replaceChildren();
    if (draft) {
      const remove = h("button", { class: "tool", type: "button", "aria-label": this.#words.removePicture, title: this.#words.removePicture }, icon("close"));
      remove.addEventListener("click", () => {
        this.#draft = null;
        this.#drawDraft();
        this.#parts.text.focus();
      });
      const shown = draft.busy ? [h("span", { class: "spinner", "aria-hidden": "true" }), this.#words.uploading] : [draft.name || this.#words.picture];
      preview.append(h("img", { src: draft.address, alt: "" }), ...shown, remove);
    }
    this.#typed();
  }

  #dayName(at) {
    const date = new Date(at);
    const today = new Date();
    const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
    if (day(date) === day(today)) return this.#words.today;
    if (day(date) === day(yesterday)) return this.#words.yesterday;
    return date.toLocaleDateString(this.#language === "zh" ? "zh-CN" : "en-GB", { weekday: "short", month: "long", day: "numeric" });
  }
}

function known(language) {
  const two = language?.slice(0, 2).toLowerCase();
  return two === "zh" || two === "en" ? two : null;
}

/* The payload with which the shopper answered the message at index, "" for words of their own. */
function nextPayload(items, index) {
  return items.slice(index + 1).find((item) => item.author === "shopper")?.content.payload ?? "";
}

function day(at) {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

function clock(at) {
  return h("time", { datetime: at }, new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false }));
}

function initial(name) {
  return [...name.trim()][0]?.toUpperCase() ?? "";
}

function avatar(item) {
  return h("span", { class: "avatar", "aria-hidden": "true" }, item.author === "agent" && item.agent ? initial(item.agent) : icon(item.author === "agent" ? "person" : "spark"));
}

/* A title such as "KF2611200042 · Lamp · 20 Nov" in two lines, what it begins with first. */
function titleParts(title) {
  const [first, ...rest] = title.split(SEPARATOR);
  if (!rest.length) return [title];
  return [h("b", {}, first), h("span", { class: "away" }, SEPARATOR), h("small", {}, rest.join(SEPARATOR))];
}

/* Makes the children of list what is wanted, moving as little as possible, so that a screen reader
 * hears of new messages alone. */
function place(list, wanted) {
  const keep = new Set(wanted);
  for (const child of [...list.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
}

export function mount(given) {
  if (!customElements.get("kefu-widget")) customElements.define("kefu-widget", KefuWidget);
  const widget = document.createElement("kefu-widget");
  document.body.append(widget);
  widget.begin(given);
  return widget;
}
