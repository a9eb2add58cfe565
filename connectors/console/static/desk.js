/* An agent's desk: the lists, the open conversation, and what is done about it. */

import { chime, notify } from "./alerts.js";
import { ask, newId } from "./api.js";
import { askForm, confirm, field } from "./dialogs.js";
import { askPassOn, askTransfer, askUntil } from "./deeds.js";
import { h, icon, toast } from "./dom.js";
import { doForOrder } from "./orders.js";
import { Drafts } from "./drafts.js";
import { drawFacts } from "./facts.js";
import { Lists, nameOf, tick } from "./lists.js";
import { Presence } from "./presence.js";
import { Shelves } from "./shelves.js";
import { Transcript } from "./transcript.js";
import { channel } from "./words.js";
import { Writer } from "./writer.js";

const KEPT_MESSAGES = 400;
const TYPING_MS = 8000;
// Of a long line the server tells what happens to the first; with fewer they are fetched anew.
const HEAD_OF_LINE = 100;
const LEAST_OF_LINE = 50;

export class DeskPage {
  overview = { queue: [], waiting: 0, mine: [], others: [], snoozed: [], mentions: 0 };
  open = null;
  pending = new Map();
  fetching = null;
  canned = [];
  colleagues = [];
  knownTags = [];
  skills = [];

