/* Lists of conversations; only the lines in sight are in the page, however long the list. */

import { clock } from "./api.js";
import { h, icon } from "./dom.js";
import { channel, duration, reason } from "./words.js";

const LINE = 78;
const BEYOND = 6;

export function nameOf(conversation, say) {
  return conversation.customer?.name || say.anonymous(conversation.shopper.slice(-6));
}

export class Lists {
  constructor({ onopen, onend }) {
    this.onopen = onopen;
    this.onend = onend;
    this.groups = [];
    this.lines = new Map();
    this.element = h("div", { class: "lists", onscroll: () => this.draw() });
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /* groups: [{name, title, entries, none, count}]; about: {say, language, me, openId, query}. */
  show(groups, about) {
    this.about = about;
    const names = groups.map((group) => group.name).join();
    if (names !== this.names || about.say !== this.said) {
      this.names = names;
      this.said = about.say;
      this.lines.clear();
      this.groups = groups.map((group) => {
        const id = `group-${group.name}`;
        const count = h("span", { class: "count" });
        const list = h("ul", {});
        const none = h("p", { class: "none" });
        const title = h("span", {});
        const head = h("h2", { id }, title, count);
        return { title, count, list, none, section: h("section", { class: "group", "aria-labelledby": id }, head, list, none) };
      });
      this.element.replaceChildren(...this.groups.map((group) => group.section));
    }
    groups.forEach((group, index) => Object.assign(this.groups[index], { name: group.name, entries: group.entries, waits: group.name === "queue" }));
    groups.forEach((group, index) => {
      const shown = this.groups[index];
      shown.title.textContent = group.title;
      shown.count.textContent = String(group.count ?? group.entries.length);
      shown.count.classList.toggle("busy", shown.waits && group.entries.length > 0);
      shown.none.textContent = group.none;
      shown.none.hidden = group.entries.length > 0;
      shown.list.hidden = !group.entries.length;
      shown.list.style.height = `${group.entries.length * LINE}px`;
    });
    this.draw();
  }

  draw() {
    if (!this.about) return;
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    const focused = document.activeElement?.closest?.("[data-conversation]")?.dataset.conversation;
    const kept = new Set();
    for (const group of this.groups) {
      const top = group.list.offsetTop;
      const first = Math.max(0, Math.floor((scrollTop - top) / LINE) - BEYOND);
      const last = Math.min(group.entries.length, Math.ceil((scrollTop + (clientHeight || 900) - top) / LINE) + BEYOND);
      let before = null;
      group.entries.forEach((entry, index) => {
        const id = entry.conversation.id;
        // What has the focus stays, wherever it is.
        if ((index < first || index >= last) && id !== focused) return;
        const key = `${group.name}/${id}`;
        kept.add(key);
        const element = this.line(key, entry);
        element.style.top = `${index * LINE}px`;
        element.setAttribute("aria-posinset", index + 1);
        element.setAttribute("aria-setsize", group.entries.length);
        const wanted = before ? before.nextSibling : group.list.firstChild;
        if (element !== wanted) group.list.insertBefore(element, wanted);
        before = element;
      });
    }
    for (const [key, line] of this.lines) {
      if (kept.has(key)) continue;
      line.element.remove();
      this.lines.delete(key);
    }
    this.tick();
    if (scrollTop + clientHeight > scrollHeight - LINE * 3) this.onend?.();
  }

  line(key, entry) {
    const { openId, language, query } = this.about;
    const version = JSON.stringify([entry, entry.conversation.id === openId, language, query]);
    const known = this.lines.get(key);
    if (known?.version === version) return known.element;
    const button = this.button(entry);
    if (known) {
      const had = known.element.contains(document.activeElement);
      known.element.replaceChildren(button);
      known.version = version;
      if (had) button.focus();
      return known.element;
    }
    const element = h("li", {}, button);
    this.lines.set(key, { version, element });
    return element;
  }

  button(entry) {
    const { say, language, me, openId } = this.about;
    const { conversation, last, waiting_since: since, tags = [], unread, hits, due } = entry;
    const waits = waitsForUs(entry);
    const colleague = conversation.agent && conversation.agent.id !== me.id ? conversation.agent.name : null;
    const active = conversation.id === openId;
    return h(
      "button",
      { class: `entry ${active ? "active" : ""} ${unread ? "unread" : ""}`, type: "button", "data-conversation": conversation.id, "aria-current": active ? "true" : null, onclick: () => this.onopen(entry) },
      h(
        "span",
        { class: "entry-head" },
        unread ? h("span", { class: "dot" }, h("span", { class: "away" }, say.unread)) : null,
        h("b", {}, nameOf(conversation, say)),
        conversation.priority > 0 ? h("span", { class: "badge bad" }, say.priority) : null,
        conversation.calls_back ? h("span", { class: "badge calm" }, say.callBack) : null,
        waits ? h("span", { class: "badge warn" }, say.needsReply) : null,
        hits > 1 ? h("span", { class: "badge" }, say.hits(hits)) : null,
        colleague ? h("span", { class: "by" }, colleague) : null,
      ),
      h("span", { class: "preview" }, marked(preview(last, colleague, say), this.about.query)),
      h(
        "span",
        { class: "entry-foot" },
        h("span", { class: "why" }, h("span", { class: "because" }, conversation.handoff ? reason(conversation.handoff.reason, language)[0] : channel(conversation.channel, language)[0]), tags.map((tag) => h("span", { class: "chip" }, tag))),
        since ? h("span", { class: "wait" }, icon("clock"), h("span", { class: "away" }, say.waited("")), h("span", { "data-since": since, "data-bare": "" })) : null,
        due ? h("span", { class: "due", "data-due": due }) : null,
      ),
    );
  }

  /* Waiting times move on without anything being drawn anew. */
  tick() {
    tick(this.element, this.about?.say);
  }

  get ids() {
    return this.groups.flatMap((group) => group.entries.map((entry) => entry));
  }

  /* Brings the line of `entry` into sight and gives it the focus. */
  focus(id) {
    for (const group of this.groups) {
      const index = group.entries.findIndex((entry) => entry.conversation.id === id);
      if (index === -1) continue;
      const top = group.list.offsetTop + index * LINE;
      const { scrollTop, clientHeight } = this.element;
      if (top < scrollTop) this.element.scrollTop = top - LINE;
      else if (top + LINE > scrollTop + clientHeight) this.element.scrollTop = top - clientHeight + 2 * LINE;
      this.draw();
      group.list.querySelector(`[data-conversation="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
      return;
    }
  }
}

export function tick(place, say) {
  if (!say) return;
  for (const shown of place.querySelectorAll("[data-since]")) {
    const waited = clock.now() - Date.parse(shown.dataset.since);
    const length = duration(waited, say, true);
    shown.textContent = "bare" in shown.dataset ? length : say.waited(length);
    shown.classList.toggle("long", waited > 5 * 60_000);
  }
  for (const shown of place.querySelectorAll("[data-due]")) {
    const left = Date.parse(shown.dataset.due) - clock.now();
    shown.textContent = left >= 0 ? say.dueIn(duration(left, say, true)) : say.overdue(duration(-left, say, true));
    shown.classList.toggle("late", left < 0);
    shown.classList.toggle("soon", left >= 0 && left < 2 * 60_000);
  }
}

/* Whether who has a conversation has not answered: a notice, or what the assistant said before, is no answer. */
export function waitsForUs({ conversation, last }) {
  return conversation.owner === "agent" && Boolean(last) && last.author !== "agent";
}

function preview(last, colleague, say) {
  if (!last) return "";
  const text = last.text || (last.picture ? say.picture : "");
  return last.author === "agent" ? say.quoted(colleague ?? say.you, text) : text;
}

/* The words of `query` in `text`, marked, and what stands around the first of them. */
function marked(text, query) {
  const words = (query ?? "").split(/\s+/).filter(Boolean);
  if (!words.length) return text;
  const pattern = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "gi");
  const first = text.search(pattern);
  const from = first > 24 ? first - 16 : 0;
  const shown = (from ? "…" : "") + text.slice(from);
  const parts = [];
  let end = 0;
  for (const found of shown.matchAll(pattern)) {
    parts.push(shown.slice(end, found.index), h("mark", {}, found[0]));
    end = found.index + found[0].length;
  }
  parts.push(shown.slice(end));
  return parts;
}
