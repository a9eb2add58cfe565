/* The agents' desk: what is open, what is being said, and what the server tells. */

import { io } from "./vendor/socket.io.esm.min.js";
import { ApiError, ask, newId } from "./api.js";
import { confirm, showKeys } from "./dialogs.js";
import { h, icon, toast } from "./dom.js";
import { drawFacts } from "./facts.js";
import { drawLists, nameOf, tick } from "./lists.js";
import { drawLogin } from "./login.js";
import { preferences } from "./preferences.js";
import { Transcript } from "./transcript.js";
import { channel, WORDS } from "./words.js";
import { drawWriter } from "./writer.js";

const THEME_ICONS = { auto: "half", light: "sun", dark: "moon" };
const root = document.getElementById("app");

class Desk {
  me = null;
  socket = null;
  online = true;
  overview = { queue: [], mine: [], others: [] };
  open = null;
  pending = new Map();
  drafts = new Map();
  fetching = null;

  get say() {
    return WORDS[preferences.language];
  }

  async start() {
    preferences.apply();
    document.addEventListener("keydown", (event) => this.key(event));
    setInterval(() => this.parts && tick(this.parts.lists, this.say), 1000);
    try {
      await this.enter(await ask("/me"));
    } catch (error) {
      this.leave(error.code === "no_session" ? null : this.errorText(error));
    }
  }

  // -- in and out ------------------------------------------------------------------------------

  async enter({ agent, message_characters: longest }) {
    this.me = agent;
    this.longest = longest;
    this.shell();
    this.socket?.disconnect();
    this.socket = io("/console", { transports: ["websocket", "polling"] });
    this.socket.on("connect", () => this.connected());
    this.socket.on("disconnect", () => this.setOnline(false));
    this.socket.on("connect_error", (error) => (error.message === "no_session" ? this.leave(this.say.errors.no_session) : this.setOnline(false)));
    this.socket.on("overview", () => this.refresh());
    this.socket.on("message", (told) => this.heard(told));
    await this.refresh();
  }

  leave(problem) {
    this.socket?.disconnect();
    Object.assign(this, { me: null, socket: null, open: null, parts: null });
    this.pending.clear();
    this.drafts.clear();
    document.title = `Kefu ${this.say.title}`;
    root.replaceChildren(
      drawLogin(this.say, {
        problem,
        errorText: (error) => this.errorText(error),
        onin: (introduction) => this.enter(introduction),
        onlanguage: () => {
          this.switchLanguage();
          this.leave(null);
        },
      }),
    );
    document.getElementById("login").focus();
  }

  async signOut() {
    await this.attempt(() => ask("/logout", {}));
    this.leave(null);
  }

  switchLanguage() {
    preferences.set({ language: preferences.language === "en" ? "zh" : "en" });
  }

  // -- what the server tells -------------------------------------------------------------------

  async connected() {
    this.setOnline(true);
    this.socket.emit("watch", this.open?.conversation.id ?? null);
    await this.refresh();
  }

  setOnline(online) {
    this.online = online;
    if (!this.parts) return;
    this.parts.status.textContent = online ? this.say.online : this.say.offline;
    this.parts.status.classList.toggle("off", !online);
  }