  constructor(app) {
    this.app = app;
    this.drafts = new Drafts(app.me.id);
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
    });
    try {
      await this.fetching;
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
    this.setPending(conversation.id, this.pendingOf(conversation.id).filter((reply) => !sent.has(reply.client_id)));
    const before = open.conversation;
    if (conversation.epoch < before.epoch) conversation = before;
    open.conversation = conversation;
    this.drawTranscript();
    this.read();
    if (JSON.stringify(before.customer) !== JSON.stringify(conversation.customer)) this.loadFacts();
    if (JSON.stringify(before.callback) !== JSON.stringify(conversation.callback)) this.drawFacts();
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
      if (error.code === "no_session") throw error;
      open.factsFailed = true;
    }
    if (this.open === open) this.drawFacts();
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

  // -- deeds -----------------------------------------------------------------------------------

  async take(conversation) {
    const holder = conversation.owner === "agent" ? conversation.agent : null;
    if (holder?.id === this.me.id || conversation.owner === "closed") return;
    if (holder && !this.app.isSupervisor) return toast(this.say.took(holder.name), "warn");
    if (holder && (await confirm(this.say, { title: this.say.pullAsk(holder.name), more: this.say.pullMore, action: this.say.pull })) === null) return;
    await this.app.attempt(async () => {
      await ask(`/conversations/${conversation.id}/take`, { force: Boolean(holder) });
    });
    if (this.open?.conversation.id !== conversation.id) await this.show(conversation.id);
    // What is taken from the list is held out to nobody any more.
    await Promise.all([this.refresh(), this.app.duty.load()]);
    this.writer?.text.focus();
  }

  async takeNext() {
    const next = this.overview.queue[0];
    if (next) await this.take(next.conversation);
    else toast(this.say.nobodyNext);
  }

  /* POSTs to the open conversation, then fetches how everything stands. */
  async deed(name, body = {}) {
    const id = this.open.conversation.id;
    const done = await this.app.attempt(() => ask(`/conversations/${id}/${name}`, body));
    await this.refresh();
    if (this.open?.conversation.id === id) await this.loadMargin();
    return done;
  }

  async handBack() {
    const { say } = this;
    const agreed = h("textarea", { rows: 2, maxLength: 2000 });
    const order = h("select", {}, h("option", { value: "" }, say.noOrder), (this.open.facts?.orders ?? []).map((one) => h("option", { value: one.number }, one.number)));
    const note = h("textarea", { rows: 2, maxLength: 2000 });
    const told = await askForm(say, {
      title: say.handBackAsk,
      more: say.handBackMore,
      action: say.handBack,
      fields: [field(say.agreed, agreed), field(say.agreedOrder, order), field(say.handBackNote, note)],
      read: () => ({ agreed: agreed.value.trim(), order: order.value || null, note: note.value.trim() }),
    });
    if (told) await this.deed("hand_back", told);
  }

  async closeConversation() {
    const { say } = this;
    if ((await confirm(say, { title: say.closeAsk, more: say.closeMore, action: say.close, grave: true })) !== null) await this.deed("close");
  }

  async transfer() {
    const others = this.colleagues.filter((one) => one.id !== this.me.id);
    if (!others.length) return toast(this.say.noColleague);
    const chosen = await askTransfer(this.say, others);
    if (chosen) await this.deed("transfer", chosen);
    return undefined;
  }

  /* Back to the line with its place, for somebody who can do what this agent cannot. */
  async passOn() {
    const chosen = await askPassOn(this.say, this.app.language, this.skills);
    if (chosen) await this.deed("pass_on", chosen);
  }

  async called() {
    const done = await this.deed("called");
    if (done && this.open?.conversation.id === done.conversation.id) this.absorb(done.conversation, []);
  }

  async snooze() {
    const until = await askUntil(this.say);
    if (until) await this.deed("snooze", { until });
  }

  async tag(tags) {
    await this.deed("tags", { tags });
    this.knownTags = [...new Set([...this.knownTags, ...tags])];
    // The button of a removed tag is gone; whoever went on elsewhere meanwhile is left alone.
    if (document.activeElement === document.body) this.parts?.facts.querySelector(".tag-input")?.focus();
  }

  async merge(other) {
    const { say } = this;
    const sure = await confirm(say, { title: say.mergeAsk(nameOf(other, say)), more: say.mergeMore, action: say.merge });
    if (sure !== null) await this.deed("merge", { other: other.id });
  }

  /* Preview, then confirm; the shop says what is possible. */
  async orderDeed(order, verb) {
    if (await doForOrder(this.app, this.open.conversation.id, order, verb)) await this.loadFacts();
  }

  // -- replies ---------------------------------------------------------------------------------

  async send({ text, pictures }) {
    const id = this.open.conversation.id;
    if (this.open.later) await this.loadNewest();
    const reply = { client_id: newId(), conversation_id: id, text, pictures, state: "sending" };
    this.setPending(id, [...this.pendingOf(id), reply]);
    this.drawTranscript();
    this.parts.transcript.toEnd();
    this.presence.say("viewing");
    await this.post(reply);
  }

  /* The same client_id every time: however often it is tried, it is said once. */
  async post(reply) {
    reply.state = "sending";
    this.drawTranscript();
    try {
      const attachments = reply.pictures.map((picture) => picture.id);
      await ask(`/conversations/${reply.conversation_id}/reply`, { text: reply.text, client_id: reply.client_id, attachments });
      // It joins the transcript by its number, together with whatever came before it.
      await this.refresh();
      this.discard(reply);
    } catch (error) {
      if (error.status === 409) return this.moved(reply, error);
      reply.state = "failed";
      reply.problem = this.app.errorText(error);
      reply.final = !["network", "internal"].includes(error.code);
      this.drawTranscript();
      if (error.code === "no_session") this.app.leave(this.say.errors.no_session);
    }
    return undefined;
  }

  /* The conversation went on without us: what was written is kept, and said so. */
  async moved(reply, error) {
    const id = reply.conversation_id;
    this.keepDraft();
    const before = this.drafts.get(id);
    this.drafts.set(id, before && before !== reply.text ? `${reply.text}\n${before}` : reply.text);
    if (this.writer?.conversation.id === id) this.writer.text.value = this.drafts.get(id);
    this.discard(reply);
    toast(`${this.app.errorText(error)} · ${this.say.draftKept}`, "warn");
    await this.refresh();
    this.drawConversation();
  }

  discard(reply) {
    const id = reply.conversation_id;
    this.setPending(id, this.pendingOf(id).filter((other) => other !== reply));
    this.drawTranscript();
  }

  pendingOf(id) {
    return this.pending.get(id) ?? [];
  }

  setPending(id, replies) {
    if (replies.length) this.pending.set(id, replies);
    else this.pending.delete(id);
  }

  async upload(file) {
    const body = new FormData();
    body.append("file", file, file.name || "picture");
    const answer = await this.app.attempt(() => ask(`/conversations/${this.open.conversation.id}/picture`, body));
    return answer?.attachment ?? null;
  }

  // -- drawing ---------------------------------------------------------------------------------

  /* who: who works here; calls: what calls them. Both stand beside the lists. */
  build(who, calls) {
    const { say } = this;
    const lists = new Lists({ onopen: (entry) => this.show(entry.conversation.id, entry.seq), onend: () => this.shelves.more() });
    const side = h("nav", { class: "side", "aria-label": say.lists }, who, this.shelves.build(), lists.element, calls);
    const head = h("header", { class: "head" });
    const present = h("p", { class: "present", role: "status", hidden: true });
    const middle = h("div", { class: "middle" });
    const composer = h("footer", { class: "composer" });
    const facts = h("aside", { class: "facts", "aria-label": say.facts });
    const talk = h("main", { class: "talk" }, head, present, middle, composer);
    this.parts = { lists, head, present, middle, composer, facts, shell: h("div", { class: "shell" }, side, talk, facts) };
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
    const calls = waiting + mine.filter((entry) => entry.last?.author === "shopper").length;
    document.title = `${calls ? `(${calls}) ` : ""}Kefu ${this.say.title}`;
  }

  /* Head and composer; the transcript anew only when another conversation was opened. */
  drawConversation(anew = false) {
    if (!this.parts) return;
    const { parts, say, open } = this;
    parts.shell.classList.toggle("empty", !open);
    if (!open) {
      this.writer = null;
      parts.head.replaceChildren();
      parts.composer.replaceChildren();
      parts.middle.replaceChildren(h("div", { class: "nothing" }, icon("inbox"), h("h2", {}, say.chooseOne), h("p", {}, say.chooseHint)));
      return;
    }
    if (!anew) this.keepDraft();
    parts.head.replaceChildren(...this.head(open.conversation));
    parts.composer.replaceChildren(...this.composer(open.conversation));
    if (anew) {
      parts.transcript = new Transcript({
        say,
        language: this.app.language,
        me: this.me,
        onearlier: () => this.loadEarlier(),
        onnewest: () => this.loadNewest(),
        onretry: (reply) => this.post(reply),
        ondiscard: (reply) => this.discard(reply),
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
    this.parts.transcript.show({ messages, more, later, notes: margin?.notes, pending: this.pendingOf(conversation.id), readSeq: margin?.reads.shopper ?? 0 });
  }

  drawFacts() {
    if (!this.parts) return;
    if (!this.open) return this.parts.facts.replaceChildren();
    // Whoever types a tag is not disturbed.
    const typing = this.parts.facts.querySelector(".tag-input:focus")?.value;
    drawFacts(this.parts.facts, this.open, {
      say: this.say,
      language: this.app.language,
      mine: this.holds,
      known: this.knownTags,
      onretry: () => this.app.attempt(() => this.loadFacts()),
      deeds: {
        tag: (tags) => this.tag(tags),
        wake: () => this.deed("snooze", { until: null }),
        open: (id) => this.show(id),
        merge: (other) => this.merge(other),
        order: (order, verb) => this.orderDeed(order, verb),
        called: () => this.called(),
      },
    });
    if (typing !== undefined) {
      const input = this.parts.facts.querySelector(".tag-input");
      input.value = typing;
      input.focus();
    }
    return undefined;
  }

  drawPresence() {
    if (!this.parts) return;
    const { say } = this;
    const [writing, viewing] = this.presence.names();
    const text = writing.length ? say.alsoWriting(writing.join("、")) : viewing.length ? say.alsoHere(viewing.join("、")) : "";
    this.parts.present.textContent = text;
    this.parts.present.hidden = !text;
    this.parts.present.classList.toggle("writing", writing.length > 0);
  }

  /* Says above the writing what the shopper's platform lets through. */
  drawReach() {
    const { composer } = this.parts ?? {};
    if (!composer) return;
    composer.querySelector(".reach")?.remove();
    const reach = this.open?.reach;
    if (!reach || !this.holds) return;
    const mood = reach.state === "open" ? "" : "warn";
    composer.prepend(h("p", { class: `reach ${mood}`, role: "status" }, icon(mood ? "alert" : "clock"), reach.words[this.app.language]));
  }

  head(conversation) {
    const { say } = this;
    const where = [channel(conversation.channel, this.app.language)[0], say.languages[conversation.language]];
    const button = (name, shape, onclick, label = name) => h("button", { class: "button", type: "button", onclick, "aria-label": label, title: label }, icon(shape), h("span", {}, name));
    return [
      h("div", { class: "head-who" }, h("h1", {}, nameOf(conversation, say)), h("p", {}, where.filter(Boolean).join(" · "), h("span", { class: "clock" }, clockOf(conversation, say)))),
      h(
        "div",
        { class: "head-deeds" },
        this.holds
          ? [
              button(say.transfer, "pass", () => this.transfer()),
              button(say.passOn, "inbox", () => this.passOn()),
              button(say.snooze, "moonlater", () => this.snooze()),
              button(say.handBack, "back", () => this.handBack()),
              button(say.close, "tick", () => this.closeConversation()),
            ]
          : null,
        // Only where the window is too narrow to show the facts all the time.
        h("button", { class: "button facts-toggle", type: "button", "aria-label": say.facts, title: say.facts, onclick: () => this.parts.shell.classList.toggle("facts-open") }, icon("person")),
      ),
    ];
  }

  drawClock() {
    this.parts?.head.querySelector(".clock")?.replaceChildren(...[clockOf(this.open.conversation, this.say)].filter(Boolean));
    this.tick();
  }

  composer(conversation) {
    const { say } = this;
    const { owner, agent, id } = conversation;
    this.writer = null;
    if (this.holds) {
      this.writer = new Writer({
        say,
        conversation,
        longest: this.app.longest,
        draft: this.drafts.get(id),
        me: this.me,
        shop: this.app.shop,
        canned: this.canned,
        order: () => conversation.handoff?.summary?.orders?.[0] ?? this.open.facts?.orders?.[0]?.number ?? null,
        onescape: () => this.parts.lists.focus(id),
        onwriting: () => this.presence.say("writing"),
        onupload: (file) => this.upload(file),
        onsuggest: async (language) => (await this.app.attempt(() => ask(`/conversations/${id}/suggestions?language=${language}`)))?.suggestions,
        onnote: (text) => this.deed("notes", { text }),
        onsend: (said) => {
          this.drafts.set(id, "");
          this.send(said);
        },
      });
      return [this.writer.element];
    }
    const texts = { bot: say.withBot, queue: say.takeTo, agent: say.heldBy(agent?.name ?? ""), closed: say.closed };
    const may = owner === "bot" || owner === "queue" || (owner === "agent" && this.app.isSupervisor);
    const label = owner === "queue" ? say.take : say.pull;
    return [
      this.keptDraft(id),
      h(
        "div",
        { class: "instead" },
        h("span", {}, texts[owner]),
        h("button", { class: "button", type: "button", onclick: () => this.addNote() }, icon("note"), say.addNote),
        may ? h("button", { class: "button primary", type: "button", onclick: () => this.take(conversation) }, label) : null,
      ),
    ].filter(Boolean);
  }

  /* A reply that found the conversation gone. */
  keptDraft(id) {
    const { say } = this;
    const draft = this.drafts.get(id);
    if (!draft) return null;
    const done = () => {
      this.drafts.set(id, "");
      this.drawConversation();
    };
    return h(
      "section",
      { class: "kept", "aria-label": say.keptDraft },
      h("b", {}, say.keptDraft),
      h("blockquote", {}, draft),
      h("small", {}, say.keptDraftMore),
      h(
        "div",
        { class: "kept-deeds" },
        h("button", { class: "button small", type: "button", onclick: async () => { await navigator.clipboard.writeText(draft); toast(say.copied(say.reply)); } }, icon("copy"), say.copyDraft),
        h("button", { class: "button small", type: "button", onclick: async () => { await this.deed("notes", { text: draft }); done(); } }, icon("note"), say.draftAsNote),
        h("button", { class: "button small", type: "button", onclick: done }, icon("close"), say.dropDraft),
      ),
    );
  }

  async addNote() {
    const { say } = this;
    const text = await confirm(say, { title: say.addNote, more: say.notePlaceholder, action: say.addNote, note: true });
    if (text) await this.deed("notes", { text });
  }

  keepDraft() {
    if (this.writer) this.drafts.set(this.writer.conversation.id, this.writer.value);
  }

  // -- keyboard --------------------------------------------------------------------------------

  keys() {
    const open = this.open?.conversation;
    const mine = (deed) => () => this.holds && deed();
    return {
      j: () => this.step(1),
      k: () => this.step(-1),
      n: () => this.takeNext(),
      t: () => open && this.take(open),
      r: () => this.writer?.write("reply"),
      m: () => (this.writer ? this.writer.write("note") : open && this.addNote()),
      b: mine(() => this.handBack()),
      x: mine(() => this.closeConversation()),
      p: mine(() => this.transfer()),
      q: mine(() => this.passOn()),
      d: mine(() => this.open.conversation.callback?.contact && this.called()),
      s: mine(() => this.snooze()),
      c: mine(() => this.writer.openPopup("")),
      a: mine(() => this.writer.file.click()),
      g: mine(() => this.writer.suggest()),
      l: mine(() => this.writer.switchLanguage()),
      y: () => this.parts.facts.querySelector(".tag-input")?.focus(),
      e: () => this.loadEarlier(),
      "/": () => this.shelves.focusSearch(),
      ...Object.fromEntries(this.shelves.names.map((name, index) => [String(index + 1), () => this.shelves.choose(name)])),
    };
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

/* The next promise that is due in a conversation, counting down. */
function clockOf(conversation, say) {
  const [next] = (conversation.clocks ?? []).filter((clock) => clock.running && clock.due_at).sort((one, other) => one.due_at.localeCompare(other.due_at));
  return next ? h("span", { class: "due" }, say.metric[next.metric] ?? next.metric, " ", h("span", { class: "due", "data-due": next.due_at })) : null;
}
