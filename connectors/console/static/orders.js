/* What an agent does for an order: choose, preview exactly what would happen, confirm. */

import { ask } from "./api.js";
import { moment, said } from "./cards.js";
import { choose, askForm, confirmView, field } from "./dialogs.js";
import { h, toast } from "./dom.js";
import { orderField, orderReason, refusal, tender, verb as verbName } from "./words_orders.js";

/* Whether something was done; `wanted` is the verb that was chosen already. */
export async function doForOrder(app, conversationId, order, wanted = null) {
  const { say, language } = app;
  const path = `/conversations/${conversationId}/orders/${order.number}`;
  const found = await app.attempt(() => ask(path));
  if (!found) return false;
  const choices = found.verbs.map((one) => [one, [verbName(one.verb, language)[0], one.refusal ? h("small", {}, `${say.refusedIt}: ${refusal(one.refusal, language)[0]}`) : null]]);
  const chosen = found.verbs.find((one) => one.verb === wanted && !one.refusal) ?? await choose(say, { title: `${say.verbs} ${order.number}`, choices });
  if (!chosen) return false;
  if (chosen.refusal) return void toast(refusal(chosen.refusal, language)[0], "warn");
  let preview = null;
  const asked = chosen.reasons.length || chosen.fields?.length ? await askWhat(app, chosen, async (wanted) => (preview = await prepare(app, path, chosen.verb, wanted))) : {};
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
    const input = h("input", { type: "number", min: 0, max: line.units, required: true });
    // Everything goes back unless said otherwise; what is exchanged is named one by one.
    input.value = String(line.variants ? 0 : line.units);
    const name = [said(line.name, language), said(line.options, language)].filter(Boolean).join(" · ");
    return [line.id, input, field(name, input), line.variants ? variantOf(line, name, app) : null];
  });
  const reason = chosen.reasons.length ? h("select", {}, chosen.reasons.map((one) => h("option", { value: one }, orderReason(one, language)[0]))) : null;
  const details = (chosen.fields ?? []).map((one) => {
    const input = one.choices.length
      ? h("select", {}, one.choices.map(({ id }) => h("option", { value: id }, orderReason(id, language)[0])))
      : h("input", { maxLength: 300 });
    input.value = one.value;
    return [one.name, input, field(orderField(one.name, language)[0], input)];
  });
  return askForm(say, {
    title: verbName(chosen.verb, language)[0],
    action: say.prepare,
    fields: [units.map(([, , shown, variant]) => [shown, variant && field(say.exchangeFor, variant)]), reason ? field(say.reasonLabel, reason) : null, details.map(([, , shown]) => shown)].flat(3).filter(Boolean),
    read: () => {
      const wanted = units.filter(([, input]) => Number(input.value) > 0);
      return {
        units: Object.fromEntries(wanted.map(([id, input]) => [id, Number(input.value)])),
        reason: reason?.value ?? "",
        details: Object.fromEntries([...wanted.filter(([, , , variant]) => variant).map(([id, , , variant]) => [id, variant.value]), ...details.map(([name, input]) => [name, input.value])]),
      };
    },
    onsubmit: (wanted) => app.telling(() => onsubmit(wanted)),
  });
}

function variantOf(line, name, { say, language }) {
  const select = h("select", { "aria-label": `${name}: ${say.exchangeFor}` }, line.variants.map((one) => h("option", { value: one.id }, said(one.title, language))));
  select.value = line.variants.find((one) => one.id !== line.variant)?.id ?? line.variants[0]?.id ?? "";
  return select;
}

function drawPreview(app, preview) {
  const { say, language } = app;
  return h(
    "div",
    { class: "preview-deed" },
    h("ul", { class: "wall-list" }, preview.rows.map((row) => h("li", {}, h("span", { class: "leader" }, h("b", {}, said(row.name, language))), row.quantity ? h("span", { class: "digits" }, `× ${row.quantity}`) : null, row.amount ? h("span", { class: "digits" }, row.amount) : null))),
    preview.change ? h("p", {}, h("s", {}, preview.change.before), " → ", h("b", {}, preview.change.after)) : null,
    preview.total ? h("p", { class: "sum digits" }, `${say.total} ${preview.total}`) : null,
    preview.tenders.length ? h("ul", { class: "small" }, preview.tenders.map((one) => h("li", {}, say.backTo(tender(one.tender, language)[0], one.amount, one.days)))) : null,
    preview.charge ? h("p", { class: "small" }, say.charged([tender(preview.charge.tender, language)[0], preview.charge.hint].filter(Boolean).join(" "), preview.charge.amount)) : null,
    preview.replaces ? h("p", { class: "none" }, (preview.reversal ? say.reverses : say.replaces)(preview.replaces)) : null,
    preview.needs_approval ? h("p", { class: "none" }, say.needsApproval) : null,
    preview.expires_at ? h("p", { class: "none" }, say.validUntil(moment(preview.expires_at, language))) : null,
  );
}
