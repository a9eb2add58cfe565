/* Questions that must be answered before something is done, and the list of shortcuts. */

import { h } from "./dom.js";

/* Resolves to null when cancelled, else to the note that was written ("" without one). */
export function confirm(say, { title, more, action, note = false, grave = false }) {
  return new Promise((resolve) => {
    const text = note ? h("textarea", { rows: 3, maxLength: 2000, "aria-label": say.note, placeholder: say.note }) : null;
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
