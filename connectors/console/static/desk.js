/* An agent's desk: the lists, the open conversation, and what is done about it. */

import { chime, notify } from "./alerts.js";
import { ask } from "./api.js";
import { Deeds } from "./deeds.js";
import { h, icon, toast } from "./dom.js";
import { Drafts } from "./drafts.js";
import { drawFacts } from "./facts.js";
import { Lists, nameOf, tick, waitsForUs } from "./lists.js";
import { Presence } from "./presence.js";
import { Replies } from "./replies.js";
import { Shelves } from "./shelves.js";
import { clockOf, headOf, insteadOfWriting, reachOf, writerFor } from "./talk.js";
import { Transcript } from "./transcript.js";

const KEPT_MESSAGES = 400;
const TYPING_MS = 8000;
// Of a long line the server tells what happens to the first; with fewer they are fetched anew.
const HEAD_OF_LINE = 100;
const LEAST_OF_LINE = 50;
// What could not be fetched is fetched again after a while.
const FETCH_AGAIN_MS = 3000;

export class DeskPage {
  overview = { queue: [], waiting: 0, mine: [], others: [], snoozed: [], mentions: 0, calls: 0 };
  open = null;
  fetching = null;
  canned = [];
  colleagues = [];
  knownTags = [];
  skills = [];

  constructor(app) {
    this.app = app;
    this.drafts = new Drafts(app.me.id);
    this.deeds = new Deeds(this);
    this.replies = new Replies(this);
    this.shelves = new Shelves(this);
    this.presence = new Presence(app, () => this.drawPresence());
    this.loadTools();
  }

  get say() {
    return this.app.say;
  }

  get me() {
    return this.app.me;
  }

  get holds() {
    const conversation = this.open?.conversation;
    return conversation?.owner === "agent" && conversation.agent?.id === this.me.id;
  }

  close() {
    clearTimeout(this.fetchAgain);
    this.presence.stop();
    this.drafts.save();
  }

  async loadTools() {
    await this.app.attempt(async () => {
      const [canned, colleagues, tags] = await Promise.all([ask("/canned"), ask("/colleagues"), ask("/tags")]);
      this.canned = canned.canned;
      this.colleagues = colleagues.agents;
      this.skills = colleagues.skills;
      this.knownTags = tags.tags;
    });
  }

  // -- what the server tells -------------------------------------------------------------------

  connected() {
    this.app.socket.emit("watch", this.open?.conversation.id ?? null);
    if (this.open) this.loadMargin();
  }

  told(name, told) {
    const open = this.open?.conversation.id === told.conversation?.id || this.open?.conversation.id === told.conversation ? this.open : null;
    if (name === "message") this.heard(told, open);
    else if (name === "mentioned") this.mentioned(told);
    else if (!open) return;
    else if (name === "rewritten") this.rewritten(told.message);
    else if (name === "margin") this.loadMargin();
    else if (name === "present") this.presence.heard(told);
    else if (name === "shopper_typing") this.shopperTyping(told.on);
    else if (name === "shopper_read" && open.margin) {
      open.margin.reads.shopper = Math.max(told.seq, open.margin.reads.shopper ?? 0);
      this.drawTranscript();
    }
  }

  /* Fetches the lists and what was missed of the open conversation; calls in between are joined.
     `own`: the line is known, for the server tells what happens to it. */
  async refresh(own = false) {
    clearTimeout(this.fetchAgain);
    this.wholeWanted ||= !own;
    if (this.fetching) {
      this.again = true;
      return this.fetching;
    }
    this.fetching = this.app.attempt(async () => {
      do {
        this.again = false;
        const whole = this.wholeWanted;
        this.fetchesLine = whole;
        this.wholeWanted = false;
        const fetched = await ask(whole ? "/overview" : "/overview?queue=no");
        this.overview = { ...this.overview, ...fetched };
        if (whole) this.call();
        this.shelves.refresh();
        this.drawLists();
        await this.catchUp();
      } while (this.again);
      return true;
    });
    try {
      // Nothing else might tell of what this fetch would have shown.
      if (!(await this.fetching)) this.fetchAgain = setTimeout(() => this.refresh(), FETCH_AGAIN_MS);
    } finally {
      this.fetching = null;
    }
  }

