/* What an agent does with a conversation, and what is asked before. */

import { ask } from "./api.js";
import { askForm, choose, confirm, field } from "./dialogs.js";
import { h, toast } from "./dom.js";
import { nameOf } from "./lists.js";
import { doForOrder } from "./orders.js";
import { skill as skillName } from "./words.js";

export class Deeds {
  constructor(desk) {
    this.desk = desk;
  }

  get say() {
    return this.desk.say;
  }

  async take(conversation) {
    const holder = conversation.owner === "agent" ? conversation.agent : null;
    if (holder?.id === this.desk.me.id || conversation.owner === "closed") return;
    if (holder && !this.desk.app.isSupervisor) return toast(this.say.took(holder.name), "warn");
    if (holder && (await confirm(this.say, { title: this.say.pullAsk(holder.name), more: this.say.pullMore, action: this.say.pull })) === null) return;
    await this.desk.app.attempt(async () => {
      await ask(`/conversations/${conversation.id}/take`, { force: Boolean(holder) });
    });
    if (this.desk.open?.conversation.id !== conversation.id) await this.desk.show(conversation.id);
    // What is taken from the list is held out to nobody any more.
    await Promise.all([this.desk.refresh(), this.desk.app.duty.load()]);
    this.desk.writer?.text.focus();
  }

  async takeNext() {
    const next = this.desk.overview.queue[0];
    if (next) await this.take(next.conversation);
    else toast(this.say.nobodyNext);
  }

  /* POSTs to the open conversation, then fetches how everything stands. */
  async post(name, body = {}) {
    const id = this.desk.open.conversation.id;
    const done = await this.desk.app.attempt(() => ask(`/conversations/${id}/${name}`, body));
    await this.desk.refresh();
    if (this.desk.open?.conversation.id === id) await this.desk.loadMargin();
    this.keepFocus(id);
    return done;
  }

  /* A button that is gone with what it did leaves the keyboard nowhere: back to the lists, or to what was said. */
  keepFocus(id) {
    if (document.activeElement === document.body) this.desk.parts?.lists.focus(id);
    if (document.activeElement === document.body) this.desk.parts?.transcript?.element.focus({ preventScroll: true });
  }

  async handBack() {
    const { say } = this;
    const agreed = h("textarea", { rows: 2, maxLength: 2000 });
    const order = h("select", {}, h("option", { value: "" }, say.noOrder), (this.desk.open.facts?.orders ?? []).map((one) => h("option", { value: one.number }, one.number)));
    const note = h("textarea", { rows: 2, maxLength: 2000 });
    const told = await askForm(say, {
      title: say.handBackAsk,
      more: say.handBackMore,
      action: say.handBack,
      fields: [field(say.agreed, agreed), field(say.agreedOrder, order), field(say.handBackNote, note)],
      read: () => ({ agreed: agreed.value.trim(), order: order.value || null, note: note.value.trim() }),
    });
    if (told) await this.post("hand_back", told);
  }

  async close() {
    const { say } = this;
    const more = this.callOpen ? `${say.closeMore} ${say.closeUncalled(this.callOpen.contact)}` : say.closeMore;
    if ((await confirm(say, { title: say.closeAsk, more, action: say.close, grave: true })) !== null) await this.post("close");
  }

  async transfer() {
    const others = this.desk.colleagues.filter((one) => one.id !== this.desk.me.id);
    if (!others.length) return toast(this.say.noColleague);
    const chosen = await askTransfer(this.say, others);
    if (chosen) await this.post("transfer", chosen);
    return undefined;
  }

  /* Back to the line with its place, for somebody who can do what this agent cannot. */
  async passOn() {
    const chosen = await askPassOn(this.say, this.desk.app.language, this.desk.skills);
    if (chosen) await this.post("pass_on", chosen);
  }

