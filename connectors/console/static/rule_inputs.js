/* One rule of the desk as an input: every kind the server names, shown and read back. */

import { field } from "./dialogs.js";
import { h } from "./dom.js";

const EXAMPLES = { weights: "wecom: 2", skills: "open_return: after_sales" };
const pairs = (value) => Object.entries(value).map(([name, one]) => `${name}: ${one}`).join("\n");
const lines = (text) => text.split("\n").map((line) => line.split(/[:：=]/).map((part) => part.trim())).filter(([name]) => name);
const number = (text) => (text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text));

/** How a rule of each kind is shown, and read back: `[input, read]`. */
const KINDS = {
  text: (one) => {
    const input = h("input", { value: one.value, maxLength: 100, required: true, spellcheck: false });
    return [input, () => input.value.trim()];
  },
  number: (one) => numbered(one, "any"),
  whole: (one) => numbered(one, "1"),
  flag: (one) => {
    const input = h("input", { type: "checkbox", checked: one.value });
    return [input, () => input.checked];
  },
  choice: (one, say) => {
    const choices = one.choices.map((name) => [name, say.ruleChoices[name] ?? name]);
    const input = h("select", {}, (one.optional ? [["", say.noChoice[one.name]], ...choices] : choices).map(([value, text]) => h("option", { value }, text)));
    input.value = one.value ?? "";
    return [input, () => input.value || null];
  },
  some: (one, say) => {
    const input = h("select", { multiple: true, size: one.choices.length }, one.choices.map((name) => h("option", { value: name, selected: one.value.includes(name) }, say.ruleChoices[name] ?? name)));
    return [input, () => [...input.selectedOptions].map((option) => option.value)];
  },
  names: (one, say) => {
    const input = h("input", { value: one.value.join(", "), maxLength: 500, placeholder: say.namesHint });
    return [input, () => input.value.split(/[,，、]/).map((name) => name.trim()).filter(Boolean)];
  },
  counts: (one, say) => paired(one, say, number),
  pairs: (one, say) => paired(one, say, (text) => text),
};

function numbered(one, step) {
  const input = h("input", { type: "number", min: String(one.least ?? ""), step, required: !one.optional, value: String(one.value ?? "") });
  return [input, () => (one.optional && input.value === "" ? null : number(input.value))];
}

function paired(one, say, read) {
  const text = pairs(one.value);
  const input = h("textarea", { rows: Math.max(2, text.split("\n").length), maxLength: 5000, spellcheck: false, placeholder: say.pairsHint.replace("{}", EXAMPLES[one.name] ?? "") });
  input.value = text;
  return [input, () => Object.fromEntries(lines(input.value).map(([name, value]) => [name, read(value ?? "")]))];
}

/** The inputs of `rules`, called by `names`: their elements, all values by name, and those that were changed; the first can be given the focus. */
export function ruleInputs(say, names, rules) {
  const inputs = rules.map((one) => {
    const [input, read] = KINDS[one.kind](one, say);
    return { name: one.name, input, read, before: JSON.stringify(read()), element: field(names[one.name] ?? say.unknownRule(one.name), input) };
  });
  const values = (wanted) => Object.fromEntries(wanted.map((one) => [one.name, one.read()]));
  return {
    elements: inputs.map((one) => one.element),
    focus: () => inputs[0].input.focus(),
    all: () => values(inputs),
    changed: () => values(inputs.filter((one) => JSON.stringify(one.read()) !== one.before)),
  };
}
