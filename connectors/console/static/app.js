/* The console: who is signed in, which page is open, and what the server tells. */

import { io } from "./vendor/socket.io.esm.min.js";
import { ApiError, ask, endVisit } from "./api.js";
import { AuditPage } from "./audit.js";
import { CannedPage } from "./canned.js";
import { DeskPage } from "./desk.js";
import { showKeys } from "./dialogs.js";
import { h, icon, toast } from "./dom.js";
import { Duty } from "./duty.js";
import { drawLogin } from "./login.js";
import { preferences } from "./preferences.js";
import { QualityPage } from "./quality.js";
import { ReportsPage } from "./reports.js";
import { RulesPage } from "./rules.js";
import { showSettings } from "./settings.js";
import { TeamPage } from "./team.js";
import { WallPage } from "./wall.js";
import { WORDS } from "./words.js";

// Between two fetches of the lists, however much happens.
const OVERVIEW_REST_MS = 600;
const THEME_ICONS = { auto: "half", light: "sun", dark: "moon" };
const root = document.getElementById("app");

/* In the order of the menu; a page knows how to draw itself into `element`. */
const PAGES = [
  { name: "desk", icon: "inbox", page: DeskPage },
  { name: "canned", icon: "bolt", page: CannedPage },
  { name: "wall", icon: "wall", page: WallPage, supervisor: true },
  { name: "reports", icon: "chart", page: ReportsPage, supervisor: true },
  { name: "quality", icon: "star", page: QualityPage, supervisor: true },
  { name: "team", icon: "team", page: TeamPage, supervisor: true },
  { name: "rules", icon: "rules", page: RulesPage, supervisor: true },
  { name: "audit", icon: "log", page: AuditPage, supervisor: true },
];

class App {
  me = null;
  socket = null;
  // Before the first connection nobody knows.
  online = null;
  page = null;
  desk = null;
  where = "desk";

  get say() {
    return WORDS[preferences.language];
  }

  get language() {
    return preferences.language;
  }

  get isSupervisor() {
    return this.me?.role === "supervisor";
  }

  get pages() {
    return PAGES.filter((page) => !page.supervisor || this.isSupervisor);
  }

  async start() {
    preferences.apply();
    document.addEventListener("keydown", (event) => this.key(event));
    setInterval(() => {
      this.page?.tick?.();
      this.duty?.tick();
    }, 1000);
    try {
      await this.enter(await ask("/me"));
    } catch (error) {
      this.leave(error.code === "no_session" ? null : this.errorText(error));
    }
  }

  // -- in and out ------------------------------------------------------------------------------

  async enter({ agent, message_characters: longest, shop }) {
    this.me = agent;
    this.longest = longest;
    this.shop = shop;
    this.online = null;
    this.desk = new DeskPage(this);
    this.duty = new Duty(this);
    this.where = "desk";
    this.shell();
    this.socket?.disconnect();
    this.socket = io("/console", { transports: ["websocket", "polling"] });
    this.socket.on("connect", () => this.connected());
    this.socket.on("disconnect", () => this.setOnline(false));
    this.socket.on("connect_error", (error) => (error.message === "no_session" ? this.ended() : this.setOnline(false)));
    this.socket.on("overview", () => this.overviewTold());
    this.socket.on("queue", (told) => this.queueTold(told));
    this.socket.on("duty", () => this.duty?.load());
    for (const name of ["message", "rewritten", "margin", "present", "shopper_typing", "shopper_read", "mentioned"]) {
      this.socket.on(name, (told) => this.desk?.told(name, told));
    }
    await this.desk.refresh();
  }

  leave(problem) {
    if (this.me) endVisit();
    this.socket?.disconnect();
    this.desk?.close();
    if (this.page !== this.desk) this.page?.close?.();
    Object.assign(this, { me: null, socket: null, desk: null, duty: null, page: null, parts: null });
    document.title = `Kefu ${this.say.title}`;
    root.replaceChildren(
      drawLogin(this.say, {
        problem,
        errorText: (error) => this.errorText(error),
        onin: (introduction) => this.enter(introduction),
        onlanguage: () => {
          this.switchLanguage();
          this.leave(null);
        },
      }),
    );
    document.getElementById("login").focus();
  }

  /* The server knows our session no more; several requests may learn it, one login page tells it. */
  ended() {
    if (this.me) this.leave(this.say.errors.no_session);
  }

  async signOut() {
    await this.attempt(() => ask("/logout", {}));
    this.leave(null);
  }

  switchLanguage() {
    preferences.set({ language: preferences.language === "en" ? "zh" : "en" });
  }

  // -- what the server tells -------------------------------------------------------------------

  async connected() {
    this.setOnline(true);
    this.desk?.connected();
    this.duty?.load();
    await this.changed(false);
  }

