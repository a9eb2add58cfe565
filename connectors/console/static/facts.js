/* Everything an agent should not have to ask for: who it is, why they are here, their orders. */

import { badge, day, drawLines, moment, said } from "./cards.js";
import { h, icon, toast } from "./dom.js";
import { drawMargin } from "./margin.js";
import { action, choiceName, isTold, level, newsKind, outcome, proof, reason, status, valueName } from "./words.js";
import { foundState, foundThing, missing, mood, step } from "./words_handoff.js";

export function drawFacts(place, open, { say, language, mine, known, deeds, onretry }) {
  const { conversation } = open;
  // What was opened stays open, whatever is drawn anew.
  const unfolded = new Map([...place.querySelectorAll("details.order")].map((one) => [one.dataset.order, one.open]));
  place.replaceChildren(
    open.margin?.calls.at(-1)?.contact ? drawCallback(open.margin.calls.at(-1), say, language, deeds.called) : "",
    drawCustomer(conversation, open.facts, say, language),
    conversation.handoff ? drawHandoff(conversation.handoff, say, language, mine && conversation.customer ? deeds.order : null) : "",
    drawMargin(open, { say, language, known, mine, deeds }) ?? "",
    drawOrders(open, say, language, onretry, mine && conversation.customer ? deeds.order : null),
  );
  for (const one of place.querySelectorAll("details.order")) one.open = unfolded.get(one.dataset.order) ?? one.open;
}

function drawCustomer(conversation, facts, say, language) {
  const known = conversation.customer;
  const more = facts?.customer ?? {};
  if (!known) {
    return block(
      say.customer,
      h("div", { class: "unverified" }, icon("alert"), h("span", {}, h("b", {}, say.notVerified), h("small", {}, say.notVerifiedMore))),
      pairs([consents(facts, say, language)]),
    );
  }
  const name = known.name || more.name || known.id || "";
  return block(
    say.customer,
    h(
      "div",
      { class: "customer" },
      h("span", { class: "avatar" }, name.slice(0, 1)),
      h("span", {}, h("b", {}, name), h("small", { class: "verified" }, icon("shield"), say.verified)),
    ),
    pairs([
      [say.proof, known.proof ? proof(known.proof, language)[0] : ""],
      [say.level, level(more.level, language)[0]],
      [say.phone, more.phone],
      [say.email, more.email],
      [say.language, say.languages[more.language] ?? more.language],
      [say.since, more.since ? day(more.since, language) : ""],
      [say.news, (more.news ?? []).map((one) => `${newsKind(one.kind, language)[0]} (${one.orders.join(", ") || say.everyOrder})`).join(say.separator)],
      consents(facts, say, language),
    ]),
  );
}

/* What the shopper has said of the platform's message templates, and what is left of it. */
function consents(facts, say, language) {
  const told = (facts?.consents ?? []).map(({ kinds, state, left }) => {
    const names = kinds.map((kind) => newsKind(kind, language)[0]).join(say.separator);
    return say.consent(names, state === "refused" ? say.consentRefused : say.consentLeft(left));
  });
  return [say.consents, told.join(say.semicolon)];
}

/* What became of a wish to be called, in words. */
export function callTold({ at, made_at: madeAt, made_by: by, withdrawn_at: withdrawnAt }, say, language) {
  if (madeAt) return say.calledAt(by?.name ?? "", moment(madeAt, language));
  return withdrawnAt ? say.callWithdrawn(moment(withdrawnAt, language)) : say.callSince(moment(at, language));
}

/* The number the shopper left to be called at, and whether that has been done. */
function drawCallback(call, say, language, oncalled) {
  const { contact } = call;
  return block(
    say.callBack,
    h("p", { class: "next-step" }, icon("phone"), h("span", {}, h("a", { class: "digits", href: `tel:${contact}` }, contact), h("small", {}, callTold(call, say, language)))),
    h("div", { class: "copies" }, copyButton(contact, say), oncalled ? h("button", { class: "button small primary", type: "button", onclick: oncalled }, say.called) : null),
  );
}

function drawHandoff(handoff, say, language, ondeed) {
  const { requests: all = [], tried = [], found = [], missing: lacks = [], next_step: next, because, last_words: last, ...rest } = handoff.summary ?? {};
  // That they want a person is said by the reason; what matters is what they want a person for.
  const about = all.filter((request) => request.flow !== "human_agent");
  const requests = about.length ? about : all;
  const did = tried.filter((step) => action(step.action, language));
  return block(
    say.handoff,
    next ? drawNext(next, say, language, ondeed) : null,
    pairs([
      [say.why, reason(handoff.reason, language)[0]],
      [say.because, because ? reason(because, language)[0] : ""],
      [say.when, moment(handoff.at, language)],
      [say.mood, rest.mood ? h("span", { class: `badge ${mood(rest.mood, language)[1]}` }, mood(rest.mood, language)[0]) : ""],
      [say.writesIn, say.languages[rest.language] ?? ""],
      [say.lastWords, last],
      [say.agreedBefore, rest.agreed ? [rest.agreed.text, rest.agreed.facts?.order_number, moment(rest.agreed.at, language)].filter(Boolean).join(" · ") : ""],
      [say.missing, lacks.map((one) => missing(one, language)[0]).join(say.separator)],
    ]),
    requests.length
      ? [
          h("h3", {}, say.wants),
          h("ul", { class: "wants" }, requests.map((request) => h("li", {}, h("b", {}, said(request.description, language)), drawValues(request, say, language)))),
        ]
      : null,
    found.length ? [h("h3", {}, say.lookedUp), h("ul", { class: "tried" }, found.map((one) => drawFound(one, language)))] : null,
    h("h3", {}, say.tried),
    did.length
      ? h("ol", { class: "tried" }, did.map((step) => h("li", {}, h("span", {}, action(step.action, language)[0]), triedBadge(step.outcome, language))))
      : h("p", { class: "none" }, say.triedNothing),
  );
}

