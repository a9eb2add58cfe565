/* What an agent does for an order: choose, preview exactly what would happen, confirm. */

import { ask } from "./api.js";
import { day, moment, said } from "./cards.js";
import { choose, askForm, confirmView, field } from "./dialogs.js";
import { h, icon, toast } from "./dom.js";
import { asked, forGood, note, orderField, orderReason, refusal, tender, unchanged, verb as verbName } from "./words_orders.js";

/* Whether something was done; `wanted` is the verb that was chosen already. */
export async function doForOrder(app, conversationId, order, wanted = null) {
  const { say, language } = app;
  const path = `/conversations/${conversationId}/orders/${order.number}`;
  const found = await app.attempt(() => ask(path));
  if (!found) return false;
  const possible = found.verbs.filter((one) => !one.refusal);
  const chosen = possible.find((one) => one.verb === wanted) ?? await choose(say, { title: `${say.verbs} ${order.number}`, choices: possible.map((one) => [one, verbName(one.verb, language)[0]]), rest: drawRefused(found.verbs.filter((one) => one.refusal), app) });
  if (!chosen) return false;
  let preview = null;
  const asked = chosen.lines.length || chosen.reasons.length || chosen.fields?.length ? await askWhat(app, chosen, async (wanted) => (preview = await prepare(app, path, chosen.verb, wanted))) : {};
  if (asked === null) return false;
  preview ??= await app.attempt(() => prepare(app, path, chosen.verb, { units: {}, reason: "" }));
  if (!preview) return false;
  if (!(await confirmView(say, { title: verbName(chosen.verb, language)[0], view: drawPreview(app, chosen.verb, preview), action: say.confirmIt }))) return false;
  const done = await app.attempt(() => ask(`${path}/commit`, { verb: chosen.verb, draft: preview.draft, why: preview.why ?? "" }));
  if (done) toast([say.doneIt, ...done.done.numbers].join(" "));
  return Boolean(done);
}

/* What is not possible now, and why. */
function drawRefused(verbs, { say, language }) {
  if (!verbs.length) return null;
  return h("section", { class: "refused" }, h("h3", {}, say.refusedIt), h("dl", { class: "pairs" }, verbs.map((one) => h("div", {}, h("dt", {}, verbName(one.verb, language)[0]), h("dd", {}, refusal(one.refusal, language)[0])))));
}

async function prepare(app, path, verb, wanted) {
  return (await ask(`${path}/prepare`, { verb, ...wanted })).preview;
}

function askWhat(app, chosen, onsubmit) {
  const { say, language } = app;
  const lines = chosen.lines.map((line) => askLine(app, line));
  const reason = chosen.reasons.length ? h("select", { onchange: () => fit() }, chosen.reasons.map((one) => h("option", { value: one }, orderReason(one, language)[0]))) : null;
  const details = (chosen.fields ?? []).map((one) => ({ of: one.of, name: one.name, ...askField(app, one) }));
  // What belongs to another reason is neither asked nor told.
  const fit = () => {
    details.forEach((one) => {
      one.shown.hidden = Boolean(one.of && one.of !== reason?.value);
      one.fit?.(reason?.value);
    });
  };
  fit();
  return askForm(say, {
    title: verbName(chosen.verb, language)[0],
    action: say.prepare,
    fields: [lines.map(({ shown }) => shown), reason ? field(asked(chosen.verb, language) ?? say.reasonLabel, reason) : null, details.map(({ shown }) => shown)].flat(3).filter(Boolean),
    read: () => ({
      units: Object.fromEntries(lines.map(({ line, units }) => [line, units()]).filter(([line, units]) => units || line.stays).map(([line, units]) => [line.id, units])),
      reason: reason?.value ?? "",
      details: Object.fromEntries([
        ...lines.filter(({ line, variant, units }) => variant && (units() || line.stays)).map(({ line, variant }) => [line.id, variant.value]),
        ...details.filter(({ shown }) => !shown.hidden).map(({ name, read }) => [name, read()]),
      ]),
    }),
    onsubmit: (wanted) => app.telling(() => onsubmit(wanted)),
  });
}