  /* What has happened to the head of the line: who is new there or has changed, and who left. */
  queueTold({ waiting, lines, gone }) {
    // What is being fetched may have been read before this happened.
    if (this.fetching && this.fetchesLine) this.again = this.wholeWanted = true;
    const before = this.overview;
    const touched = new Set([...gone, ...lines.map((entry) => entry.conversation.id)]);
    const kept = before.queue.filter((entry) => !touched.has(entry.conversation.id));
    const line = [...kept, ...lines].sort((one, other) => (one.place < other.place ? -1 : 1));
    this.overview = { ...before, waiting, queue: line.slice(0, HEAD_OF_LINE) };
    if (line.length < Math.min(LEAST_OF_LINE, waiting)) return void this.refresh();
    // Before the whole line is known, whoever is not in it yet may have waited for long.
    if (this.toldUntil !== undefined) this.call();
    this.shelves.left(gone);
    this.shelves.refresh();
    this.drawLists();
  }

  /* A sound and a notification for whoever has joined the line, not for who only moved up in it. */
  call() {
    const { toldUntil } = this;
    const { queue } = this.overview;
    const fresh = queue.filter((entry) => entry.waiting_since > toldUntil);
    this.toldUntil = queue.reduce((newest, entry) => (entry.waiting_since > newest ? entry.waiting_since : newest), toldUntil ?? "");
    if (toldUntil === undefined || !fresh.length) return;
    chime();
    const [first] = fresh;
    notify(this.say.notifyWaiting, `${nameOf(first.conversation, this.say)}: ${first.last?.text ?? ""}`, "waiting", () => this.show(first.conversation.id));
  }

  async catchUp() {
    const open = this.open;
    if (!open || open.later) return;
    const last = open.messages.at(-1)?.seq ?? 0;
    const page = await ask(`/conversations/${open.conversation.id}?after=${last}`);
    if (this.open === open) {
      open.reach = page.reach;
      this.absorb(page.conversation, page.messages);
    }
  }

  heard({ conversation, message }, open) {
    // Whoever has a conversation and looks at it is told twice.
    const isNew = message.id !== this.lastHeard;
    this.lastHeard = message.id;
    if (isNew && message.author === "shopper" && conversation.agent?.id === this.me.id) {
      if (document.visibilityState !== "visible" || !open) chime();
      notify(this.say.notifyMessage(nameOf(conversation, this.say)), message.text ?? "", conversation.id, () => this.show(conversation.id));
    }
    if (!open) return;
    const last = open.messages.at(-1)?.seq ?? 0;
    if (message.seq > last + 1) this.refresh();
    else this.absorb(conversation, [message]);
  }

  /* What nobody may read any more is out of it. */
  rewritten(message) {
    this.open.messages = this.open.messages.map((one) => (one.id === message.id ? message : one));
    this.drawTranscript();
  }

  mentioned({ conversation }) {
    chime();
    toast(this.say.notifyMention);
    notify(this.say.notifyMention, "", "mention", () => this.show(conversation));
  }

  absorb(conversation, messages) {
    const open = this.open;
    const last = open.messages.at(-1)?.seq ?? 0;
    const fresh = open.later ? [] : messages.filter((message) => message.seq > last);
    open.messages.push(...fresh);
    if (open.messages.length > 2 * KEPT_MESSAGES) {
      open.messages.splice(0, open.messages.length - KEPT_MESSAGES);
      open.more = true;
    }
    if (fresh.some((message) => message.author === "shopper")) this.shopperTyping(false);
    const sent = new Set(fresh.map((message) => message.client_id));
    this.replies.arrived(conversation.id, sent);
    const before = open.conversation;
    if (conversation.epoch < before.epoch) conversation = before;
    open.conversation = conversation;
    this.drawTranscript();
    this.read();
    if (JSON.stringify(before.customer) !== JSON.stringify(conversation.customer)) this.loadFacts();
    if (before.epoch !== conversation.epoch) this.drawConversation();
    else if (JSON.stringify(before.clocks) !== JSON.stringify(conversation.clocks)) this.drawClock();
    else this.drawReach();
  }

