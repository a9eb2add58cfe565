/* Draws orders, parcels, payments, returns and refunds. */

import { h, pictureAddress } from "./dom.js";
import { icon } from "./icons.js";
import { value, WORDS } from "./words.js";

const ICONS = { order: "bag", shipment: "parcel", payment: "money", return: "back", refund: "money" };

/* shop: {language, base: where pictures lie, zone: the time zone in which times are told} */
export function drawCard(card, shop) {
  const { language } = shop;
  const draw = BODIES[card.type];
  if (!draw) return null;
  const say = WORDS[language];
  const [status, mood] = value(card.type, card.status, language);
  const number = card.type === "order" || card.type === "return" ? card.number : card.order_number;
  return h(
    "section",
    { class: `card card-${card.type}`, "aria-label": `${say[card.type]} ${number ?? ""} ${status}` },
    h(
      "header",
      { class: "card-head" },
      h("span", { class: "card-icon" }, icon(ICONS[card.type])),
      h(
        "span",
        { class: "card-title" },
        h("b", {}, say[card.type]),
        number ? h("span", { class: "number" }, number) : null,
      ),
      status ? h("span", { class: `badge ${mood}` }, status) : null,
    ),
    draw(card, say, shop),
  );
}

const BODIES = {
  order: (card, say, shop) => [
    lines(card.lines, shop.base),
    facts([
      [say.placedAt, moment(card.placed_at, shop)],
      ...(card.tracking ?? []).map((number) => [say.trackingNumber, number]),
      [say.total, card.total, "strong"],
    ]),
  ],
  shipment: (card, say, shop) => [
    facts([
      [say.trackingNumber, [card.carrier, card.tracking_number].filter(Boolean).join(" · ")],
      [say.expectedBy, card.status === "delivered" ? "" : moment(card.expected_by, shop), "strong"],
    ]),
    timeline(card.events ?? [], shop),
  ],
  payment: (card, say, shop) => [
    facts([
      [say.tender, card.tender ? value("tender", card.tender, shop.language)[0] : ""],
      [say.moneyPlace, card.place ? value("place", card.place, shop.language)[0] : ""],
      [say.by, moment(card.by, shop)],
      [say.amount, card.amount, "strong"],
    ]),
  ],
  return: (card, say, shop) => [
    lines(card.lines, shop.base),
    facts([
      [say.order, card.order_number],
      [say.freight, card.freight ? value("freight", card.freight, shop.language)[0] : ""],
      [say.sendBy, moment(card.send_by, shop)],
      [say.returnAddress, card.address],
      ...(card.tenders ?? []).map((part) => [
        value("tender", part.tender, shop.language)[0],
        [part.amount, part.days ? say.days(part.days) : ""].filter(Boolean).join(" · "),
      ]),
      [say.refundTotal, card.total, "strong"],
    ]),
  ],
  refund: (card, say, shop) => [
    facts([
      [say.tender, card.tender ? value("tender", card.tender, shop.language)[0] : ""],
      [say.requestedAt, moment(card.requested_at, shop)],
      card.completed_at
        ? [say.completedAt, moment(card.completed_at, shop)]
        : [say.refundBy, moment(card.expected_by, shop)],
      [say.amount, card.amount, "strong"],
    ]),
  ],
};

function lines(list, base) {
  if (!list?.length) return null;
  return h(
    "ul",
    { class: "lines" },
    list.map((line) => {
      const address = line.image ? pictureAddress(line.image, base) : null;
      const shown = h("span", { class: "thumb" }, icon("bag"));
      if (address) {
        // The placeholder stays where there is no picture.
        const picture = h("img", { src: address, alt: "" });
        picture.addEventListener("load", () => shown.replaceChildren(picture));
      }
      return h(
        "li",
        {},
        shown,
        h("span", { class: "line-name" }, line.name, line.options ? h("small", {}, line.options) : null),
        h("span", { class: "line-amount" }, line.amount ?? "", line.quantity > 1 ? h("small", {}, `× ${line.quantity}`) : null),
      );
    }),
  );
}

function facts(list) {
  const told = list.filter(([, what]) => what);
  if (!told.length) return null;
  return h(
    "dl",
    { class: "facts" },
    told.map(([name, what, look]) => h("div", { class: look ?? "" }, h("dt", {}, name), h("dd", {}, what))),
  );
}

function timeline(events, shop) {
  if (!events.length) return null;
  return h(
    "ol",
    { class: "timeline" },
    events.map((event) =>
      h(
        "li",
        {},
        h("time", { datetime: event.at ?? "" }, moment(event.at, shop)),
        h("span", {}, eventText(event)),
      ),
    ),
  );
}

/* Carriers often name the place in the description already. */
function eventText({ where, description }) {
  return where && !description?.includes(where) ? [where, description].filter(Boolean).join("  ") : (description ?? "");
}

/* In the shop's time, as the sentences beside the card tell it. */
function moment(iso, { language, zone }) {
  if (!iso) return "";
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return String(iso);
  const year = at.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  const locale = language === "en" ? "en-GB" : "zh-CN";
  const style = { year, month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" };
  return at.toLocaleString(locale, { ...style, hour12: false, timeZone: zone });
}
