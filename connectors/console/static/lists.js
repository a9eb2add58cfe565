/* Who waits, what I hold, what my colleagues hold. */

import { clock } from "./api.js";
import { h, icon } from "./dom.js";
import { duration, reason } from "./words.js";

export function nameOf(conversation, say) {
  return conversation.customer?.name || say.anonymous(conversation.shopper.slice(-6));
}

/* Draws into `place` and keeps the focus where it was. */
export function drawLists(place, overview, { say, language, me, openId, onopen }) {
  const focused = document.activeElement?.closest?.("[data-conversation]")?.dataset.conversation;
  const draw = (entry) => line(entry, { say, language, me, openId, onopen });
  const groups = [
    group(say.queue, overview.queue, draw, say.nobodyWaits, "queue"),
    group(say.mine, overview.mine, draw, say.noneMine, "mine"),
  ];
  if (me.role === "supervisor") groups.push(group(say.others, overview.others, draw, say.noneOthers, "others"));
  place.replaceChildren(...groups);
  if (focused) place.querySelector(`[data-conversation="${CSS.escape(focused)}"]`)?.focus();
  tick(place, say);
}

/* Waiting times move on without anything being drawn anew. */
export function tick(place, say) {
  for (const shown of place.querySelectorAll("[data-since]")) {
    const waited = clock.now() - Date.parse(shown.dataset.since);
    shown.textContent = say.waited(duration(waited, say));
    shown.classList.toggle("long", waited > 5 * 60_000);
  }
}

function group(title, entries, draw, none, name) {
  const id = `group-${name}`;
  return h(
    "section",
    { class: "group", "aria-labelledby": id },
    h("h2", { id }, title, h("span", { class: `count ${name === "queue" && entries.length ? "busy" : ""}` }, String(entries.length))),
    entries.length ? h("ul", {}, entries.map(draw)) : h("p", { class: "none" }, none),
  );
}

function line(entry, { say, language, me, openId, onopen }) {
  const { conversation, last, waiting_since: since } = entry;
  const waits = conversation.owner === "agent" && last?.author === "shopper";
  const colleague = conversation.agent && conversation.agent.id !== me.id ? conversation.agent.name : null;
  const active = conversation.id === openId;
  return h(
    "li",
    {},
    h(
      "button",
      {
        class: `entry ${active ? "active" : ""}`,
        type: "button",
        "data-conversation": conversation.id,
        "aria-current": active ? "true" : null,
        onclick: () => onopen(conversation.id),
      },
      h(
        "span",
        { class: "entry-head" },
        h("b", {}, nameOf(conversation, say)),
        conversation.priority > 0 ? h("span", { class: "badge bad" }, say.priority) : null,
        waits ? h("span", { class: "badge warn" }, say.needsReply) : null,
        colleague ? h("span", { class: "by" }, colleague) : null,
      ),
      h("span", { class: "preview" }, preview(last, colleague, say)),
      h(
        "span",
        { class: "entry-foot" },
        conversation.handoff ? h("span", {}, reason(conversation.handoff.reason, language)[0]) : null,
        since ? h("span", { class: "wait" }, icon("clock"), h("span", { "data-since": since })) : null,
      ),
    ),
  );
}

function preview(last, colleague, say) {
  if (!last) return "";
  const text = last.text || (last.picture ? say.picture : "");
  return last.author === "agent" ? say.quoted(colleague ?? say.you, text) : text;
}
