/* One conversation with the shop: what was said, what is on its way, and the connection.
 *
 * Every message has a number without gaps. After any interruption we ask for what follows the last
 * number we have; a message that may not have arrived is sent again under the same id, and the
 * server stores it once. So nothing is lost, doubled or out of order, whatever the network does.
 */

import { io } from "../vendor/socket.io.esm.min.js";

const ACK_MS = 8000;
const TRIES = 3;
const GIVE_UP_MS = 12000;
const GAP_MS = 400;
const TYPING_MS = 15000;
const WRITING_EVERY = 3000;
const STILL_MS = 6000;
// Trying again would end the same way.
const FINAL = new Set(["empty", "too_long", "bad_request", "no_such_attachment"]);

export class Conversation extends EventTarget {
  items = [];
  state = { owner: "bot", agent: null, position: null };
  connected = null; // null before the first try, then whether we are
  typing = null;
  more = false;
  loaded = false;
  readSeq = 0; // how far the agent has read

  #base;
  #memory;
  #language;
  #socket = null;
  #ready = false;
  #lastSeq = 0;
  #customer;
  #flushing = false;
  #timers = {};
  #pictures = new Map();
  #wroteAt = null;

  constructor(base, memory, language, customer) {
    super();
    this.#base = base;
    this.#memory = memory;
    this.#language = language;
    this.#customer = customer;
    for (const kept of memory.get("pending") ?? []) this.items.push({ ...kept, status: "sending" });
    memory.watch("session", (session) => {
      // Another window began a conversation first: join it.
      if (session?.token && !this.#lastSeq && this.#socket) this.#hello();
    });
  }

  get known() {
    return Boolean(this.#memory.get("session")?.token);
  }

  get empty() {
    return this.items.length === 0;
  }

  start() {
    if (this.#socket) return;
    const path = new URL("socket.io", this.#base).pathname;
    this.#socket = io(new URL("/widget", this.#base).href, { path, transports: ["websocket", "polling"], reconnectionDelay: 500, reconnectionDelayMax: 5000 });
    this.#socket.on("connect", () => this.#hello());
    this.#socket.on("disconnect", () => this.#lost());
    this.#socket.on("connect_error", () => this.#lost());
    this.#socket.on("message", (message) => this.#heard(message));
    this.#socket.on("owner", (state) => this.#owned(state));
    this.#socket.on("read", ({ seq }) => {
      this.readSeq = Math.max(this.readSeq, seq);
      this.#tell("read");
    });
    this.#socket.on("typing", ({ on, agent }) => {
      // A bot that has answered already is not writing any more.
      const answered = !agent && this.items.at(-1)?.author !== "shopper";
      this.#typed(on && !answered ? { agent } : null);
    });
    addEventListener("online", () => this.#socket.connected || this.#socket.connect());
    this.#watchPending();
  }

  speak(language) {
    this.#language = language;
  }

  /* customer: a token, null for nobody, or an async function that returns one of these. */
  async setCustomer(customer) {
    this.#customer = customer;
    const token = await this.#customerToken();
    // Whoever signs out takes the conversation along: the next person starts anew.
    if (!token && this.#memory.get("session")?.customer) {
      this.items = [];
      this.#forget();
    }
    if (this.#socket?.connected) await this.#hello();
  }

  send({ text = "", payload = "", attachment = null, picture = null }) {
    const item = {
      client_id: crypto.randomUUID?.() ?? String(Math.random()).slice(2) + Date.now(),
      author: "shopper",
      at: new Date().toISOString(),
      content: { text, ...(payload && { payload }), ...(attachment && { attachments: [attachment] }) },
      status: "sending",
    };
    if (picture) this.#pictures.set(attachment.id, Promise.resolve(picture));
    this.items.push(item);
    this.#keepPending();
    this.#tell("items");
    this.start();
    this.#watchPending();
    this.#flush();
  }

  retry(clientId) {
    const item = this.items.find((one) => one.client_id === clientId && !one.seq);
    if (!item) return;
    Object.assign(item, { status: "sending", error: null, at: new Date().toISOString() });
    this.#tell("items");
    if (!this.#socket.connected) this.#socket.connect();
    this.#watchPending();
    this.#flush();
  }

  async earlier() {
    const first = this.items.find((item) => item.seq)?.seq;
    if (!first || !this.#ready) return;
    const answer = await this.#ask("history", { before: first });
    if (!answer?.ok) return;
    this.more = answer.more;
    this.#merge(answer.messages);
  }

  async leaveQueue() {
    if (this.#ready) await this.#ask("leave_queue", {});
  }

  /* Keeps the place and asks to be called at `contact`; resolves to why not, or null. */
  async callAt(contact) {
    const answer = this.#ready ? await this.#ask("keep_place", { contact }) : null;
    if (answer?.ok) this.#owned({ ...this.state, ...answer });
    return answer?.ok ? null : answer?.error.message ?? "";
  }

  /* Shows the agent who has the conversation that the shopper writes, or stopped. */
  write(on) {
    if (this.state.owner !== "agent" || !this.#ready) return;
    const now = Date.now();
    if (on && now - (this.#wroteAt ?? 0) > WRITING_EVERY) {
      this.#wroteAt = now;
      this.#socket.emit("typing", { on: true });
    }
    if (!on && this.#wroteAt) this.#still();
    if (on) this.#later("still", STILL_MS, () => this.#still());
  }

  #still() {
    clearTimeout(this.#timers.still);
    this.#wroteAt = null;
    if (this.#ready) this.#socket.emit("typing", { on: false });
  }

  /* The shopper has read up to seq; only an agent wants to know. */
  readTo(seq) {
    if (this.state.owner === "agent" && this.#ready) this.#socket.emit("read", { seq });
  }

  /* Whether the server has taken the answer to a survey. */
  async rate(answer) {
    await this.#untilReady();
    return Boolean((await this.#ask("rate", answer))?.ok);
  }

  async upload(file) {
    await this.#untilReady();
    const body = new FormData();
    body.append("file", file, file.name || "picture");
    const response = await fetch(new URL("widget/upload", this.#base), { method: "POST", body, headers: { ...this.#bearer(), "Accept-Language": this.#language } });
    const answer = await response.json();
    if (!response.ok) throw Object.assign(new Error(answer.error?.code), { told: answer.error?.message });
    return answer;
  }

  /* A stored picture as an address that only this page can use. */
  picture(id) {
    if (!this.#pictures.has(id)) {
      const loaded = fetch(new URL(`widget/uploads/${id}`, this.#base), { headers: this.#bearer() }).then(async (response) => {
        if (!response.ok) throw new Error(`picture: ${response.status}`);
        return URL.createObjectURL(await response.blob());
      });
      loaded.catch(() => this.#pictures.delete(id));
      this.#pictures.set(id, loaded);
    }
    return this.#pictures.get(id);
  }

  // The connection

  async #hello() {
    this.#ready = false;
    const session = this.#memory.get("session");
    const customerToken = await this.#customerToken();
    const answer = await this.#ask("hello", {
      token: session?.token ?? null,
      after: this.#lastSeq || null,
      language: this.#language,
      customer_token: customerToken,
    });
    if (!answer) return; // The connection broke; the next one says hello again.
    if (!answer.ok) {
      if (answer.error.code === "no_session" && session) {
        this.#forget();
        return this.#hello();
      }
      return this.#tell("notice", answer.error.message);
    }
    if (answer.fresh) this.#clear();
    this.#memory.set("session", { token: answer.token, customer: Boolean(answer.customer) });
    const cut = this.connected === false;
    this.connected = true;
    this.loaded = true;
    if (this.#lastSeq === 0 && answer.messages.length) {
      // The first page begins anywhere; from there on numbers follow each other.
      this.#lastSeq = answer.messages[0].seq - 1;
      this.more = answer.more;
    }
    this.#merge(answer.messages);
    if (this.#lastSeq < answer.last_seq) await this.#catchUp();
    this.#owned(answer);
    if (answer.notice) this.#tell("notice", answer.notice.message);
    this.#ready = true;
    this.#tell("connection", { back: cut });
    this.#tell("ready");
    this.#flush();
  }

  #lost() {
    this.#ready = false;
    this.typing = null;
    if (this.connected !== false) {
      this.connected = false;
      this.#tell("connection", { back: false });
    }
    // The server ended it, for instance to restart: socket.io leaves the next try to us.
    if (!this.#socket.active) this.#later("reconnect", 1000, () => this.#socket.connect());
  }

  async #ask(event, data) {
    try {
      return await this.#socket.timeout(ACK_MS).emitWithAck(event, data);
    } catch {
      return null;
    }
  }

  async #customerToken() {
    const given = typeof this.#customer === "function" ? await this.#customer() : this.#customer;
    return given || null;
  }

  #untilReady() {
    this.start();
    if (this.#ready) return Promise.resolve();
    return new Promise((resolve) => this.addEventListener("ready", resolve, { once: true }));
  }

  #bearer() {
    return { Authorization: `Bearer ${this.#memory.get("session")?.token}` };
  }

  #forget() {
    this.#memory.set("session", null);
    this.#clear();
  }

  #clear() {
    this.items = this.items.filter((item) => !item.seq && item.status === "sending");
    this.#lastSeq = 0;
    this.more = false;
    this.state = { owner: "bot", agent: null, position: null };
    this.#keepPending();
    this.#tell("items");
  }

  // What we say

  async #flush() {
    if (this.#flushing || !this.#ready) return;
    this.#flushing = true;
    try {
      let item;
      // One after the other, so that they are stored in the order in which they were written.
      while (this.#ready && (item = this.items.find((one) => !one.seq && one.status === "sending"))) {
        const answer = await this.#ask("send", {
          client_id: item.client_id,
          text: item.content.text,
          payload: item.content.payload ?? null,
          attachment: item.content.attachments?.[0]?.id ?? null,
          language: this.#language,
        });
        if (item.seq) continue; // The server's own word of it came first.
        if (answer?.ok) {
          Object.assign(item, { seq: answer.seq, at: answer.at, status: "sent" });
          item.content.text = answer.text;
          this.#count();
          this.#sort();
        } else if (answer?.error.code === "no_session") {
          return void this.#hello();
        } else if (answer) {
          Object.assign(item, { status: "failed", error: answer.error.message, final: FINAL.has(answer.error.code) });
        } else if (this.#socket.connected) {
          // No answer in time on a live connection: the same id again, a few times.
          item.tries = (item.tries ?? 0) + 1;
          if (item.tries % TRIES === 0) item.status = "failed";
        } else {
          return;
        }
        this.#keepPending();
        this.#tell("items");
      }
    } finally {
      this.#flushing = false;
    }
  }

  #keepPending() {
    const pending = this.items.filter((item) => !item.seq && !item.final);
    const kept = pending.map(({ client_id, author, at, content }) => ({ client_id, author, at, content }));
    this.#memory.set("pending", kept.length ? kept : null);
  }

  /* Says "not sent" after a while without a connection; once it is back we try by ourselves. */
  #watchPending() {
    if (!this.items.some((item) => item.status === "sending")) return;
    this.#later("pending", GIVE_UP_MS, () => {
      if (this.#ready) return this.#watchPending();
      for (const item of this.items) if (item.status === "sending") item.status = "failed";
      this.addEventListener("ready", () => this.#revive(), { once: true });
      this.#tell("items");
    });
  }

  #revive() {
    for (const item of this.items) if (item.status === "failed" && !item.error) item.status = "sending";
    this.#tell("items");
    this.#flush();
  }

  // What we hear

  #heard(message) {
    if (message.author !== "shopper") this.#typed(null);
    this.#merge([message]);
    if (this.items.some((item) => item.seq > this.#lastSeq)) this.#later("gap", GAP_MS, () => this.#catchUp());
  }

  async #catchUp() {
    let answer;
    do {
      const before = this.#lastSeq;
      answer = await this.#ask("history", { after: before });
      if (!answer?.ok) return;
      this.#merge(answer.messages);
      if (this.#lastSeq === before) return;
    } while (answer.more);
  }

  #merge(messages) {
    const fresh = [];
    for (const message of messages) {
      if (this.items.some((item) => item.seq === message.seq)) continue;
      const mine = message.client_id && this.items.find((item) => item.client_id === message.client_id);
      if (mine) Object.assign(mine, message, { status: "sent", error: null });
      else {
        this.items.push({ ...message, status: "sent" });
        fresh.push(message);
      }
    }
    this.#count();
    this.#sort();
    this.#keepPending();
    this.#tell("items", { fresh });
  }

  #count() {
    const seen = new Set(this.items.map((item) => item.seq));
    while (seen.has(this.#lastSeq + 1)) this.#lastSeq += 1;
  }

  #sort() {
    this.items.sort((one, other) => (one.seq ?? Infinity) - (other.seq ?? Infinity) || 0);
  }

  #owned({ owner, agent, position, wait = null, opens_at: opensAt = null, contact = null }) {
    this.state = { owner, agent, position, wait, opensAt, contact };
    if (owner !== "bot" && !agent) this.typing = null;
    this.#tell("state");
  }

  #typed(who) {
    this.typing = who;
    if (who) this.#later("typing", TYPING_MS, () => this.#typed(null));
    this.#tell("typing");
  }

  #later(name, wait, work) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(work, wait);
  }

  #tell(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
