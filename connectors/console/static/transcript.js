/* The transcript: only what is new is drawn, so that readers of screens hear only what is new. */

import { drawCard } from "./cards.js";
import { h, icon, pictureAddress, words } from "./dom.js";
import { callTold } from "./facts.js";

const NEAR_THE_END = 80;

export class Transcript {
  constructor({ say, language, me, onearlier, onnewest, onretry, ondiscard }) {
    Object.assign(this, { say, language, me, onearlier, onretry, ondiscard });
    this.drawn = new Map();
    this.typing = h("div", { class: "message theirs shopper typing", hidden: true }, h("span", { class: "away", role: "status" }), h("div", { class: "body" }, h("div", { class: "bubble dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"))));
    this.newest = h("button", { class: "button small newest", type: "button", onclick: onnewest, hidden: true }, icon("down"), say.newest);
    this.earlier = h("button", { class: "button small earlier", type: "button", onclick: onearlier, hidden: true }, say.earlier);
    this.list = h("div", { class: "list" });
    this.element = h("div", { class: "log", role: "log", tabIndex: 0, "aria-label": say.transcript, "aria-live": "polite" }, this.earlier, this.list, this.typing, this.newest);
  }

  /* Whether the end of what was said is in sight. */
  get atEnd() {
    const log = this.element;
    return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_THE_END;
  }

  showTyping(on) {
    const { atEnd } = this;
    this.typing.hidden = !on;
    this.typing.firstChild.textContent = on ? this.say.shopperTyping : "";
    if (on && atEnd) this.toEnd();
  }

  /* Brings message `seq` to the middle and draws the eye to it. */
  point(seq) {
    const shown = this.list.querySelector(`[data-key="m-${seq}"]`);
    if (!shown) return;
    shown.scrollIntoView({ block: "center" });
    shown.classList.add("pointed");
    shown.setAttribute("aria-label", this.say.found1);
  }

  /* messages in order with the notes and wishes to be called between them, then what is being sent; `more` when there are
   * earlier ones to load, `later` when these are not the newest; the shopper has read to `readSeq`. */
  show({ messages, notes = [], calls = [], pending, more, later = false, readSeq = 0 }) {
    const log = this.element;
    const fromEnd = log.scrollHeight - log.scrollTop;
    const atEnd = fromEnd - log.clientHeight < NEAR_THE_END;
    const before = this.list.firstElementChild?.dataset.key;
    const margin = [...notes, ...calls.map((call) => ({ call, seq: messages.findLast((message) => message.at <= call.at)?.seq ?? -1 }))].sort((one, other) => one.seq - other.seq);
    const wanted = this.items(messages, later ? margin.filter((note) => note.seq < messages.at(-1)?.seq) : margin, later ? [] : pending, readSeq);
    const keys = new Map(wanted.map((item) => [item.key, item.version]));
    for (const [key, shown] of this.drawn) {
      if (keys.get(key) !== shown.version) {
        shown.element.remove();
        this.drawn.delete(key);
      }
    }
    let place = this.list.firstElementChild;
    for (const item of wanted) {
      let shown = this.drawn.get(item.key);
      if (!shown) {
        shown = { version: item.version, element: item.draw() };
        shown.element.dataset.key = item.key;
        this.drawn.set(item.key, shown);
      }
      if (shown.element === place) place = place.nextElementSibling;
      else this.list.insertBefore(shown.element, place);
    }
    this.earlier.hidden = !more;
    this.newest.hidden = !later;
    const grewAtTheTop = before !== undefined && this.list.firstElementChild?.dataset.key !== before;
    if (atEnd && !grewAtTheTop) log.scrollTop = log.scrollHeight;
    else if (grewAtTheTop) log.scrollTop = log.scrollHeight - fromEnd;
  }

  toEnd() {
    this.element.scrollTop = this.element.scrollHeight;
  }

