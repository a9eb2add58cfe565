/* History: what became of conversations, how fast, how content the shoppers were. */

import { ask } from "./api.js";
import { legend, OUTCOMES, shareBar, stackedBars } from "./charts.js";
import { h, icon } from "./dom.js";
import { channel, duration } from "./words.js";

// The shares that large platforms measure, of a case's questions to people.
export const REPLIES = ["reply_within_30s", "reply_within_3", "reply_within_5"];

export function isoDay(back) {
  const at = new Date();
  at.setDate(at.getDate() - back);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
}

export function seconds(value, say) {
  return value === null || value === undefined ? "–" : duration(value * 1000, say);
}

export function percent(share) {
  return share ? `${(share[0] * 100).toFixed(1)}%` : "–";
}

export class ReportsPage {
  from = isoDay(29);
  to = isoDay(0);
  by = "channel";

  constructor(app) {
    this.app = app;
    this.element = h("main", { class: "page", "aria-label": app.say.pages.reports });
    this.load();
  }

  async load() {
    await this.app.attempt(async () => {
      const range = `from=${this.from}&to=${this.to}`;
      [this.report, this.praise] = await Promise.all([ask(`/reports?${range}&by=${this.by}`), ask(`/leaderboard?${range}`)]);
      this.draw();
    });
  }

  change(values) {
    Object.assign(this, values);
    return this.load();
  }

  draw() {
    const { say } = this.app;
    const { total } = this.report;
    this.element.replaceChildren(
      this.head(),
      total.volume
        ? h("div", { class: "report" }, this.tiles(total), this.outcomes(total), this.perHour(), this.perDay(), this.perKey(), this.unsolved(), this.leaders())
        : h("p", { class: "panel none" }, say.noNumbers),
    );
  }

  head() {
    const { say } = this.app;
    const day = (name) => h("input", { type: "date", value: this[name], "aria-label": say[name], max: isoDay(0), onchange: (event) => event.target.value && this.change({ [name]: event.target.value }) });
    const range = h("select", { "aria-label": say.show, onchange: (event) => event.target.value && this.change({ from: isoDay(Number(event.target.value) - 1), to: isoDay(0) }) }, h("option", { value: "" }, say.show), Object.entries(say.ranges).map(([days, text]) => h("option", { value: days }, text)));
    const by = h("select", { "aria-label": say.by, onchange: (event) => this.change({ by: event.target.value }) }, Object.entries(say.dimensions).map(([name, text]) => h("option", { value: name }, `${say.by} ${text}`)));
    by.value = this.by;
    const link = `/console/api/reports.csv?from=${this.from}&to=${this.to}&by=${this.by}`;
    return h("header", { class: "page-head" }, h("h1", {}, say.pages.reports), h("div", { class: "controls" }, range, day("from"), h("span", {}, "–"), day("to"), by, h("a", { class: "button", href: link, download: "" }, icon("down"), say.exportCsv)));
  }

  tiles(total) {
    const { say } = this.app;
    const tile = (name, value, more) => h("div", { class: "tile" }, h("span", {}, name), h("b", { class: "digits" }, value), more ? h("small", {}, more) : null);
    const time = (name) => `${say.p90} ${seconds(total.times[name].p90, say)}`;
    return h(
      "section",
      { class: "tiles" },
      tile(say.volume, total.volume.toLocaleString()),
      tile(say.csat, total.csat ?? "–", say.csatOf(total.csat_count)),
      tile(say.slaRate, percent(total.sla_share), interval(total.sla_share)),
      tile(say.promiseRate, percent(total.promise_share), interval(total.promise_share)),
      tile(say.callsMade, total.call_asked ? `${total.call_made} / ${total.call_asked}` : "–", interval(total.call_share)),
      REPLIES.map((name) => tile(say.replies[name], percent(total.reply_shares[name]), interval(total.reply_shares[name]))),
      tile(say.waitedTime, seconds(total.times.waited.p50, say), time("waited")),
      tile(say.firstResponse, seconds(total.times.first_response.p50, say), time("first_response")),
      tile(say.resolution, seconds(total.times.resolution.p50, say), time("resolution")),
    );
  }

  outcomes(total) {
    const { say } = this.app;
    return h(
      "section",
      { class: "panel" },
      h("h2", {}, say.outcomesTitle),
      h("p", { class: "none" }, say.outcomesMore),
      h("dl", { class: "shares" }, OUTCOMES.map((name) => h("div", {}, h("dt", {}, say.outcomes[name], h("small", { class: "digits" }, total[name])), h("dd", {}, shareBar(total.shares[name], name))))),
    );
  }

