/* Which list is shown: the desk, one of the shelves, or what a search has found. */

import { ask } from "./api.js";
import { h, icon } from "./dom.js";
import { channel } from "./words.js";

const SEARCH_MS = 250;
const CHANNELS = ["web", "wechat", "wecom", "rest", "socketio"];
const NARROWED = new Set(["all", "closed"]);

export class Shelves {
  names = ["desk", "all", "snoozed", "mentions", "closed", "queue", "calls"];
  name = "desk";
  query = "";
  entries = [];
  next = null;
  wanted = { channel: "", language: "", tag: "" };

  constructor(desk) {
    this.desk = desk;
  }

  build() {
    const { say } = this.desk;
    this.input = h("input", { type: "search", placeholder: say.search, "aria-label": say.search, title: say.searchHint, maxLength: 200, value: this.query, oninput: () => this.typed(), onkeydown: (event) => this.key(event) });
    this.input.value = this.query;
    this.tabs = this.names.map((name) => h("button", { type: "button", role: "tab", class: "tab", "data-shelf": name, onclick: () => this.choose(name) }, h("span", {}, say.shelves[name]), h("span", { class: "tab-count", hidden: true })));
    const select = (name, any, options) => {
      const element = h("select", { "aria-label": any, onchange: () => this.narrow(name, element.value) }, h("option", { value: "" }, any), options.map(([value, text]) => h("option", { value }, text)));
      element.value = this.wanted[name];
      return element;
    };
    this.filters = h(
      "div",
      { class: "filters", role: "group", "aria-label": say.filters, hidden: true },
      select("channel", say.anyChannel, CHANNELS.map((one) => [one, channel(one, this.desk.app.language)[0]])),
      select("language", say.anyLanguage, Object.entries(say.languages)),
      select("tag", say.anyTag, this.desk.knownTags.map((tag) => [tag, tag])),
    );
    this.found = h("p", { class: "away", role: "status" });
    return h("div", { class: "shelves" }, h("div", { class: "search" }, icon("search"), this.input), h("div", { class: "tabs", role: "tablist", "aria-label": say.views }, this.tabs), this.filters, this.found);
  }

  draw() {
    if (!this.tabs) return;
    const { overview } = this.desk;
    const counts = { snoozed: overview.snoozed.length, mentions: overview.mentions, calls: overview.calls };
    for (const tab of this.tabs) {
      const { shelf } = tab.dataset;
      const chosen = !this.query && shelf === this.name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.lastChild.textContent = counts[shelf] || "";
      tab.lastChild.hidden = !counts[shelf];
    }
    this.filters.hidden = Boolean(this.query) || !NARROWED.has(this.name);
  }

  groups() {
    const { say, overview, app } = this.desk;
    const group = (name, title, entries, none, count) => ({ name, title, entries, none, count });
    if (this.query) return [group("found", say.found(this.entries.length), this.entries, say.searchNone)];
    if (this.name === "snoozed") return [group("snoozed", say.shelves.snoozed, overview.snoozed, say.noneHere)];
    if (this.name === "queue") return [group("queue", say.queue, this.entries, say.nobodyWaits, overview.waiting)];
    if (this.name !== "desk") return [group(this.name, say.shelves[this.name], this.entries, say.noneHere, this.next ? `${this.entries.length}+` : this.entries.length)];
    const groups = [group("queue", say.queue, overview.queue, say.nobodyWaits, overview.waiting), group("mine", say.mine, overview.mine, say.noneMine)];
    if (app.isSupervisor) groups.push(group("others", say.others, overview.others, say.noneOthers));
    return groups;
  }

  async choose(name) {
    this.name = name;
    this.query = this.input.value = "";
    this.entries = [];
    this.next = null;
    this.desk.parts.lists.element.scrollTop = 0;
    this.desk.drawLists();
    await this.load();
  }

  narrow(name, value) {
    this.wanted[name] = value;
    return this.choose(this.name);
  }

  /* What the server told may have changed the shelf: its first page is fetched anew. */
  refresh() {
    if (!this.query && !["desk", "snoozed"].includes(this.name) && this.entries.length <= 100) this.load();
  }

  /* Who has left the line is in no page of it any more, however many have been fetched. */
  left(gone) {
    if (this.name !== "queue") return;
    const ids = new Set(gone);
    this.entries = this.entries.filter((entry) => !ids.has(entry.conversation.id));
  }

  async load(before = null) {
    if (this.name === "desk" || this.name === "snoozed" || this.query) return;
    const { name } = this;
    const wanted = NARROWED.has(name) ? Object.entries(this.wanted).filter(([, value]) => value) : [];
    const query = new URLSearchParams([...wanted, ...(before ? [["before", before]] : [])]);
    await this.desk.app.attempt(async () => {
      const page = await ask(`/shelves/${name}?${query}`);
      if (this.name !== name || this.query) return;
      this.entries = before ? [...this.entries, ...page.entries] : page.entries;
      this.next = page.next;
      this.desk.drawLists();
    });
  }

  async more() {
    if (!this.next || this.loading || this.query) return;
    this.loading = true;
    await this.load(this.next);
    this.loading = false;
  }

  // -- search ----------------------------------------------------------------------------------

  focusSearch() {
    this.input.focus();
    this.input.select();
  }

  key(event) {
    if (event.key === "Escape") {
      this.input.value = "";
      this.typed();
      this.input.blur();
    }
    if (event.key === "ArrowDown" || event.key === "Enter") {
      const [first] = this.entries;
      if (this.query && first) this.desk.parts.lists.focus(first.conversation.id);
    }
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), SEARCH_MS);
  }

  async search() {
    const query = this.input.value.trim();
    if (query === this.query) return;
    this.query = query;
    this.entries = [];
    this.next = null;
    if (!query) {
      this.desk.drawLists();
      return void (await this.load());
    }
    await this.desk.app.attempt(async () => {
      const { hits } = await ask(`/search?${new URLSearchParams({ q: query })}`);
      if (this.query !== query) return;
      this.entries = hits.map((hit) => ({ conversation: hit.conversation, last: { ...hit.message, picture: false }, hits: hit.hits, seq: hit.message.seq }));
      this.found.textContent = this.desk.say.found(hits.length);
      this.desk.drawLists();
    });
  }
}
