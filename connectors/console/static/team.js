/* Who works here: roles, teams, new agents, and those who have left. */

import { ask } from "./api.js";
import { askForm, field } from "./dialogs.js";
import { h, toast } from "./dom.js";
import { skill } from "./words.js";

/** Boxes to tick: `options` are pairs of value and text; `chosen()` gives the ticked values. */
function choices(options, ticked, label, onchange) {
  const boxes = options.map(([value, text]) => [value, text, h("input", { type: "checkbox", checked: ticked.includes(value), onchange })]);
  return {
    element: h("span", { class: "choices", role: "group", "aria-label": label }, boxes.map(([, text, box]) => h("label", {}, box, text))),
    chosen: () => boxes.filter(([, , box]) => box.checked).map(([value]) => value),
  };
}

export class TeamPage {
  constructor(app) {
    this.app = app;
    this.element = h("main", { class: "page", "aria-label": app.say.pages.team });
    this.load();
  }

  async load() {
    await this.app.attempt(async () => {
      ({ members: this.members, skills: this.skills, capacity: this.capacity } = await ask("/team"));
      this.draw();
    });
  }

  draw() {
    const { say } = this.app;
    const heads = [say.nameCol, say.loginCol, say.roleCol, say.teamCol, ...(this.skills.length ? [say.skillsCol] : []), say.languagesCol, say.capacityCol, say.active];
    const teams = [...new Set(this.members.map((one) => one.team).filter(Boolean))];
    this.element.replaceChildren(
      h("header", { class: "page-head" }, h("h1", {}, say.pages.team), h("button", { class: "button primary", type: "button", onclick: () => this.add() }, say.addAgent)),
      h("datalist", { id: "teams" }, teams.map((team) => h("option", { value: team }))),
      h("div", { class: "panel scroll" }, h("table", { class: "left" }, h("thead", {}, h("tr", {}, heads.map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, this.members.map((one) => this.row(one))))),
    );
  }

  row(one) {
    const { say, me } = this.app;
    const own = one.id === me.id;
    const role = h("select", { "aria-label": `${say.roleCol} ${one.name}`, disabled: own, onchange: () => save() }, Object.entries(say.role).map(([value, text]) => h("option", { value }, text)));
    role.value = one.role;
    const team = h("input", { value: one.team, list: "teams", maxLength: 80, "aria-label": `${say.teamCol} ${one.name}`, onchange: () => save() });
    team.value = one.team;
    // Nothing chosen means everything.
    const skills = choices(this.skills.map((name) => [name, skill(name, this.app.language)[0]]), one.skills, `${say.skillsCol} ${one.name}`, () => save());
    const languages = choices(Object.entries(say.languages), one.languages, `${say.languagesCol} ${one.name}`, () => save());
    const capacity = h("input", { type: "number", min: 1, max: 100, placeholder: String(this.capacity), "aria-label": `${say.capacityCol} ${one.name}`, onchange: () => save() });
    capacity.value = one.capacity ?? "";
    const active = h("input", { type: "checkbox", checked: one.active, disabled: own, "aria-label": `${say.active} ${one.name}`, onchange: () => save() });
    const save = () =>
      this.app.attempt(async () => {
        await ask(`/team/${one.id}`, { role: role.value, team: team.value, active: active.checked, skills: skills.chosen(), languages: languages.chosen(), capacity: capacity.value ? Number(capacity.value) : null });
        toast(say.saved);
        await this.load();
      });
    return h("tr", { class: one.active ? "" : "gone" }, h("th", { scope: "row" }, one.name), h("td", {}, one.login), h("td", {}, role), h("td", {}, team), this.skills.length ? h("td", {}, skills.element) : null, h("td", {}, languages.element), h("td", {}, capacity), h("td", {}, active));
  }

  async add() {
    const { say } = this.app;
    const name = h("input", { required: true, maxLength: 200 });
    const login = h("input", { required: true, maxLength: 200, autocapitalize: "none" });
    const password = h("input", { required: true, minLength: 8, maxLength: 1024, type: "password", autocomplete: "new-password" });
    const role = h("select", {}, Object.entries(say.role).map(([value, text]) => h("option", { value }, text)));
    const added = await askForm(say, {
      title: say.addAgent,
      action: say.addAgent,
      fields: [field(say.nameCol, name), field(say.loginCol, login), field(say.firstPassword, password), field(say.roleCol, role)],
      read: () => ({ name: name.value, login: login.value, password: password.value, role: role.value }),
      onsubmit: (values) => this.app.telling(() => ask("/team", values)),
    });
    if (added) await this.load();
  }
}
