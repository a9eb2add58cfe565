/* The queue's rules and the promises about time as forms; what is put in lands in the text. */

import { h, icon } from "./dom.js";
import { ruleInputs } from "./rule_inputs.js";

/** The form of the queue; `put` gets the values of those rules that were changed. */
export function queueForm(say, rules, put) {
  const inputs = ruleInputs(say, say.queueRules, rules);
  return h("form", { class: "day-form", "aria-label": say.queueForm, onsubmit: submitting(() => put(inputs.changed())) }, inputs.elements, putIn(say));
}

/** The form of the promises: policies in the order they are tried, ready ones, and when the desk acts. */
export function promisesForm(say, { policies, new_policy: blank, sla }, put) {
  const shown = policies.map((rules) => policyOf(say, rules));
  const others = ruleInputs(say, say.slaRules, sla);
  const before = JSON.stringify(shown.map((one) => one.all()));
  const list = h("ol", { class: "policies" });
  const draw = () => list.replaceChildren(...shown.map((one, at) => h("li", {}, one.element(at, shown.length, { move: (by) => move(at, by), remove: () => remove(at) }))));
  const move = (at, by) => {
    shown.splice(at + by, 0, ...shown.splice(at, 1));
    draw();
    shown[at + by].focus();
  };
  const remove = (at) => {
    shown.splice(at, 1);
    draw();
    (shown[at] ?? shown.at(-1) ?? more).focus();
  };
  const add = () => {
    shown.push(policyOf(say, blank));
    draw();
    shown.at(-1).focus();
  };
  const more = h("button", { class: "button", type: "button", onclick: add }, icon("plus"), say.policyAdd);
  const submit = () => {
    const policiesNow = shown.map((one) => one.all());
    return put({ ...others.changed(), ...(JSON.stringify(policiesNow) === before ? {} : { policies: policiesNow }) });
  };
  draw();
  return h(
    "form",
    { class: "promises", "aria-label": say.promisesForm, onsubmit: submitting(submit) },
    list,
    more,
    h("div", { class: "day-form" }, others.elements, putIn(say)),
  );
}

function policyOf(say, rules) {
  const inputs = ruleInputs(say, say.policyRules, rules);
  const deed = (text, shape, onclick, disabled = false) => h("button", { class: "button small", type: "button", "aria-label": text, title: text, disabled, onclick }, icon(shape));
  return {
    all: inputs.all,
    focus: inputs.focus,
    element: (at, count, { move, remove }) =>
      h(
        "fieldset",
        { class: "day-form" },
        h("legend", {}, say.policyNumber(at + 1)),
        inputs.elements,
        h("div", { class: "policy-deeds" }, deed(say.policyUp, "up", () => move(-1), at === 0), deed(say.policyDown, "down", () => move(1), at === count - 1), deed(say.policyRemove, "close", remove)),
      ),
  };
}

function putIn(say) {
  return h("button", { class: "button", type: "submit" }, say.dayPutIn);
}

function submitting(work) {
  return (event) => {
    event.preventDefault();
    return work();
  };
}