  shopperTyping(on) {
    clearTimeout(this.typingEnds);
    this.parts?.transcript?.showTyping(on);
    if (on) this.typingEnds = setTimeout(() => this.shopperTyping(false), TYPING_MS);
  }

  /* Tells that this agent has read to the end, if they have it before their eyes. */
  read() {
    const open = this.open;
    if (!open || open.later || document.visibilityState !== "visible") return;
    const last = open.messages.at(-1)?.seq ?? 0;
    if (last <= (open.readSeq ?? 0)) return;
    open.readSeq = last;
    ask(`/conversations/${open.conversation.id}/read`, { seq: last }).catch(() => (open.readSeq = 0));
  }

  // -- one conversation ------------------------------------------------------------------------

  async show(id, seq = null) {
    if (this.app.page !== this) this.app.go("desk");
    this.keepDraft();
    this.chosen = id;
    await this.app.attempt(async () => {
      const page = await ask(`/conversations/${id}${seq ? `?around=${seq}` : ""}`);
      // Whoever has chosen another one meanwhile wants to see that one.
      if (this.chosen !== id) return;
      this.open = { ...page, facts: null, factsFailed: false, margin: null };
      this.atList = false;
      this.presence.clear();
      this.app.socket?.emit("watch", id);
      this.drawConversation(true);
      if (seq) this.parts.transcript.point(seq);
      this.drawLists();
      this.read();
      await Promise.all([this.loadMargin(), this.loadFacts(), this.app.duty?.opened(id)]);
    });
  }

  async loadMargin() {
    const open = this.open;
    const margin = await ask(`/conversations/${open.conversation.id}/margin`).catch(() => null);
    if (!margin || this.open !== open) return;
    open.margin = margin;
    this.drawTranscript();
    this.drawFacts();
  }

  async loadFacts() {
    const open = this.open;
    open.factsFailed = false;
    this.drawFacts();
    try {
      open.facts = await ask(`/conversations/${open.conversation.id}/facts`);
    } catch (error) {
      if (error.code === "no_session") return this.app.ended();
      open.factsFailed = true;
    }
    if (this.open === open) this.drawFacts();
    return undefined;
  }

  async loadEarlier() {
    const open = this.open;
    if (!open?.more) return;
    await this.app.attempt(async () => {
      const page = await ask(`/conversations/${open.conversation.id}?before=${open.messages[0].seq}`);
      open.messages.unshift(...page.messages);
      open.more = page.more;
      if (open.messages.length > KEPT_MESSAGES) {
        // The page holds a window of a long history; the way back is a button.
        open.messages.splice(KEPT_MESSAGES);
        open.later = true;
      }
      if (this.open === open) this.drawTranscript();
    });
  }

  loadNewest() {
    return this.show(this.open.conversation.id);
  }

  // -- drawing ---------------------------------------------------------------------------------

  /* who: who works here, above the lists; calls: what calls them, below. */
  build(who, calls) {
    const { say } = this;
    const lists = new Lists({ onopen: (entry) => this.show(entry.conversation.id, entry.seq), onend: () => this.shelves.more() });
    const side = h("nav", { class: "side", "aria-label": say.lists }, who, this.shelves.build(), lists.element);
    const head = h("header", { class: "head" });
    const present = h("p", { class: "present", role: "status", hidden: true });
    const middle = h("div", { class: "middle" });
    const composer = h("footer", { class: "composer" });
    const facts = h("aside", { class: "facts", "aria-label": say.facts });
    const talk = h("main", { class: "talk" }, head, present, middle, composer);
    this.parts = { lists, head, present, middle, composer, facts, shell: h("div", { class: "shell" }, side, calls, talk, facts) };
    this.element = this.parts.shell;
  }

