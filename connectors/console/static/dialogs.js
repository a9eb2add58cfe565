/* Questions that must be answered before something is done, and the list of shortcuts. */

import { h, stepThrough } from "./dom.js";

/* Resolves to null when cancelled, else to the note that was written ("" without one). */
export function confirm(say, { title, more, action, note = false, grave = false }) {
  return new Promise((resolve) => {
    const text = note ? h("textarea", { rows: 3, maxLength: 2000, "aria-label": say.handBackNote, placeholder: say.handBackNote }) : null;
    const dialog = h(
      "dialog",
      { class: "dialog", "aria-labelledby": "dialog-title" },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: "dialog-title" }, title),
        h("p", {}, more),
        text,
        h(
          "div",
          { class: "dialog-row" },
          h("button", { class: "button", value: "no", type: "submit", formnovalidate: true }, say.cancel),
          h("button", { class: `button ${grave ? "grave" : "primary"}`, value: "yes", type: "submit", autofocus: !note }, action),
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? text?.value.trim() ?? "" : null);
    });
    document.body.append(dialog);
    dialog.returnValue = "no";
    dialog.showModal();
    text?.focus();
  });
}

export function showKeys(say) {
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "dialog-title" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "dialog-title" }, say.keys),
      h("dl", { class: "keys" }, say.keysList.map(([key, what]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)))),
      h("div", { class: "dialog-row" }, h("button", { class: "button primary", type: "submit", autofocus: true }, say.dialogClose)),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/* A form in a dialog; `fields` are elements, `read` makes the answer of them. Resolves to null when
 * cancelled. `onsubmit` may refuse by throwing: its words are shown and the dialog stays. */
export function askForm(say, { title, more, action, fields, read, onsubmit }) {
  return new Promise((resolve) => {
    let answer = null;
    const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
    const go = h("button", { class: "button primary", type: "submit" }, action);
    async function submit(event) {
      event.preventDefault();
      go.disabled = true;
      try {
        const read_ = read();
        await onsubmit?.(read_);
        answer = read_;
        dialog.close();
      } catch (error) {
        wrong.textContent = error.told ?? String(error.message);
        wrong.hidden = false;
      } finally {
        go.disabled = false;
      }
    }
    const dialog = h(
      "dialog",
      { class: "dialog", "aria-labelledby": "dialog-title" },
      h(
        "form",
        { class: "form", onsubmit: submit },
        h("h2", { id: "dialog-title" }, title),
        more ? h("p", {}, more) : null,
        wrong,
        fields,
        h("div", { class: "dialog-row" }, h("button", { class: "button", type: "button", onclick: () => dialog.close() }, say.cancel), go),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("input, select, textarea")?.focus();
  });
}

export function field(label, input) {
  return h("label", { class: "field" }, h("span", {}, label), input);
}

/* Choices in a dialog, through which the arrows lead; resolves to the chosen value or null. */
export function choose(say, { title, more, choices, rest = null }) {
  return new Promise((resolve) => {
    let chosen = null;
    function key(event) {
      stepThrough(event, [...dialog.querySelectorAll(".choice")]);
    }
    const dialog = h(
      "dialog",
      { class: "dialog", "aria-labelledby": "dialog-title" },
      h(
        "div",
        { class: "sheet", onkeydown: key },
        h("h2", { id: "dialog-title" }, title),
        more ? h("p", {}, more) : null,
        h("ul", { class: "choices" }, choices.map(([value, text]) => h("li", {}, h("button", { class: "choice", type: "button", onclick: () => { chosen = value; dialog.close(); } }, text)))),
        rest,
        h("div", { class: "dialog-row" }, h("button", { class: "button", type: "button", onclick: () => dialog.close() }, say.cancel)),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(chosen);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/* Shows `view` and asks for a yes; resolves to whether it came. */
export function confirmView(say, { title, view, action }) {
  return askForm(say, { title, action, fields: [view], read: () => true }).then(Boolean);
}