  /* Fetches what has changed at once, then once for all that happens within a while. */
  overviewTold() {
    this.overviewWaits = Boolean(this.overviewRest);
    if (this.overviewWaits) return;
    this.changed();
    this.overviewRest = setTimeout(() => {
      this.overviewRest = null;
      if (this.overviewWaits) this.overviewTold();
    }, OVERVIEW_REST_MS);
  }

  async changed(own = true) {
    await this.desk?.refresh(own);
    if (this.page !== this.desk) this.page?.changed?.();
  }

  queueTold(told) {
    this.desk?.queueTold(told);
    if (this.page !== this.desk) this.page?.changed?.();
  }

  setOnline(online) {
    this.online = online;
    if (!this.parts) return;
    this.parts.status.textContent = online === null ? this.say.connecting : online ? this.say.online : this.say.offline;
    this.parts.status.classList.toggle("off", !online);
  }

  /* Does `work`; what goes wrong is said, and an ended session leads to the login. */
  async attempt(work) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "no_session") this.ended();
      else if (error.code !== "network" || this.online !== false) toast(this.errorText(error), "warn");
      return undefined;
    }
  }

  /* Does `work`; what goes wrong is thrown in words, for a form that shows them itself. */
  async telling(work) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ApiError) error.told = this.errorText(error);
      throw error;
    }
  }

  errorText(error) {
    const { say } = this;
    if (error.code === "taken") return say.took(error.error.agent.name);
    if (error.code === "moved") {
      const { owner, agent } = error.error.conversation;
      return owner === "agent" ? say.movedTo.agent(agent.name) : say.movedTo[owner];
    }
    const found = say.errors[error.code] ?? say.errors.internal;
    return typeof found === "function" ? found(error.error) : found;
  }

  // -- drawing ---------------------------------------------------------------------------------

  shell() {
    const { say, me } = this;
    const status = h("span", { class: "status", role: "status" });
    const tool = (name, label, onclick) => h("button", { class: "tool", type: "button", title: label, "aria-label": label, onclick }, name);
    const rail = h(
      "div",
      { class: "rail" },
      h("img", { src: "/console/static/mark.svg", alt: "", width: 32, height: 32 }),
      h(
        "nav",
        { class: "menu", "aria-label": say.menu },
        this.pages.map((page, index) =>
          h("button", { class: "tool", type: "button", "data-page": page.name, title: `${say.pages[page.name]} (Alt+${index + 1})`, "aria-current": page.name === this.where ? "page" : null, onclick: () => this.go(page.name) }, icon(page.icon), h("span", {}, say.pages[page.name])),
        ),
      ),
      h(
        "div",
        { class: "rail-foot" },
        tool(say.otherLanguage, say.switchLanguage, () => this.redraw(() => this.switchLanguage())),
        tool(icon(THEME_ICONS[preferences.theme]), say.theme[preferences.theme], () => this.redraw(() => preferences.nextTheme())),
        tool(icon("keys"), say.keys, () => showKeys(say)),
        tool(icon("gear"), say.settings, () => showSettings(this)),
        tool(icon("leave"), say.signOut, () => this.signOut()),
      ),
    );
    const who = h("header", { class: "side-head" }, h("span", { class: "who" }, h("b", {}, me.name), h("small", {}, say.role[me.role])), this.duty.select, status);
    const place = h("div", { class: "place" });
    this.parts = { status, who, place };
    root.replaceChildren(h("div", { class: "frame" }, rail, place));
    this.setOnline(this.online);
    this.duty.draw();
    this.open();
  }

  async showConversation(id) {
    this.go("desk");
    await this.desk.show(id);
  }

  go(name) {
    if (!this.pages.some((page) => page.name === name)) return;
    this.desk.keepDraft();
    this.where = name;
    this.shell();
  }

  open() {
    const { page } = PAGES.find((one) => one.name === this.where);
    if (this.page !== this.desk) this.page?.close?.();
    this.page = this.where === "desk" ? this.desk : new page(this);
    const { calls } = this.duty;
    if (this.page === this.desk) this.desk.build(this.parts.who, calls);
    this.parts.place.replaceChildren(this.page.element);
    if (this.page !== this.desk) this.parts.place.append(calls);
    if (this.page === this.desk) this.desk.draw();
  }

  redraw(change) {
    this.desk.keepDraft();
    change();
    this.shell();
  }

  // -- keyboard --------------------------------------------------------------------------------

  key(event) {
    if (!this.me || event.isComposing) return;
    if (event.altKey && !event.ctrlKey && !event.metaKey && /^Digit[1-9]$/.test(event.code)) {
      const page = this.pages[Number(event.code.slice(5)) - 1];
      if (page && !document.querySelector("dialog[open]")) {
        event.preventDefault();
        this.go(page.name);
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, dialog[open]")) return;
    const deeds = { "?": () => showKeys(this.say), ",": () => showSettings(this), v: () => this.duty.answer(), w: () => this.duty.wave(), ...this.page?.keys?.() };
    const deed = deeds[event.key.toLowerCase()];
    if (!deed) return;
    event.preventDefault();
    deed();
  }
}

new App().start();
