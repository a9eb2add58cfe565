/* Draws orders and whatever else the shop tells as JSON. */

import { h, icon, pictureAddress } from "./dom.js";
import { status } from "./words.js";

const ICONS = { order: "bag", shipment: "parcel", payment: "money", refund: "money", return: "back" };

/* Names come as a text, or as {zh, en}. */
export function said(value, language) {
  return typeof value === "object" && value !== null ? value[language] ?? value.zh ?? value.en ?? "" : value ?? "";
}

export function moment(iso, language) {
  if (!iso) return "";
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return String(iso);
  const year = at.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  const style = { year, month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false };
  return at.toLocaleString(language === "en" ? "en-GB" : "zh-CN", style);
}

/* A day without a time is that day wherever the page is read. */
export function day(iso, language) {
  return new Date(iso.length === 10 ? `${iso}T12:00` : iso).toLocaleDateString(language === "en" ? "en-GB" : "zh-CN", { year: "numeric", month: "short", day: "numeric" });
}

export function badge(value, language) {
  const [text, mood] = status(value, language);
  return text ? h("span", { class: `badge ${mood}` }, text) : null;
}

/* A card inside the transcript: what the shopper was shown. */
export function drawCard(card, language) {
  const number = card.number || card.order_number || "";
  return h(
    "section",
    { class: "card", "aria-label": `${card.type} ${number}` },
    h("header", {}, icon(ICONS[card.type] ?? "bag"), h("b", { class: "digits" }, number || card.tracking_number || card.type), badge(card.status, language)),
    card.type === "order" || card.type === "return" ? drawLines(card.lines, language) : null,
    card.events?.length ? h("p", { class: "small" }, moment(card.events[0].at, language), " ", card.events[0].description ?? "") : null,
    card.total || card.amount ? h("p", { class: "sum digits" }, card.total || card.amount) : null,
  );
}

export function drawLines(lines, language) {
  if (!lines?.length) return null;
  return h(
    "ul",
    { class: "order-lines" },
    lines.map((line) => {
      const address = line.image ? pictureAddress(line.image) : null;
      const thumb = h("span", { class: "thumb" }, icon("bag"));
      if (address) {
        // The placeholder stays where there is no picture.
        const picture = h("img", { src: address, alt: "" });
        picture.addEventListener("load", () => thumb.replaceChildren(picture));
      }
      return h(
        "li",
        {},
        thumb,
        h("span", { class: "line-name" }, said(line.name, language), line.options ? h("small", {}, said(line.options, language)) : null),
        h("span", { class: "digits" }, line.amount ?? "", line.quantity > 1 ? h("small", {}, `× ${line.quantity}`) : null),
      );
    }),
  );
}
