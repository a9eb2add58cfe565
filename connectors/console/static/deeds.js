/* The questions behind deeds that need an answer: to whom, until when. */

import { askForm, choose, field } from "./dialogs.js";
import { h } from "./dom.js";
import { skill as skillName } from "./words.js";

/* Resolves to {agent, note}, or null. */
export function askTransfer(say, colleagues) {
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
export function askPassOn(say, language, skills) {
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
export async function askUntil(say) {
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