  /* Fetches the lists and what was missed of the open conversation; calls in between are joined. */
  async refresh() {
    if (this.fetching) {
      this.again = true;
      return this.fetching;
    }
    this.fetching = this.attempt(async () => {
      do {
        this.again = false;
        this.overview = await ask("/overview");
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

  async catchUp() {
    const open = this.open;
    if (!open) return;
    const last = open.messages.at(-1)?.seq ?? 0;
    const page = await ask(`/conversations/${open.conversation.id}?after=${last}`);
    if (this.open === open) this.absorb(page.conversation, page.messages);
  }

  heard({ conversation, message }) {
    const open = this.open;
    if (open?.conversation.id !== conversation.id) return;
    const last = open.messages.at(-1)?.seq ?? 0;
    if (message.seq > last + 1) this.refresh();
    else this.absorb(conversation, [message]);
  }

  absorb(conversation, messages) {
    const open = this.open;
    const last = open.messages.at(-1)?.seq ?? 0;
    const fresh = messages.filter((message) => message.seq > last);
    open.messages.push(...fresh);
    const sent = new Set(fresh.map((message) => message.client_id));
    this.setPending(conversation.id, this.pendingOf(conversation.id).filter((reply) => !sent.has(reply.client_id)));
    const before = open.conversation;
    if (conversation.epoch < before.epoch) conversation = before;
    open.conversation = conversation;
    this.drawTranscript();
    if (JSON.stringify(before.customer) !== JSON.stringify(conversation.customer)) this.loadFacts();
    if (before.epoch !== conversation.epoch) this.drawConversation();
  }

  // -- one conversation ------------------------------------------------------------------------

  async show(id) {
    this.keepDraft();
    await this.attempt(async () => {
      const page = await ask(`/conversations/${id}`);
      this.open = { ...page, facts: null, factsFailed: false };
      this.socket?.emit("watch", id);
      this.drawConversation(true);
      this.drawLists();
      await this.loadFacts();
    });
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
    await this.attempt(async () => {
      const page = await ask(`/conversations/${open.conversation.id}?before=${open.messages[0].seq}`);
      open.messages.unshift(...page.messages);
      open.more = page.more;
      if (this.open === open) this.drawTranscript();
    });
  }

  // -- deeds -----------------------------------------------------------------------------------

  async take(conversation) {
    const holder = conversation.owner === "agent" ? conversation.agent : null;
    if (holder?.id === this.me.id || conversation.owner === "closed") return;
    if (holder && this.me.role !== "supervisor") return toast(this.say.took(holder.name), "warn");
    if (holder && (await confirm(this.say, { title: this.say.pullAsk(holder.name), more: this.say.pullMore, action: this.say.pull })) === null) return;
    await this.attempt(async () => {
      await ask(`/conversations/${conversation.id}/take`, { force: Boolean(holder) });
    });
    if (this.open?.conversation.id !== conversation.id) await this.show(conversation.id);
    await this.refresh();
    this.parts?.composer.querySelector("textarea")?.focus();
  }

  async takeNext() {
    const next = this.overview.queue[0];
    if (next) await this.take(next.conversation);
    else toast(this.say.nobodyNext);
  }

  async handBack() {
    const { say } = this;
    const id = this.open.conversation.id;
    const note = await confirm(say, { title: say.handBackAsk, more: say.handBackMore, action: say.handBack, note: true });
    if (note === null) return;
    await this.attempt(() => ask(`/conversations/${id}/hand_back`, { note }));
    await this.refresh();
  }

  async close() {
    const { say } = this;
    const id = this.open.conversation.id;
    if ((await confirm(say, { title: say.closeAsk, more: say.closeMore, action: say.close, grave: true })) === null) return;
    await this.attempt(() => ask(`/conversations/${id}/close`, {}));
    await this.refresh();
  }

  async send(text) {
    const id = this.open.conversation.id;
    const reply = { client_id: newId(), conversation_id: id, text, state: "sending" };
    this.setPending(id, [...this.pendingOf(id), reply]);
    this.drawTranscript();
    this.parts.transcript.toEnd();
    await this.post(reply);
  }

  /* The same client_id every time: however often it is tried, it is said once. */
  async post(reply) {
    reply.state = "sending";
    this.drawTranscript();
    try {
      await ask(`/conversations/${reply.conversation_id}/reply`, { text: reply.text, client_id: reply.client_id });
      // It joins the transcript by its number, together with whatever came before it.
      await this.refresh();
      this.discard(reply);
    } catch (error) {
      reply.state = "failed";
      reply.problem = this.errorText(error);
      reply.final = !["network", "internal"].includes(error.code);
      this.drawTranscript();
      if (error.code === "no_session") this.leave(this.say.errors.no_session);
      if (error.status === 409) await this.refresh();
    }
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

  /* Does `work`; what goes wrong is said, and an ended session leads to the login. */
  async attempt(work) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "no_session") this.leave(this.say.errors.no_session);
      else if (error.code !== "network" || this.online) toast(this.errorText(error), "warn");
      return undefined;
    }
  }

  errorText(error) {
    const { say } = this;
    if (error.code === "taken") return say.took(error.error.agent.name);
    if (error.code === "moved") {
      const { owner, agent } = error.error.conversation;
      return owner === "agent" ? say.movedTo.agent(agent.name) : say.movedTo[owner];
    }
    const found = say.errors[error.code] ?? say.errors.internal;
    return typeof found === "function" ? found(error.error) : found;
  }

  // -- drawing ---------------------------------------------------------------------------------

  shell() {
    const { say, me } = this;
    const lists = h("div", { class: "lists" });
    const status = h("span", { class: "status", role: "status" });
    const tool = (name, label, onclick) => h("button", { class: "tool", type: "button", title: label, "aria-label": label, onclick }, name);
    const side = h(
      "nav",
      { class: "side", "aria-label": say.lists },
      h(
        "header",
        { class: "side-head" },
        h("img", { src: "/console/static/mark.svg", alt: "", width: 30, height: 30 }),
        h("span", { class: "who" }, h("b", {}, me.name), h("small", {}, say.role[me.role])),
        status,
      ),
      lists,
      h(
        "footer",
        { class: "side-foot" },
        tool(say.otherLanguage, say.switchLanguage, () => this.redraw(() => this.switchLanguage())),
        tool(icon(THEME_ICONS[preferences.theme]), say.theme[preferences.theme], () => this.redraw(() => preferences.nextTheme())),
        tool(icon("keys"), say.keys, () => showKeys(say)),
        tool(icon("leave"), say.signOut, () => this.signOut()),
      ),
    );
    const head = h("header", { class: "head" });
    const middle = h("div", { class: "middle" });
    const composer = h("footer", { class: "composer" });
    const facts = h("aside", { class: "facts", "aria-label": say.facts });
    const talk = h("main", { class: "talk" }, head, middle, composer);
    this.parts = { lists, status, head, middle, composer, facts, shell: h("div", { class: "shell" }, side, talk, facts) };
    root.replaceChildren(this.parts.shell);
    this.setOnline(this.online);
    this.drawLists();
    this.drawConversation(true);
    this.drawFacts();
  }

  redraw(change) {
    this.keepDraft();
    change();
    this.shell();
  }

  drawLists() {
    if (!this.parts) return;
    const { queue, mine } = this.overview;
    drawLists(this.parts.lists, this.overview, {
      say: this.say,
      language: preferences.language,
      me: this.me,
      openId: this.open?.conversation.id,
      onopen: (id) => this.show(id),
    });
    const calls = queue.length + mine.filter((entry) => entry.last?.author === "shopper").length;
    document.title = `${calls ? `(${calls}) ` : ""}Kefu ${this.say.title}`;
  }

  /* Head and composer; the transcript anew only when another conversation was opened. */
  drawConversation(anew = false) {
    if (!this.parts) return;
    const { parts, say, open } = this;
    parts.shell.classList.toggle("empty", !open);
    if (!open) {
      parts.head.replaceChildren();
      parts.composer.replaceChildren();
      parts.middle.replaceChildren(h("div", { class: "nothing" }, icon("inbox"), h("h2", {}, say.chooseOne), h("p", {}, say.chooseHint)));
      return;
    }
    if (!anew) this.keepDraft();
    parts.head.replaceChildren(...this.head(open.conversation));
    parts.composer.replaceChildren(this.composer(open.conversation));
    if (anew) {
      parts.transcript = new Transcript({
        say,
        language: preferences.language,
        me: this.me,
        onearlier: () => this.loadEarlier(),
        onretry: (reply) => this.post(reply),
        ondiscard: (reply) => this.discard(reply),
      });
      parts.middle.replaceChildren(parts.transcript.element);
    }
    this.drawTranscript();
    if (anew) parts.transcript.toEnd();
    this.drawFacts();
  }

  drawTranscript() {
    if (!this.parts || !this.open) return;
    const { conversation, messages, more } = this.open;
    this.parts.transcript.show(messages, this.pendingOf(conversation.id), more);
  }

  drawFacts() {
    if (!this.parts) return;
    if (!this.open) return this.parts.facts.replaceChildren();
    drawFacts(this.parts.facts, this.open, { say: this.say, language: preferences.language, onretry: () => this.attempt(() => this.loadFacts()) });
  }

  head(conversation) {
    const { say } = this;
    const mine = conversation.owner === "agent" && conversation.agent?.id === this.me.id;
    const where = [channel(conversation.channel, preferences.language)[0], say.languages[conversation.language]];
    return [
      h(
        "div",
        { class: "head-who" },
        h("h1", {}, nameOf(conversation, say)),
        h("p", {}, where.filter(Boolean).join(" · ")),
      ),
      h(
        "div",
        { class: "head-deeds" },
        mine
          ? [
              h("button", { class: "button", type: "button", onclick: () => this.handBack() }, icon("back"), say.handBack),
              h("button", { class: "button", type: "button", onclick: () => this.close() }, icon("tick"), say.close),
            ]
          : null,
        // Only where the window is too narrow to show the facts all the time.
        h("button", { class: "button facts-toggle", type: "button", "aria-label": say.facts, title: say.facts, onclick: () => this.parts.shell.classList.toggle("facts-open") }, icon("person")),
      ),
    ];
  }

  composer(conversation) {
    const { say } = this;
    const { owner, agent } = conversation;
    if (owner === "agent" && agent?.id === this.me.id) {
      return drawWriter(say, {
        conversationId: conversation.id,
        longest: this.longest,
        draft: this.drafts.get(conversation.id) ?? "",
        onescape: () => this.parts.lists.querySelector(".entry.active")?.focus(),
        onsend: (text) => {
          this.drafts.delete(conversation.id);
          this.send(text);
        },
      });
    }
    const texts = { bot: say.withBot, queue: say.takeTo, agent: say.heldBy(agent?.name ?? ""), closed: say.closed };
    const may = owner === "bot" || owner === "queue" || (owner === "agent" && this.me.role === "supervisor");
    const label = owner === "queue" ? say.take : say.pull;
    return h(
      "div",
      { class: "instead" },
      h("span", {}, texts[owner]),
      may ? h("button", { class: "button primary", type: "button", onclick: () => this.take(conversation) }, label) : null,
    );
  }

  keepDraft() {
    const form = this.parts?.composer.querySelector("form");
    if (form) this.drafts.set(form.dataset.for, form.querySelector("textarea").value);
  }

  // -- keyboard --------------------------------------------------------------------------------

  key(event) {
    if (!this.me || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, dialog")) return;
    const mine = this.open?.conversation.agent?.id === this.me.id && this.open.conversation.owner === "agent";
    const deeds = {
      j: () => this.step(1),
      k: () => this.step(-1),
      n: () => this.takeNext(),
      t: () => this.open && this.take(this.open.conversation),
      r: () => this.parts.composer.querySelector("textarea")?.focus(),
      b: () => mine && this.handBack(),
      x: () => mine && this.close(),
      "?": () => showKeys(this.say),
    };
    const deed = deeds[event.key.toLowerCase()];
    if (!deed) return;
    event.preventDefault();
    deed();
  }

  step(by) {
    const all = [...this.parts.lists.querySelectorAll(".entry")];
    if (!all.length) return;
    const now = all.findIndex((entry) => entry.classList.contains("active"));
    const next = all[now === -1 ? 0 : (now + by + all.length) % all.length];
    next.focus();
    this.show(next.dataset.conversation);
  }
}

new Desk().start();
