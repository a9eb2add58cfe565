/* Builds elements. Content only ever becomes text nodes: nothing here parses HTML. */

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SHAPES = {
  send: ["M12 19V5.500M6 11l6-6 6 6"],
  clock: ["M12 12V8M12 12l2.600 1.800", "M12 4.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15Z"],
  tick: ["M5.500 12.500l4.200 4.200 8.800-9.400"],
  alert: ["M12 8v5M12 16.200h.01", "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z"],
  retry: ["M18.500 12a6.500 6.500 0 1 1-2-4.700M18.700 4.500v3.600h-3.600"],
  person: ["M12 12.200a3.600 3.600 0 1 0 0-7.200 3.600 3.600 0 0 0 0 7.200Z", "M5.200 19.500c.7-3.200 3.400-5 6.800-5s6.100 1.800 6.800 5"],
  bot: ["M5.500 9.500h13v8.500h-13z", "M12 9.500V6M9.500 13.300h.01M14.500 13.300h.01", "M10.500 5.500h3"],
  bag: ["M6 8.500h12l-.8 11H6.800z", "M9 10.500V7.500a3 3 0 0 1 6 0v3"],
  parcel: ["M4.500 8.200L12 4.500l7.500 3.700v7.600L12 19.500l-7.500-3.700z", "M4.500 8.200L12 12l7.500-3.800M12 12v7.500"],
  money: ["M4 6.500h16v11H4z", "M4 10h16M7.500 14.200h3"],
  back: ["M9 7.500L5 11.500l4 4", "M5 11.500h8.500a5 5 0 0 1 5 5v1.500"],
  sun: ["M12 8.200a3.800 3.800 0 1 0 0 7.600 3.800 3.800 0 0 0 0-7.600Z", "M12 3.500v1.800M12 18.700v1.800M3.500 12h1.800M18.700 12h1.800M6 6l1.200 1.200M16.800 16.800L18 18M18 6l-1.200 1.200M7.200 16.800L6 18"],
  moon: ["M19.200 14.200A7.700 7.700 0 0 1 9.800 4.800a7.700 7.700 0 1 0 9.400 9.400Z"],
  half: ["M12 4.500a7.500 7.500 0 1 0 0 15z", "M12 4.500a7.500 7.500 0 0 1 0 15"],
  keys: ["M3.500 7h17v10.500h-17z", "M7 10.500h.01M10.300 10.500h.01M13.700 10.500h.01M17 10.500h.01M8 14.200h8"],
  leave: ["M13.500 5H6v14h7.500", "M10.500 12h9M16.500 8.800l3.200 3.200-3.200 3.200"],
  copy: ["M9 9h10v10.500H9z", "M15 9V5H5v10.500h4"],
  shield: ["M12 4.500l6.500 2.300v4.700c0 4-2.700 6.700-6.500 8.200-3.800-1.500-6.500-4.200-6.500-8.200V6.800z", "M9.200 12.200l2 2 3.700-4"],
  phone: ["M6 4.500h3l1.500 4-2 1.500c1 2.200 2.700 3.900 5 5l1.500-2 4 1.500v3c0 .8-.7 1.500-1.500 1.500C10.700 19 5 13.300 4.500 6c0-.8.700-1.500 1.500-1.500Z"],
  search: ["M10.800 5a5.800 5.800 0 1 0 0 11.600 5.800 5.800 0 0 0 0-11.600Z", "M15.200 15.200L19 19"],
  note: ["M6 4.500h9l3.500 3.500v11.500H6z", "M9 11h6M9 14.500h4"],
  tag: ["M4.500 5h7l8 8-6.500 6.500-8.500-8.500z", "M8.500 8.700h.01"],
  moonlater: ["M12 7.500V12l3 2", "M12 4.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15Z"],
  pass: ["M4.500 8.500h12M13.500 5l3.500 3.500-3.500 3.500", "M19.500 15.500h-12M10.500 12L7 15.500l3.500 3.500"],
  image: ["M4.500 5.500h15v13h-15z", "M4.500 15.500l4.500-4 3.500 3 2.500-2 4.500 4", "M9 9.200h.01"],
  close: ["M6.500 6.500l11 11M17.500 6.500l-11 11"],
  bolt: ["M12.500 4.500L6 13.500h5l-.5 6 6.500-9h-5z"],
  bulb: ["M9.500 17.500h5M10.500 20h3", "M12 4a5.500 5.500 0 0 0-3 10c.5.400.8 1 .8 1.600h4.400c0-.600.300-1.200.8-1.600A5.500 5.500 0 0 0 12 4Z"],
  gear: ["M12 9.200a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600Z", "M12 4.500v2M12 17.500v2M4.500 12h2M17.500 12h2M6.700 6.700l1.400 1.400M15.900 15.900l1.400 1.400M17.300 6.700l-1.400 1.400M8.100 15.900l-1.400 1.400"],
  merge: ["M7 5v4c0 2 1.500 3 3 3h4c1.500 0 3 1 3 3v4", "M17 5v4c0 1.500-1 2.500-2 3M14.500 16.500L17 19l2.500-2.500"],
  chart: ["M5 19.500V10M10 19.500V5M15 19.500v-7M20 19.500V8", "M3.500 19.500h18"],
  wall: ["M4.500 5h15v10h-15z", "M9 19h6M12 15v4", "M8 11.500l2.500-2.500 2 1.500L16 8"],
  star: ["M12 4.500l2.300 4.800 5.200.700-3.800 3.600.9 5.200-4.600-2.500-4.600 2.500.9-5.200L4.500 10l5.200-.7z"],
  team: ["M9 11.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z", "M3.500 18.500c.6-2.800 2.800-4.300 5.500-4.300s4.900 1.500 5.500 4.300", "M15.500 11.300a2.700 2.700 0 1 0-1-5.200M16.500 14.300c2 .3 3.500 1.700 4 4.200"],
  rules: ["M6 4.500h12v15H6z", "M9 8.500h6M9 12h6M9 15.500h3.500"],
  log: ["M4.500 6.500h.01M4.500 12h.01M4.500 17.500h.01", "M8 6.500h12M8 12h12M8 17.500h12"],
  up: ["M6.500 14.500l5.500-5.500 5.500 5.500"],
  plus: ["M12 5.500v13M5.500 12h13"],
  down: ["M6.500 9.500l5.500 5.500 5.500-5.500"],
  inbox: ["M4.500 13.500l2.600-7.500h9.800l2.600 7.500v5h-15z", "M4.500 13.500h4.300l1 2.200h4.400l1-2.200h4.300"],
};