  draw() {
    this.drawLists();
    this.drawConversation(true);
    this.drawFacts();
  }

  tick() {
    if (this.parts) tick(this.parts.shell, this.say);
  }

  changed() {
    this.drawLists();
  }

  drawLists() {
    if (!this.parts) return;
    this.parts.lists.show(this.shelves.groups(), { say: this.say, language: this.app.language, me: this.me, openId: this.open?.conversation.id, query: this.shelves.query });
    this.shelves.draw();
    const { waiting, mine } = this.overview;
    const calls = waiting + mine.filter(waitsForUs).length;
    document.title = `${calls ? `(${calls}) ` : ""}Kefu ${this.say.title}`;
  }

  /* Head and composer; the transcript anew only when another conversation was opened. */
  drawConversation(anew = false) {
    if (!this.parts) return;
    const { parts, say, open } = this;
    parts.shell.classList.toggle("empty", !open);
    if (anew) this.look(Boolean(open) && !this.atList);
    if (!open) {
      this.writer = null;
      parts.head.replaceChildren();
      parts.composer.replaceChildren();
      parts.middle.replaceChildren(h("div", { class: "nothing" }, icon("inbox"), h("h2", {}, say.chooseOne), h("p", {}, say.chooseHint)));
      return;
    }
    if (!anew) this.keepDraft();
    parts.head.replaceChildren(...headOf(this, open.conversation));
    this.writer = this.holds ? writerFor(this, open.conversation) : null;
    parts.composer.replaceChildren(...(this.writer ? [this.writer.element] : insteadOfWriting(this, open.conversation)));
    this.tick();
    if (anew) {
      parts.transcript = new Transcript({
        say,
        language: this.app.language,
        me: this.me,
        onearlier: () => this.loadEarlier(),
        onnewest: () => this.loadNewest(),
        onretry: (reply) => this.replies.post(reply),
        ondiscard: (reply) => this.replies.discard(reply),
      });
      parts.middle.replaceChildren(parts.transcript.element);
    }
    this.drawReach();
    this.drawPresence();
    this.drawTranscript();
    if (anew) parts.transcript.toEnd();
    this.drawFacts();
  }

  drawTranscript() {
    if (!this.parts?.transcript || !this.open) return;
    const { conversation, messages, more, later, margin } = this.open;
    this.parts.transcript.show({ messages, more, later, notes: margin?.notes, calls: margin?.calls, pending: this.replies.of(conversation.id), readSeq: margin?.reads.shopper ?? 0 });
  }

  drawFacts() {
    if (!this.parts) return;
    if (!this.open) return this.parts.facts.replaceChildren();
    // Whoever types a tag, or goes through the orders by keyboard, is not disturbed.
    const typing = this.parts.facts.querySelector(".tag-input:focus")?.value;
    const focused = this.focusedFact();
    const { deeds } = this;
    drawFacts(this.parts.facts, this.open, {
      say: this.say,
      language: this.app.language,
      mine: this.holds,
      known: this.knownTags,
      onretry: () => this.loadFacts(),
      deeds: {
        tag: (tags) => deeds.tag(tags),
        wake: () => deeds.post("snooze", { until: null }),
        open: (id) => this.show(id),
        merge: (other) => deeds.merge(other),
        order: (order, verb) => deeds.order(order, verb),
        called: deeds.mayCall ? () => deeds.called() : null,
      },
    });
    if (typing !== undefined) this.parts.facts.querySelector(".tag-input").value = typing;
    this.focusFact(focused);
    return undefined;
  }

  /* What of the facts has the focus, by a name that outlives its drawing; null if nothing has. */
  focusedFact() {
    const { activeElement: one } = document;
    return this.parts.facts.contains(one) ? factName(one) : null;
  }

  focusFact(name) {
    if (name === null || document.activeElement !== document.body) return;
    const all = this.parts.facts.querySelectorAll("button, a, input, summary");
    [...all].find((one) => factName(one) === name)?.focus({ preventScroll: true });
  }

