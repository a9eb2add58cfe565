/* Asks for one to five stars, then why; what was answered is remembered in this browser. */

import { h } from "./dom.js";
import { icon } from "./icons.js";

const GOOD = ["fast", "kind", "clear", "solved"];
const BAD = ["slow", "unsolved", "unclear", "unkind", "repeated", "policy"];
const LOW = 3;

/* about: {say, memory, rate: (answer) -> whether it was taken}. */
export function drawRating(survey, { say, memory, rate }) {
  const known = memory.get("rated") ?? {};
  const frame = h("section", { class: "rating", "aria-label": say.rating });
  const remember = (score) => memory.set("rated", { ...Object.fromEntries(Object.entries(known).slice(-20)), [survey.id]: score });
  const gone = new Date(survey.expires_at) <= new Date();

  function thank(score) {
    frame.replaceChildren(h("p", { role: "status" }, stars(score), say.rated));
  }

  function stars(score) {
    return h("span", { class: "stars shown", "aria-label": say.stars(score), role: "img" }, [1, 2, 3, 4, 5].map((n) => star(n <= score)));
  }

  async function choose(score) {
    if (!(await rate({ survey: survey.id, score }))) return refuse();
    remember(score);
    askWhy(score);
    return undefined;
  }

  function refuse() {
    frame.replaceChildren(h("p", { role: "status" }, say.ratingGone));
  }

  function askWhy(score) {
    const chosen = new Set();
    let solved = null;
    const chip = (name) => {
      const button = h("button", { type: "button", class: "chip", "aria-pressed": "false", onclick: () => {
        if (!chosen.delete(name)) chosen.add(name);
        button.setAttribute("aria-pressed", String(chosen.has(name)));
      } }, say.reasons[name]);
      return button;
    };
    const answers = [true, false].map((value) => {
      const button = h("button", { type: "button", class: "chip", "aria-pressed": "false", onclick: () => {
        solved = value;
        answers.forEach((other, index) => other.setAttribute("aria-pressed", String((index === 0) === value)));
      } }, value ? say.solvedYes : say.solvedNo);
      return button;
    });
    const comment = h("textarea", { rows: "2", maxlength: "1000", "aria-label": say.ratingComment, placeholder: say.ratingComment });
    const send = h("button", { type: "button", class: "rate-send", onclick: async () => {
      send.disabled = true;
      if (chosen.size || comment.value.trim() || solved !== null) await rate({ survey: survey.id, score, solved, reasons: [...chosen], comment: comment.value.trim() });
      thank(score);
    } }, say.send);
    frame.replaceChildren(
      stars(score),
      h("p", {}, say.solved),
      h("div", { class: "chips" }, answers),
      h("p", {}, score <= LOW ? say.whyBad : say.whyGood),
      h("div", { class: "chips" }, (score <= LOW ? BAD : GOOD).map(chip)),
      comment,
      send,
    );
    answers[0].focus();
  }

  if (known[survey.id]) thank(known[survey.id]);
  else if (gone) refuse();
  else {
    frame.append(
      h("p", {}, say.ratingAsk),
      h("div", { class: "stars", role: "group", "aria-label": say.rating }, [1, 2, 3, 4, 5].map((score) => h("button", { type: "button", "aria-label": say.stars(score), title: say.scores[score - 1], onclick: () => choose(score) }, star(false)))),
    );
  }
  return frame;
}

function star(full) {
  const shape = icon("star");
  if (full) shape.classList.add("full");
  return shape;
}