export function icon(name) {
  const element = document.createElementNS(SVG, "svg");
  const look = {
    viewBox: "0 0 24 24", class: `icon icon-${name}`, fill: "none", stroke: "currentColor", "stroke-width": "1.7",
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", focusable: "false",
  };
  for (const [key, value] of Object.entries(look)) element.setAttribute(key, value);
  for (const d of SHAPES[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    element.append(path);
  }
  return element;
}

const LINK = /https?:\/\/[^\s<>"'，。；、！？（）【】《》]+/g;

/* The words of a message, its web addresses as links. */
export function words(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(LINK)) {
    const address = found[0].replace(/[.,;:!?)\]]+$/, "");
    if (!URL.canParse?.(address)) continue;
    parts.push(text.slice(end, found.index));
    parts.push(h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    end = found.index + address.length;
  }
  parts.push(text.slice(end));
  return parts;
}

/* Pictures may come from the web or from our own server, nothing else. */
export function pictureAddress(address) {
  try {
    const url = new URL(address, location.origin);
    return url.origin === location.origin || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

export function toast(text, mood = "") {
  const shown = h("div", { class: `toast ${mood}` }, text);
  document.getElementById("toasts").append(shown);
  setTimeout(() => shown.remove(), 6000);
}

/* The arrows lead through `all`, round and round; whether the key was one of them. */
export function stepThrough(event, all) {
  const step = { ArrowDown: 1, ArrowUp: all.length - 1 }[event.key];
  if (!step) return false;
  event.preventDefault();
  all[(all.indexOf(document.activeElement) + step) % all.length]?.focus();
  return true;
}