  perDay() {
    const { say } = this.app;
    const rows = this.report.days.map((day) => ({ label: day.day.slice(5), parts: day }));
    const nameOf = (name) => say.outcomes[name];
    return h("section", { class: "panel wide" }, h("h2", {}, say.perDay), stackedBars(rows, { label: say.perDay, names: OUTCOMES, nameOf, width: 1500, height: 230 }), legend(OUTCOMES, nameOf));
  }

  perHour() {
    const { say } = this.app;
    const rows = this.report.hours.map((one) => ({ label: String(one.hour), parts: { handed_off: one.volume } }));
    return h("section", { class: "panel" }, h("h2", {}, say.perHour), stackedBars(rows, { label: say.perHour, names: ["handed_off"], nameOf: () => say.volume }));
  }

  nameOf(row) {
    const { say, language } = this.app;
    if (this.by === "channel") return channel(row.key, language)[0];
    if (this.by === "agent") return row.key === "-" ? say.noAgent : row.name;
    if (this.by === "hour") return `${row.key}:00`;
    return say.journeys[row.key] ?? row.key;
  }

  perKey() {
    const { say } = this.app;
    const rows = this.by === "hour" ? [...this.report.keys].sort((one, other) => one.key.localeCompare(other.key)) : this.report.keys;
    const title = say.perKey(say.dimensions[this.by]);
    // Beside each share stands its interval, beside each median the time within which nine of ten were.
    const shared = (share) => [percent(share), interval(share)];
    const timed = (times) => [seconds(times.p50, say), times.p90 === null ? "" : `${say.p90} ${seconds(times.p90, say)}`];
    return h(
      "section",
      { class: "panel wide" },
      h("h2", {}, title),
      h(
        "div",
        { class: "scroll", tabIndex: 0, role: "region", "aria-label": title },
        h(
          "table",
          {},
          h("thead", {}, h("tr", {}, [say.dimensions[this.by], say.volume, ...OUTCOMES.map((name) => say.outcomes[name]), say.csat, say.firstResponse, say.resolution, say.slaRate, say.promiseRate, say.callsMade, ...REPLIES.map((name) => say.replies[name])].map((text) => h("th", { scope: "col" }, text)))),
          h("tbody", {}, rows.map((row) => h("tr", {}, h("th", { scope: "row" }, this.nameOf(row)), [[row.volume], ...OUTCOMES.map((name) => shared(row.shares[name])), [row.csat ?? "–"], timed(row.times.first_response), timed(row.times.resolution), shared(row.sla_share), shared(row.promise_share), shared(row.call_share), ...REPLIES.map((name) => shared(row.reply_shares[name]))].map(([text, more]) => h("td", { class: "digits" }, String(text), more ? h("small", {}, more) : null))))),
        ),
      ),
    );
  }

  unsolved() {
    const { say } = this.app;
    if (!this.report.unsolved.length) return null;
    return h(
      "section",
      { class: "panel" },
      h("h2", {}, say.topUnsolved),
      h(
        "ol",
        { class: "worst" },
        this.report.unsolved.map((one) =>
          h("li", {}, h("p", {}, h("b", {}, say.journeys[one.journey] ?? one.journey), h("span", { class: "digits" }, say.ofAll(one.unsolved, one.volume))), h("ul", {}, one.examples.map((example) => h("li", {}, h("button", { type: "button", class: "quote", onclick: () => this.app.showConversation(example.conversation) }, example.request))))),
        ),
      ),
    );
  }

  leaders() {
    const { say } = this.app;
    if (!this.praise.agents.length) return null;
    return h(
      "section",
      { class: "panel" },
      h("h2", {}, say.leaderboard),
      h(
        "ul",
        { class: "leaders" },
        this.praise.agents.map((one) =>
          h("li", {}, h("span", { class: "avatar" }, one.name.slice(0, 1)), h("span", { class: "leader" }, h("b", {}, one.name), h("small", {}, [`${say.served} ${one.volume}`, `${say.csat} ${one.csat ?? "–"}`, `${say.outcomes.confirmed} ${one.confirmed}`, `${say.kindness} ${one.kind}`].join(" · "))), one.praise.map((name) => h("span", { class: "badge good" }, say.praise[name]))),
        ),
      ),
    );
  }
}

function interval(share) {
  return share ? `${(share[1] * 100).toFixed(0)}–${(share[2] * 100).toFixed(0)}%` : "";
}