/* How many of a line, and what instead: {line, shown, units, variant}. */
function askLine(app, line) {
  const { say, language } = app;
  const name = [said(line.name, language), said(line.options, language), line.change ? `${line.change.before} → ${line.change.after}` : ""].filter(Boolean).join(" · ");
  if (line.whole) {
    const box = h("input", { type: "checkbox", checked: true });
    return { line, units: () => (box.checked ? line.units : 0), shown: h("label", { class: "check" }, box, `${name} ${say.wholeLine(line.units)}`) };
  }
  const input = h("input", { type: "number", min: 0, max: line.most ?? line.units, required: true });
  // Everything goes back unless said otherwise; what is exchanged is named one by one.
  input.value = String(line.variants && !line.stays ? 0 : line.units);
  const variant = line.variants ? variantOf(line, name, app) : null;
  const instead = variant && field(line.stays ? say.rest : say.exchangeFor, variant);
  const fit = () => (instead.hidden = Number(input.value) >= line.units);
  if (line.stays) input.addEventListener("input", fit), fit();
  const shown = h("div", { class: "two-fields" }, field(line.stays ? `${name} · ${say.stays}` : name, input), instead);
  return { line, variant, units: () => Number(input.value), shown };
}

function variantOf(line, name, { say, language }) {
  const choices = line.variants.map((one) => h("option", { value: one.id }, said(one.title, language)));
  if (line.stays) choices.unshift(h("option", { value: "" }, say.leavesOrder));
  const select = h("select", { "aria-label": `${name}: ${line.stays ? say.rest : say.exchangeFor}` }, choices);
  select.value = line.stays ? "" : line.variants.find((one) => one.id !== line.variant)?.id ?? line.variants[0]?.id ?? "";
  return select;
}

/* Something to fill in: {shown, read}. */
function askField(app, one) {
  const { language } = app;
  const label = orderField(one.name, language)[0];
  const title = (choice) => choiceTitle(app, one, choice);
  if (one.kind === "many") {
    const boxes = one.choices.map((choice) => [choice, h("input", { type: "checkbox" })]);
    const shown = h("fieldset", { class: "field" }, h("legend", {}, label), boxes.map(([choice, box]) => h("label", { class: "check" }, box, title(choice))));
    return { shown, read: () => boxes.filter(([, box]) => box.checked).map(([choice]) => choice.id).join(",") };
  }
  const input = one.choices.length
    ? h("select", {}, one.choices.map((choice) => h("option", { value: choice.id }, title(choice))))
    : one.kind === "long"
      ? h("textarea", { rows: 4, maxLength: 2000 })
      : h("input", { maxLength: 300, type: one.kind, min: one.kind === "number" ? 1 : null });
  input.value = one.value;
  return { shown: field(label, input), read: () => input.value, fit: one.choices.some((choice) => choice.of) ? (reason) => fitChoices(input, one, reason) : null };
}

/* Only what goes with the reason can be chosen. */
function fitChoices(select, one, reason) {
  one.choices.forEach((choice, index) => {
    const option = select.options[index];
    option.hidden = option.disabled = Boolean(choice.of && !choice.of.includes(reason));
  });
  if (select.selectedOptions[0]?.disabled) select.value = one.value;
}

function choiceTitle({ language }, one, choice) {
  if (choice.title) return said(choice.title, language);
  if (choice.tender) return [tenderName(choice, language), choice.balance].filter(Boolean).join(" · ");
  return choice.id ? orderReason(choice.id, language)[0] : unchanged(one.name, language)[0];
}

function tenderName(one, language) {
  return [tender(one.tender, language)[0], one.hint].filter(Boolean).join(" ");
}

