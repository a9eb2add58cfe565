/* What an agent does for an order: choose, preview exactly what would happen, confirm. */

import { ask } from "./api.js";
import { moment, said } from "./cards.js";
import { choose, askForm, confirmView, field } from "./dialogs.js";
import { h, toast } from "./dom.js";
import { orderReason, refusal, tender, verb as verbName } from "./words_orders.js";

/* Whether something was done. */
export async function doForOrder(app, conversationId, order) {
  const { say, language } = app;
  const path = `/conversations/${conversationId}/orders/${order.number}`;
  const found = await app.attempt(() => ask(path));
  if (!found) return false;
  const choices = found.verbs.map((one) => [one, [verbName(one.verb, language)[0], one.refusal ? h("small", {}, `${say.refusedIt}: ${refusal(one.refusal, language)[0]}`) : null]]);
  const chosen = await choose(say, { title: `${say.verbs} ${order.number}`, choices });
  if (!chosen) return false;
  if (chosen.refusal) return void toast(refusal(chosen.refusal, language)[0], "warn");
  let preview = null;
  const asked = chosen.reasons.length ? await askWhat(app, chosen, async (wanted) => (preview = await prepare(app, path, chosen.verb, wanted))) : {};
  if (asked === null) return false;
  preview ??= await app.attempt(() => prepare(app, path, chosen.verb, { units: {}, reason: "" }));
  if (!preview) return false;
  if (!(await confirmView(say, { title: verbName(chosen.verb, language)[0], view: drawPreview(app, preview), action: say.confirmIt }))) return false;
  const done = await app.attempt(() => ask(`${path}/commit`, { verb: chosen.verb, draft: preview.draft }));
  if (done) toast([say.doneIt, ...done.done.numbers].join(" "));
  return Boolean(done);
}

async function prepare(app, path, verb, wanted) {
  return (await ask(`${path}/prepare`, { verb, ...wanted })).preview;
}

function askWhat(app, chosen, onsubmit) {
  const { say, language } = app;
  const units = chosen.lines.map((line) => {
    const input = h("input", { type: "number", min: 0, max: line.units, value: String(line.units), required: true });
    input.value = String(line.units);
    return [line.id, input, field([said(line.name, language), said(line.options, language)].filter(Boolean).join(" · "), input)];
  });
  const reason = h("select", {}, chosen.reasons.map((one) => h("option", { value: one }, orderReason(one, language)[0])));
  return askForm(say, {
    title: verbName(chosen.verb, language)[0],
    action: say.prepare,
    fields: [units.map(([, , shown]) => shown), field(say.reasonLabel, reason)],
    read: () => ({ units: Object.fromEntries(units.map(([id, input]) => [id, Number(input.value)]).filter(([, count]) => count > 0)), reason: reason.value }),
    onsubmit: (wanted) => app.telling(() => onsubmit(wanted)),
  });
}

function drawPreview(app, preview) {
  const { say, language } = app;
  return h(
    "div",
    { class: "preview-deed" },
    h("ul", { class: "wall-list" }, preview.rows.map((row) => h("li", {}, h("span", { class: "leader" }, h("b", {}, said(row.name, language))), row.quantity ? h("span", { class: "digits" }, `× ${row.quantity}`) : null, row.amount ? h("span", { class: "digits" }, row.amount) : null))),
    preview.total ? h("p", { class: "sum digits" }, `${say.total} ${preview.total}`) : null,
    preview.tenders.length ? h("ul", { class: "small" }, preview.tenders.map((one) => h("li", {}, say.backTo(tender(one.tender, language)[0], one.amount, one.days)))) : null,
    preview.needs_approval ? h("p", { class: "none" }, say.needsApproval) : null,
    h("p", { class: "none" }, say.validUntil(moment(preview.expires_at, language))),
  );
}
