/* What agents keep on the margin of a conversation: tags, a snooze, other conversations. */

import { moment } from "./cards.js";
import { h, icon } from "./dom.js";
import { nameOf } from "./lists.js";
import { channel } from "./words.js";

/* deeds: {tag(tags), wake(), open(id), merge(conversation)}; null without a margin yet. */
export function drawMargin(open, { say, language, known, mine, deeds }) {
  const { margin } = open;
  if (!margin) return null;
  const { tags, snoozed_until: until, merged, same_customer: others } = margin;
  const input = h("input", { class: "tag-input", list: "known-tags", maxLength: 40, "aria-label": say.addTag, placeholder: say.tagPlaceholder, onkeydown: (event) => add(event) });

  function add(event) {
    if (event.key === "Escape") input.blur();
    if (event.key !== "Enter" || event.isComposing || !input.value.trim()) return;
    event.preventDefault();
    const wanted = [...tags, input.value.trim()];
    input.value = "";
    deeds.tag(wanted);
  }

  const drop = (tag) => deeds.tag(tags.filter((other) => other !== tag));
  return h(
    "section",
    { class: "block margin" },
    h("h2", {}, say.tags),
    h(
      "div",
      { class: "tags" },
      tags.map((tag) => h("span", { class: "chip" }, tag, h("button", { type: "button", "aria-label": say.removeTag(tag), title: say.removeTag(tag), onclick: () => drop(tag) }, icon("close")))),
      input,
      h("datalist", { id: "known-tags" }, known.map((tag) => h("option", { value: tag }))),
    ),
    until ? h("p", { class: "asleep" }, icon("moonlater"), say.snoozedUntil(moment(until, language)), mine ? h("button", { class: "button small", type: "button", onclick: deeds.wake }, say.wake) : null) : null,
    merged.length ? others_(say.merged, merged, null) : null,
    others.length ? others_(say.sameCustomer, others, mine ? deeds.merge : null) : null,
  );

  function others_(title, list, onmerge) {
    return [
      h("h3", {}, title),
      h(
        "ul",
        { class: "elsewhere" },
        list.map((one) =>
          h(
            "li",
            {},
            h("span", {}, h("b", {}, nameOf(one, say)), h("small", {}, [channel(one.channel, language)[0], moment(one.updated_at, language)].join(" · "))),
            h("button", { class: "button small", type: "button", onclick: () => deeds.open(one.id) }, say.openIt),
            onmerge ? h("button", { class: "button small", type: "button", onclick: () => onmerge(one) }, icon("merge"), say.merge) : null,
          ),
        ),
      ),
    ];
  }
}