  drawPresence() {
    if (!this.parts) return;
    const { say } = this;
    const [writing, viewing] = this.presence.names();
    const text = writing.length ? say.alsoWriting(writing.join(say.separator)) : viewing.length ? say.alsoHere(viewing.join(say.separator)) : "";
    this.parts.present.textContent = text;
    this.parts.present.hidden = !text;
    this.parts.present.classList.toggle("writing", writing.length > 0);
  }

  /* Says above the writing what the shopper's platform lets through. */
  drawReach() {
    const { composer } = this.parts ?? {};
    if (!composer) return;
    composer.querySelector(".reach")?.remove();
    const reach = reachOf(this);
    if (reach) composer.prepend(reach);
  }

  drawClock() {
    this.parts?.head.querySelector(".clock")?.replaceChildren(...[clockOf(this.open.conversation, this.say)].filter(Boolean));
    this.tick();
  }

  /* In a narrow window one sees the lists, or the conversation. */
  look(reading) {
    this.atList = !reading;
    this.parts.shell.classList.toggle("at-talk", reading);
  }

  toList() {
    this.look(false);
    this.parts.lists.focus(this.open?.conversation.id);
  }

  keepDraft() {
    if (this.writer) this.drafts.set(this.writer.conversation.id, this.writer.value);
  }

  // -- keyboard --------------------------------------------------------------------------------

  keys() {
    const { deeds } = this;
    const open = this.open?.conversation;
    const mine = (deed) => () => this.holds && deed();
    return {
      j: () => this.step(1),
      k: () => this.step(-1),
      n: () => deeds.takeNext(),
      t: () => open && deeds.take(open),
      r: () => this.writer?.write("reply"),
      m: () => (this.writer ? this.writer.write("note") : open && deeds.addNote()),
      b: mine(() => deeds.handBack()),
      x: mine(() => deeds.close()),
      p: mine(() => deeds.transfer()),
      q: mine(() => deeds.passOn()),
      d: () => deeds.mayCall && deeds.called(),
      s: mine(() => deeds.snooze()),
      c: mine(() => this.writer.openPopup("")),
      a: mine(() => this.writer.file.click()),
      g: mine(() => this.writer.suggest()),
      l: mine(() => this.writer.switchLanguage()),
      y: () => this.parts.facts.querySelector(".tag-input")?.focus(),
      o: () => this.ordersByKey(),
      f: () => this.factsByKey(),
      e: () => this.loadEarlier(),
      "/": () => this.shelves.focusSearch(),
      ...Object.fromEntries(this.shelves.names.map((name, index) => [String(index + 1), () => this.shelves.choose(name)])),
    };
  }

  /* What can be done for the order that has the focus, or the first. */
  ordersByKey() {
    const { facts } = this.parts;
    const order = document.activeElement?.closest?.(".order") ?? facts.querySelector(".order");
    if (order) order.open = true;
    order?.querySelector(".verbs")?.click();
  }

  /* Who it is and what they ordered; in a narrow window that opens, or goes, with it. */
  factsByKey() {
    if (!this.open) return;
    const { facts, shell } = this.parts;
    const narrow = getComputedStyle(this.parts.head.querySelector(".facts-toggle")).display !== "none";
    if (narrow && !shell.classList.toggle("facts-open")) return;
    facts.querySelector("summary, a, button, input")?.focus();
  }

  step(by) {
    const all = this.parts.lists.ids;
    if (!all.length) return;
    const now = all.findIndex((entry) => entry.conversation.id === this.open?.conversation.id);
    const next = all[now === -1 ? 0 : (now + by + all.length) % all.length];
    this.parts.lists.focus(next.conversation.id);
    this.show(next.conversation.id, next.seq);
  }
}

function factName(element) {
  const order = element.closest("[data-order]")?.dataset.order ?? "";
  return [order, element.tagName, element.className, element.getAttribute("aria-label") ?? element.textContent].join("|");
}