/* The first thing to do; where a verb of the order panel does it, the way there. */
function drawNext({ step: code, order, verb }, say, language, ondeed) {
  const go = ondeed && order && verb ? h("button", { class: "button small primary", type: "button", onclick: () => ondeed({ number: order }, verb) }, say.doIt) : null;
  return h("p", { class: "next-step" }, icon("bolt"), h("span", {}, h("b", {}, `${say.nextStep}: `), step(code, language)[0], order ? h("span", { class: "digits" }, ` ${order}`) : null), go);
}

function drawFound({ type, order, number, status: state, amount }, language) {
  const [text, feeling] = foundState(state, language) ?? status(state, language);
  return h("li", {}, h("span", {}, `${foundThing(type, language)[0]} `, h("span", { class: "digits" }, number || order), amount ? h("span", { class: "digits" }, ` ${amount}`) : null), text ? h("span", { class: `badge ${feeling}` }, text) : null);
}

function triedBadge(value, language) {
  const [text, mood] = outcome(value, language) ?? [];
  return text ? h("span", { class: `badge ${mood}` }, text) : null;
}

function drawValues(request, say, language) {
  const values = Object.entries(request.values ?? {}).filter(([name, value]) => isTold(name) && ["string", "number"].includes(typeof value) && value !== "");
  return [
    request.said ? h("small", {}, say.said(request.said)) : null,
    values.length ? h("small", {}, values.map(([name, value]) => `${valueName(name, language)[0]} ${name === "order_status" ? status(value, language)[0] : choiceName(value, language)[0]}`).join(" · ")) : null,
  ];
}

function drawOrders(open, say, language, onretry, ondeed) {
  const { conversation, facts, factsFailed } = open;
  if (factsFailed) {
    return block(say.orders, h("p", { class: "none" }, say.factsFailed), h("button", { class: "button small", type: "button", onclick: onretry }, icon("retry"), say.again));
  }
  if (!facts) return block(say.orders, h("p", { class: "none" }, say.loading));
  if (!conversation.customer && !facts.orders?.length) return "";
  const spoken = new Set(conversation.handoff?.summary?.orders ?? []);
  const orders = [...(facts.orders ?? [])].sort((a, b) => spoken.has(b.number) - spoken.has(a.number));
  return block(
    say.orders,
    orders.length ? orders.map((order, index) => drawOrder(order, { say, language, mentioned: spoken.has(order.number), first: index === 0, ondeed })) : h("p", { class: "none" }, say.noOrders),
  );
}

function drawOrder(order, { say, language, mentioned, first, ondeed }) {
  const verbs = ondeed ? h("div", { class: "copies" }, h("button", { class: "button small verbs", type: "button", "aria-keyshortcuts": "O", title: `${say.verbs} (O)`, onclick: () => ondeed(order) }, icon("bag"), say.verbs)) : null;
  return h(
    "details",
    { class: `order ${mentioned ? "mentioned" : ""}`, "data-order": order.number, open: mentioned || first },
    h(
      "summary",
      {},
      h("span", { class: "order-head" }, h("b", { class: "digits" }, order.number), badge(order.status, language)),
      h("span", { class: "small" }, mentioned ? h("em", {}, say.mentioned) : null, moment(order.placed_at, language), h("span", { class: "digits" }, order.total ?? "")),
    ),
    drawLines(order.lines, language),
    verbs,
    h(
      "div",
      { class: "copies" },
      copyButton(order.number, say),
      (order.tracking ?? []).filter(Boolean).map((number) => copyButton(number, say)),
    ),
  );
}

function copyButton(text, say) {
  async function copy() {
    await navigator.clipboard.writeText(text);
    toast(say.copied(text));
  }
  return h("button", { class: "button small", type: "button", onclick: copy, "aria-label": say.copy(text) }, icon("copy"), h("span", { class: "digits" }, text));
}

function block(title, ...children) {
  return h("section", { class: "block" }, h("h2", {}, title), children);
}

function pairs(list) {
  const told = list.filter(([, what]) => what);
  if (!told.length) return null;
  return h("dl", { class: "pairs" }, told.map(([name, what]) => h("div", {}, h("dt", {}, name), h("dd", {}, what))));
}