  /* The number that the open conversation's shopper left and nobody has called, if there is one. */
  get callOpen() {
    return this.desk.open?.margin?.calls.findLast((call) => !call.made_at && !call.withdrawn_at) ?? null;
  }

  /* Whoever has it says that they called; where nobody has it any more, anybody does. */
  get mayCall() {
    return Boolean(this.callOpen) && (this.desk.holds || ["bot", "closed"].includes(this.desk.open.conversation.owner));
  }

  called() {
    return this.post("called");
  }

  async snooze() {
    const until = await askUntil(this.say);
    if (until) await this.post("snooze", { until });
  }

  async tag(tags) {
    await this.post("tags", { tags });
    this.desk.knownTags = [...new Set([...this.desk.knownTags, ...tags])];
    // The button of a removed tag is gone; whoever went on elsewhere meanwhile is left alone.
    if (document.activeElement === document.body) this.desk.parts?.facts.querySelector(".tag-input")?.focus();
  }

  async merge(other) {
    const { say } = this;
    const sure = await confirm(say, { title: say.mergeAsk(nameOf(other, say)), more: say.mergeMore, action: say.merge });
    if (sure !== null) await this.post("merge", { other: other.id });
  }

  /* Preview, then confirm; the shop says what is possible. */
  async order(order, verb) {
    const focused = this.desk.focusedFact();
    if (await doForOrder(this.desk.app, this.desk.open.conversation.id, order, verb)) await this.desk.loadFacts();
    this.desk.focusFact(focused);
  }

  async addNote() {
    const { say } = this;
    const text = await confirm(say, { title: say.addNote, more: say.notePlaceholder, action: say.addNote, note: true });
    if (text) await this.post("notes", { text });
  }
}

/* Resolves to {agent, note}, or null. */
function askTransfer(say, colleagues) {
  const agent = h("select", { required: true }, colleagues.map((one) => h("option", { value: one.id }, one.name)));
  const note = h("textarea", { rows: 3, maxLength: 2000 });
  return askForm(say, {
    title: say.transferAsk,
    action: say.transfer,
    fields: [field(say.colleague, agent), field(say.transferNote, note)],
    read: () => ({ agent: agent.value, note: note.value.trim() }),
  });
}

/* Resolves to {skill, note}, or null; without a skill it is for whoever comes. */
function askPassOn(say, language, skills) {
  const skill = h("select", {}, h("option", { value: "" }, say.sameSkill), skills.map((one) => h("option", { value: one }, skillName(one, language)[0])));
  const note = h("textarea", { rows: 3, maxLength: 2000 });
  return askForm(say, {
    title: say.passOnAsk,
    more: say.passOnMore,
    action: say.passOn,
    fields: [skills.length ? field(say.passOnTo, skill) : null, field(say.transferNote, note)].filter(Boolean),
    read: () => ({ skill: skill.value || null, note: note.value.trim() }),
  });
}

/* Resolves to a time in ISO, or null. */
async function askUntil(say) {
  const hours = (count) => new Date(Date.now() + count * 3_600_000);
  const morning = (days) => {
    const at = new Date();
    at.setDate(at.getDate() + days);
    at.setHours(9, 0, 0, 0);
    return at;
  };
  const times = { hour: hours(1), three: hours(3), tomorrow: morning(1), monday: morning((8 - new Date().getDay()) % 7 || 7) };
  const chosen = await choose(say, { title: say.snoozeAsk, more: say.snoozeMore, choices: [...Object.keys(times).map((name) => [name, say.snoozeFor[name]]), ["other", `${say.snoozeAt}…`]] });
  if (chosen === null) return null;
  if (chosen !== "other") return times[chosen].toISOString();
  const at = h("input", { type: "datetime-local", required: true });
  const asked = await askForm(say, { title: say.snoozeAsk, more: say.snoozeMore, action: say.snooze, fields: [field(say.snoozeAt, at)], read: () => at.value });
  return asked ? new Date(asked).toISOString() : null;
}