  items(messages, notes, pending, readSeq) {
    const items = [];
    let day = "";
    let speaker = "";
    const first = messages[0]?.seq ?? 0;
    const between = notes.filter((note) => note.seq >= first);
    const lastRead = messages.findLast((message) => message.author === "agent" && message.seq <= readSeq)?.seq;
    const put = (seq) => {
      while (between.length && between[0].seq < seq) {
        const { call, ...note } = between.shift();
        if (call) items.push({ key: `c-${call.at}`, version: JSON.stringify(call), draw: () => this.call(call) });
        else items.push({ key: `n-${note.id}`, version: "", draw: () => this.note(note) });
        speaker = "";
      }
    };
    for (const message of messages) {
      put(message.seq);
      const today = this.dayOf(message.at);
      if (today !== day) {
        items.push({ key: `day-${today}`, version: "", draw: () => h("div", { class: "day" }, today) });
        [day, speaker] = [today, ""];
      }
      const who = message.author === "agent" ? `agent-${message.agent?.id}` : message.author;
      const begins = who !== speaker;
      const read = message.seq === lastRead;
      speaker = who;
      items.push({ key: `m-${message.seq}`, version: `${begins}${read}${message.text ?? ""}`, draw: () => this.message(message, begins, read) });
    }
    put(Infinity);
    for (const reply of pending) {
      items.push({ key: `p-${reply.client_id}`, version: `${reply.state}${reply.problem ?? ""}`, draw: () => this.pending(reply) });
    }
    return items;
  }

  note(note) {
    return h(
      "div",
      { class: "margin-note", role: "note", "aria-label": this.say.noteBy(note.agent?.name ?? "") },
      h("span", { class: "speaker" }, icon("note"), note.agent?.name, h("time", { datetime: note.at }, this.timeOf(note.at))),
      h("p", {}, words(note.text)),
    );
  }

  call(call) {
    const told = [call.contact ? this.say.callNote(call.contact) : this.say.callBack, callTold(call, this.say, this.language)].join(" · ");
    return h("div", { class: "margin-note", role: "note", "aria-label": this.say.callBack }, h("span", { class: "speaker" }, icon("phone"), h("span", {}, told)));
  }

  message(message, first, read) {
    if (message.author === "system") {
      return h("div", { class: "notice" }, h("span", {}, message.text ?? ""), h("time", { datetime: message.at }, this.timeOf(message.at)));
    }
    const mine = message.author === "agent" && message.agent?.id === this.me.id;
    const name = message.author === "agent" ? (mine ? this.say.you : message.agent?.name) : this.say.author[message.author];
    return h(
      "article",
      { class: `message ${message.author} ${message.author === "shopper" ? "theirs" : "ours"}` },
      first ? h("span", { class: "speaker" }, icon(message.author === "bot" ? "bot" : "person"), name) : h("span", { class: "away" }, name),
      this.body(message),
      h("span", { class: "meta" }, h("time", { datetime: message.at }, this.timeOf(message.at)), read ? h("span", { class: "read" }, icon("tick"), this.say.readByShopper) : mine ? [icon("tick"), h("span", { class: "away" }, this.say.sent)] : null),
    );
  }

  body(message) {
    const pictures = [message.image, ...(message.attachments ?? []).map((one) => `/widget/uploads/${encodeURIComponent(one.id)}`)];
    return h(
      "div",
      { class: "body" },
      message.text ? h("div", { class: "bubble" }, words(message.text)) : null,
      pictures.map((address) => address && pictureAddress(address)).filter(Boolean).map((address) =>
        h("a", { class: "picture", href: address, target: "_blank", rel: "noopener noreferrer" }, h("img", { src: address, alt: this.say.picture, loading: "lazy" })),
      ),
      message.card ? drawCard(message.card, this.language) : null,
      message.buttons?.length ? h("ul", { class: "offers" }, message.buttons.map((button) => h("li", {}, button.title))) : null,
    );
  }

  pending(reply) {
    const failed = reply.state === "failed";
    return h(
      "article",
      { class: `message agent ours ${reply.state}` },
      h("div", { class: "body" }, reply.text ? h("div", { class: "bubble" }, words(reply.text)) : null, reply.pictures?.length ? h("span", { class: "small" }, icon("image")) : null),
      h(
        "span",
        { class: `meta ${failed ? "wrong" : ""}`, role: failed ? "alert" : null },
        failed
          ? [
              icon("alert"),
              reply.problem ?? this.say.failed,
              reply.final ? null : h("button", { type: "button", onclick: () => this.onretry(reply) }, this.say.retry),
              h("button", { type: "button", onclick: () => this.ondiscard(reply) }, this.say.discard),
            ]
          : [icon("clock"), this.say.sending],
      ),
    );
  }

  timeOf(iso) {
    return new Date(iso).toLocaleTimeString(this.language === "en" ? "en-GB" : "zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  }

  dayOf(iso) {
    const at = new Date(iso);
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
    if (days === 0) return this.say.today;
    if (days === 1) return this.say.yesterday;
    return at.toLocaleDateString(this.language === "en" ? "en-GB" : "zh-CN", { year: "numeric", month: "long", day: "numeric" });
  }
}
