/* The page before the desk. */

import { ask } from "./api.js";
import { h } from "./dom.js";

export function drawLogin(say, { problem, onlanguage, onin, errorText }) {
  const wrong = h("p", { class: "wrong", role: "alert", hidden: !problem }, problem ?? "");
  const login = h("input", { id: "login", name: "login", autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true, maxLength: 200 });
  const password = h("input", { id: "password", name: "password", type: "password", autocomplete: "current-password", required: true, maxLength: 1024 });
  const go = h("button", { class: "button primary wide", type: "submit" }, say.signIn);

  async function submit(event) {
    event.preventDefault();
    go.disabled = true;
    go.textContent = say.signingIn;
    wrong.hidden = true;
    try {
      onin(await ask("/login", { login: login.value, password: password.value }));
    } catch (error) {
      wrong.textContent = errorText(error);
      wrong.hidden = false;
      password.select();
    } finally {
      go.disabled = false;
      go.textContent = say.signIn;
    }
  }

  return h(
    "main",
    { class: "login" },
    h(
      "form",
      { class: "login-card", onsubmit: submit },
      h("img", { src: "/console/static/mark.svg", alt: "", width: 44, height: 44 }),
      h("h1", {}, "Kefu ", h("span", {}, say.title)),
      wrong,
      h("label", { for: "login" }, say.login),
      login,
      h("label", { for: "password" }, say.password),
      password,
      go,
    ),
    h("button", { class: "quiet", type: "button", onclick: onlanguage, "aria-label": say.switchLanguage }, say.otherLanguage),
  );
}
