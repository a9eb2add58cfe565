/* Where an agent writes. */

import { h, icon } from "./dom.js";

export function drawWriter(say, { conversationId, longest, draft, onsend, onescape }) {
  const count = h("span", { class: "left", "aria-live": "polite" });
  const post = h("button", { class: "button primary", type: "submit", disabled: true }, icon("send"), say.send);
  const text = h("textarea", { rows: 3, "aria-label": say.composer, placeholder: say.placeholder });

  function look() {
    const left = longest - [...text.value].length;
    post.disabled = !text.value.trim() || left < 0;
    count.textContent = left < 0 ? say.over(-left) : left < 200 ? say.left(left) : "";
    count.classList.toggle("over", left < 0);
  }

  function send(event) {
    event.preventDefault();
    if (post.disabled) return;
    const said = text.value.trim();
    text.value = "";
    look();
    onsend(said);
    text.focus();
  }

  text.addEventListener("input", look);
  text.addEventListener("keydown", (event) => {
    // While a Chinese word is being composed, Enter chooses it.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
    if (event.key === "Escape") onescape();
  });
  text.value = draft;
  look();
  return h("form", { class: "writer", "data-for": conversationId, onsubmit: send }, text, h("div", { class: "writer-row" }, count, post));
}