function drawPreview(app, verb, preview) {
  const { say, language } = app;
  const small = (text, digits = false) => h("p", { class: digits ? "small digits" : "small" }, text);
  return h(
    "div",
    { class: "preview-deed" },
    preview.notes?.map((code) => h("p", {}, h("b", {}, note(code, language)[0]))),
    h("ul", { class: "wall-list" }, preview.rows.map((row) => drawRow(row, language))),
    preview.parcels > 1 ? small(say.inParcels(preview.parcels)) : null,
    preview.first?.length ? small(say.leavesFirst(preview.first.map((one) => said(one, language)).join(say.separator))) : null,
    preview.change ? h("p", {}, preview.change.before ? [h("s", {}, preview.change.before), " → "] : `${say.goesTo}${language === "zh" ? "：" : ": "}`, h("b", {}, preview.change.after)) : null,
    preview.back ? drawBack(preview.back, app) : null,
    preview.goes_to ? small(say.newGoodsTo(preview.goes_to)) : null,
    preview.slot ? small(say.slotSet(day(preview.slot.day, language), preview.slot.hours.split("-").map((hour) => `${hour}:00`).join("–"))) : null,
    preview.sum ? h("p", { class: "sum digits" }, `${say.orderSum} `, preview.sum.before === preview.sum.after ? null : [h("s", {}, preview.sum.before), " → "], h("b", {}, preview.sum.after)) : null,
    preview.total ? h("p", { class: "sum digits" }, `${say.total} ${preview.total}`) : null,
    preview.tenders.length ? h("ul", { class: "small" }, preview.tenders.map((one) => h("li", {}, say.backTo(tender(one.tender, language)[0], one.amount, one.days)))) : null,
    preview.charge ? small(say.charged(tenderName(preview.charge, language), preview.charge.amount)) : null,
    preview.balances?.map((one) => small(say.balanceOf(tenderName(one, language), one.before, one.after), true)),
    preview.coupon ? small(say.couponOwed(preview.coupon)) : null,
    preview.left_alone?.map((one) => small(say.leftAlone(one.name, refusal(one.refusal, language)[0]))),
    preview.answer_by ? small(say.answerBy(moment(preview.answer_by, language))) : null,
    preview.resolve_by ? small(say.resolveBy(moment(preview.resolve_by, language))) : null,
    preview.replaces ? h("p", { class: "none" }, (preview.reversal ? say.reverses : say.replaces)(preview.replaces)) : null,
    preview.told ? small(say.shopperIsTold(said(preview.told, language))) : null,
    preview.why ? small(say.becauseOf(preview.why)) : null,
    preview.needs_approval ? h("p", { class: "none" }, say.needsApproval) : null,
    h("p", { class: "for-good" }, icon("alert"), h("span", {}, forGood(finality(verb, preview), language)[0])),
    preview.expires_at ? h("p", { class: "none" }, say.validUntil(moment(preview.expires_at, language))) : null,
  );
}

/* How goods come back, on whose account, until when. */
function drawBack(back, { say, language }) {
  const told = [
    back.way === "keep" ? say.keepsGoods : back.at ? say.collectedAt(back.days, back.at) : say.sentTo(said(back.to, language)),
    back.freight ? say.freight[back.freight] : "",
    back.send_by ? say.sendBy(day(back.send_by, language)) : "",
  ];
  return h("ul", { class: "small" }, told.filter(Boolean).map((one) => h("li", {}, one)));
}

/* What a yes means for good depends on whether goods stay, and whether somebody approves first. */
function finality(verb, { back, needs_approval: waits }) {
  return back?.way === "keep" ? `${verb}_keep${waits ? "_asked" : ""}` : verb;
}

function drawRow(row, language) {
  return h(
    "li",
    {},
    h("span", { class: "leader" }, h("b", {}, said(row.name, language)), row.note ? h("small", {}, note(row.note, language)[0]) : null),
    row.quantity ? h("span", { class: "digits" }, `× ${row.quantity}`) : null,
    row.amount ? h("span", { class: "digits" }, row.amount) : null,
  );
}
