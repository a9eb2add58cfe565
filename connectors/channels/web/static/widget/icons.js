/* The widget's line icons. */

import { svg } from "./dom.js";

const SHAPES = {
  chat: ["M4.5 12a7.5 6.7 0 1 1 3.4 5.7L4.6 19l1-3.1A6.4 6.4 0 0 1 4.5 12Z", "M9 11.2h6.2M9 14h3.8"],
  close: ["M6.5 6.5l11 11M17.5 6.5l-11 11"],
  down: ["M6 9.5l6 6 6-6"],
  send: ["M12 19V5.5M6 11l6-6 6 6"],
  image: ["M4.5 5.5h15v13h-15z", "M4.5 16l4.3-4.6 3.6 3.8 2.3-2.2 4.8 4.3", "M15.3 9.3h.01"],
  tick: ["M5.5 12.5l4.2 4.2 8.8-9.4"],
  clock: ["M12 12V8M12 12l2.6 1.8", "M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15Z"],
  alert: ["M12 8v5M12 16.2h.01", "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z"],
  retry: ["M18.5 12a6.5 6.5 0 1 1-2-4.7M18.7 4.5v3.6h-3.6"],
  spark: ["M12 4.5l1.7 4.6 4.6 1.7-4.6 1.7L12 17l-1.7-4.5-4.6-1.7 4.6-1.7z", "M18 16.2v3M16.5 17.7h3"],
  person: ["M12 12.2a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2Z", "M5.2 19.5c.7-3.2 3.4-5 6.8-5s6.1 1.8 6.8 5"],
  parcel: ["M4.5 8.2L12 4.5l7.5 3.7v7.6L12 19.5l-7.5-3.7z", "M4.5 8.2L12 12l7.5-3.8M12 12v7.5M8.2 6.4l7.5 3.7"],
  bag: ["M6 8.5h12l-.8 11H6.800z", "M9 10.500V7.500a3 3 0 0 1 6 0v3"],
  money: ["M4 6.500h16v11H4z", "M4 10h16M7.500 14.200h3"],
  back: ["M9 7.500L5 11.500l4 4", "M5 11.500h8.500a5 5 0 0 1 5 5v1.500"],
};

export function icon(name) {
  return svg(
    "0 0 24 24",
    {
      class: `icon icon-${name}`,
      fill: "none",
      stroke: "currentColor",
      "stroke-width": "1.7",
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    },
    SHAPES[name].map((d) => ["path", { d }]),
  );
}
