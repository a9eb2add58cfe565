/* Charts as plain SVG; every number of theirs also stands in a table or a title. */

import { h } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
export const OUTCOMES = ["confirmed", "handed_off", "silent", "came_back", "unsolved", "abandoned"];

function s(tag, properties, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function titled(element, text) {
  element.append(s("title", {}, text));
  return element;
}

/* rows: [{label, parts: {name: count}}]; names in the order in which they are stacked. */
export function stackedBars(rows, { label, names, nameOf, width = 760, height = 190 }) {
  const [left, bottom, top] = [40, 22, 8];
  const most = Math.max(1, ...rows.map((row) => names.reduce((sum, name) => sum + (row.parts[name] ?? 0), 0)));
  const step = (width - left) / Math.max(1, rows.length);
  const scale = (height - bottom - top) / most;
  const every = Math.ceil(rows.length / 12);
  const chart = s("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": label });
  for (const count of new Set([0, Math.round(most / 2), most])) {
    const y = height - bottom - count * scale;
    chart.append(s("line", { x1: left, x2: width, y1: y, y2: y, class: "grid" }), s("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, String(count)));
  }
  rows.forEach((row, index) => {
    let y = height - bottom;
    const thick = Math.min(48, step * 0.76);
    const x = left + (index + 0.5) * step - thick / 2;
    const bar = s("g", {});
    for (const name of names) {
      const size = (row.parts[name] ?? 0) * scale;
      if (size <= 0) continue;
      y -= size;
      bar.append(s("rect", { x, y, width: Math.max(1, thick), height: size, class: `fill-${name}` }));
    }
    titled(bar, `${row.label}: ${names.filter((name) => row.parts[name]).map((name) => `${nameOf(name)} ${row.parts[name]}`).join(", ")}`);
    chart.append(bar);
    if (index % every === 0) chart.append(s("text", { x: left + (index + 0.5) * step, y: height - 6, "text-anchor": "middle" }, row.label));
  });
  return chart;
}

export function legend(names, nameOf) {
  return h("ul", { class: "legend" }, names.map((name) => h("li", {}, h("i", { class: `swatch back-${name}` }), nameOf(name))));
}

/* A share with its interval on a line from 0 to 100 %. */
export function shareBar(share, name) {
  if (!share) return h("span", { class: "none" }, "–");
  const [value, low, high] = share;
  const percent = (part) => `${(part * 100).toFixed(1)}%`;
  const bar = s("svg", { viewBox: "0 0 100 10", class: "share", preserveAspectRatio: "none", "aria-hidden": "true" });
  bar.append(s("rect", { x: 0, y: 0, width: 100, height: 10, class: "track" }), s("rect", { x: 0, y: 0, width: value * 100, height: 10, class: `fill-${name}` }), s("rect", { x: low * 100, y: 4, width: Math.max(0.4, (high - low) * 100), height: 2, class: "range" }));
  return h("span", { class: "share-line" }, bar, h("b", { class: "digits" }, percent(value)), h("small", { class: "digits" }, `(${percent(low)}–${percent(high)})`));
}
