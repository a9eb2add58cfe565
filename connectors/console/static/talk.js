/* What stands above and below a transcript: who it is and what can be done, and the place to write. */

import { ask } from "./api.js";
import { h, icon, toast } from "./dom.js";
import { nameOf } from "./lists.js";
import { channel } from "./words.js";
import { Writer } from "./writer.js";

/* Who it is, the next promise, and the deeds of whoever has the conversation. */
export function headOf(desk, conversation) {
  const { say } = desk;
  const where = [channel(conversation.channel, desk.app.language)[0], say.languages[conversation.language]];
  const button = (name, shape, key, onclick) => h("button", { class: "button", type: "button", onclick, "aria-label": name, "aria-keyshortcuts": key, title: `${name} (${key})` }, icon(shape), h("span", {}, name));
  return [
    // Only where the window is too narrow for the lists beside it.
    h("button", { class: "button to-list", type: "button", "aria-label": say.toList, title: say.toList, onclick: () => desk.toList() }, icon("back")),
    h("div", { class: "head-who" }, h("h1", {}, nameOf(conversation, say)), h("p", {}, where.filter(Boolean).join(" · "), h("span", { class: "clock" }, clockOf(conversation, say)))),
    h(
      "div",
      { class: "head-deeds" },
      desk.holds
        ? [
            button(say.transfer, "pass", "P", () => desk.deeds.transfer()),
            button(say.passOn, "inbox", "Q", () => desk.deeds.passOn()),
            button(say.snooze, "moonlater", "S", () => desk.deeds.snooze()),
            button(say.handBack, "back", "B", () => desk.deeds.handBack()),
            button(say.close, "tick", "X", () => desk.deeds.close()),
          ]
        : null,
      // Only where the window is too narrow to show the facts all the time.
      h("button", { class: "button facts-toggle", type: "button", "aria-label": say.facts, title: say.facts, onclick: () => desk.parts.shell.classList.toggle("facts-open") }, icon("person")),
    ),
  ];
}

/* The next promise that is due in a conversation, counting down. */
export function clockOf(conversation, say) {
  const [next] = (conversation.clocks ?? []).filter((clock) => clock.running && clock.due_at).sort((one, other) => one.due_at.localeCompare(other.due_at));
  return next ? h("span", { class: "due" }, say.metric[next.metric] ?? next.metric, " ", h("span", { class: "due", "data-due": next.due_at })) : null;
}

/* Says what the shopper's platform lets through; null where nothing holds us. */
export function reachOf(desk) {
  const reach = desk.open?.reach;
  if (!reach || !desk.holds) return null;
  const mood = reach.state === "open" ? "" : "warn";
  return h("p", { class: `reach ${mood}`, role: "status" }, icon(mood ? "alert" : "clock"), reach.words[desk.app.language]);
}

/* The writer of a conversation that this agent has. */
export function writerFor(desk, conversation) {
  const { app, deeds, drafts, presence, replies, say } = desk;
  const { id } = conversation;
  return new Writer({
    say,
    conversation,
    longest: app.longest,
    draft: drafts.get(id),
    me: desk.me,
    shop: app.shop,
    canned: desk.canned,
    order: () => conversation.handoff?.summary?.orders?.[0] ?? desk.open.facts?.orders?.[0]?.number ?? null,
    onescape: () => desk.toList(),
    onwriting: () => presence.say("writing"),
    onupload: (file) => upload(app, id, file),
    onsuggest: async (language) => (await app.attempt(() => ask(`/conversations/${id}/suggestions?language=${language}`)))?.suggestions,
    onnote: (text) => deeds.post("notes", { text }),
    onsend: (said) => {
      drafts.set(id, "");
      replies.send(said);
    },
  });
}

/* What stands where one would write, in a conversation that this agent does not have. */
export function insteadOfWriting(desk, conversation) {
  const { deeds, say } = desk;
  const { owner, agent, id } = conversation;
  const texts = { bot: say.withBot, queue: say.takeTo, agent: say.heldBy(agent?.name ?? ""), closed: say.closed };
  const may = owner === "bot" || owner === "queue" || (owner === "agent" && desk.app.isSupervisor);
  const label = owner === "queue" ? say.take : say.pull;
  return [
    keptDraft(desk, id),
    h(
      "div",
      { class: "instead" },
      h("span", {}, texts[owner]),
      h("button", { class: "button", type: "button", onclick: () => deeds.addNote() }, icon("note"), say.addNote),
      may ? h("button", { class: "button primary", type: "button", onclick: () => deeds.take(conversation) }, label) : null,
    ),
  ].filter(Boolean);
}

/* A reply that found the conversation gone. */
function keptDraft(desk, id) {
  const { say } = desk;
  const draft = desk.drafts.get(id);
  if (!draft) return null;
  const done = () => {
    desk.drafts.set(id, "");
    desk.drawConversation();
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
      h("button", { class: "button small", type: "button", onclick: async () => { await desk.deeds.post("notes", { text: draft }); done(); } }, icon("note"), say.draftAsNote),
      h("button", { class: "button small", type: "button", onclick: done }, icon("close"), say.dropDraft),
    ),
  );
}

async function upload(app, id, file) {
  const body = new FormData();
  body.append("file", file, file.name || "picture");
  const answer = await app.attempt(() => ask(`/conversations/${id}/picture`, body));
  return answer?.attachment ?? null;
}
