/* Draws the demo shop's articles: a few shapes a kind, coloured by the article's own id. */

import { svg } from "../widget/dom.js";

const PALETTES = [
  ["#e8efe9", "#0f6b5c", "#bfe0d3", "#f0c987"],
  ["#f6ece0", "#b5673c", "#ecc9a6", "#4e6b5e"],
  ["#e9eef5", "#3d5f8a", "#bcd0e6", "#e8b27d"],
  ["#f4e9ea", "#94505c", "#e3bfc4", "#5c7d6a"],
  ["#efeee2", "#7a7434", "#d8d3a4", "#b0603f"],
  ["#ece9f3", "#5d5089", "#cbc3e2", "#dba55c"],
];

/* Each kind: words that name it in a category or an English name, and its shapes from three colours. */
const KINDS = [
  [/headphone|earbud|audio|speaker/, ([main, soft, spot]) => [
    path("M58 128v-22a42 42 0 0 1 84 0v22", "none", main, 9), box(46, 112, 26, 44, 11, main), box(128, 112, 26, 44, 11, main), box(53, 120, 12, 28, 6, spot), box(135, 120, 12, 28, 6, soft)]],
  [/phone|tablet|electronic|digital|gadget|charger|power|cable|watch/, ([main, soft, spot]) => [
    box(70, 44, 60, 116, 14, main), box(76, 54, 48, 92, 6, soft), dot(100, 153, 4, soft), path("M84 112l14-20 12 14 8-8v38H84z", spot)]],
  [/lamp|light|candle/, ([main, soft, spot]) => [
    path("M66 92l16-44h36l16 44z", spot), box(96, 92, 8, 54, 3, main), box(70, 146, 60, 11, 5, main), path("M74 92h52l10 26H64z", soft, "none", 0, ".55")]],
  [/mug|cup|tea|coffee|kettle|bottle|glass|drink/, ([main, soft, spot]) => [
    box(62, 82, 66, 68, 14, main), path("M128 96h10a15 15 0 0 1 0 34h-10", "none", main, 9), box(62, 98, 66, 15, 0, spot), path("M82 70c-6-8 6-12 0-21M98 70c-6-8 6-12 0-21M114 70c-6-8 6-12 0-21", "none", soft, 5)]],
  [/kitchen|pot|pan|cook|bowl|plate|dining|table/, ([main, soft, spot]) => [
    path("M52 98h96c0 34-18 52-48 52s-48-18-48-52z", main), box(46, 88, 108, 13, 6, spot), path("M52 108h96c0 6-.5 11-2 16H54c-1.500-5-2-10-2-16z", soft, "none", 0, ".5"), dot(100, 80, 8, main)]],
  [/bed|pillow|blanket|towel|textile|cushion|linen|quilt/, ([main, soft, spot]) => [
    box(46, 110, 108, 42, 12, main), box(54, 84, 92, 34, 15, soft), box(66, 64, 68, 28, 13, spot), path("M58 130h84", "none", soft, 4)]],
  [/shoe|sneaker|slipper|boot|sandal/, ([main, soft, spot]) => [
    path("M46 122c12 2 20-6 26-22l30 20c14 8 44 6 50 18v10H46z", main), box(46, 144, 106, 12, 6, spot), path("M84 112l-8 8M94 118l-8 8M104 124l-8 8", "none", soft, 5)]],
  [/bag|luggage|backpack|suitcase|wallet|tote/, ([main, soft, spot]) => [
    path("M78 82V68a22 22 0 0 1 44 0v14", "none", spot, 8), box(56, 78, 88, 76, 17, main), box(56, 100, 88, 12, 0, soft), box(92, 96, 16, 22, 5, spot)]],
  [/shirt|cloth|dress|jacket|coat|sock|scarf|hat|wear|apparel|fashion|sweater|trouser/, ([main, soft, spot]) => [
    path("M76 54l24 12 24-12 34 24-16 24-14-8v62H72V94l-14 8-16-24z", main), path("M86 58c4 12 24 12 28 0l-14 7z", spot), box(72, 118, 56, 9, 0, soft)]],
  [/book|paper|station|pen|note|desk|office/, ([main, soft, spot]) => [
    path("M100 66c-16-10-36-10-52-5v86c16-5 36-5 52 5z", main), path("M100 66c16-10 36-10 52-5v86c-16-5-36-5-52 5z", soft), path("M122 58v34l9-8 9 8V58", spot)]],
  [/plant|garden|flower|vase|pot|decor/, ([main, soft, spot]) => [
    path("M74 112h52l-7 44H81z", spot), path("M100 112V78", "none", main, 5), path("M100 92c0-22 14-36 36-38 0 24-14 38-36 38z", main), path("M100 104c0-20-14-32-36-33 1 21 15 33 36 33z", soft)]],
  [/food|snack|fruit|nut|honey|grocer|coffee bean/, ([main, soft, spot]) => [
    box(66, 74, 68, 82, 15, main), box(72, 56, 56, 22, 6, spot), box(66, 96, 68, 36, 0, soft), dot(100, 114, 11, spot)]],
  [/beauty|skin|care|soap|cream|shampoo|bath|hygiene|personal/, ([main, soft, spot]) => [
    box(74, 82, 52, 74, 14, main), box(90, 60, 20, 24, 4, spot), path("M96 60V50h26", "none", spot, 8), box(82, 104, 36, 28, 5, soft)]],
  [/toy|baby|kid|game|pet/, ([main, soft, spot]) => [
    dot(100, 118, 36, main), dot(72, 80, 16, main), dot(128, 80, 16, main), dot(100, 84, 28, soft), dot(90, 80, 4, main), dot(110, 80, 4, main), dot(100, 91, 5, spot)]],
  [/sport|yoga|fitness|outdoor|camp|tent|bike/, ([main, soft, spot]) => [
    path("M100 52l60 100H40z", main), path("M100 52l24 100H76z", soft), path("M100 92l14 60H86z", spot)]],
  [/chair|sofa|furniture|shelf|stool|home|living|storage/, ([main, soft, spot]) => [
    box(58, 62, 84, 58, 20, soft), box(48, 100, 104, 40, 15, main), path("M62 140v16M138 140v16", "none", spot, 8)]],
];
const PARCEL = ([main, soft, spot]) => [
  path("M100 56l48 22v56l-48 24-48-24V78z", main), path("M100 56l48 22-48 23-48-23z", soft), path("M76 67l48 23v20l-10-5V94L66 72z", spot)];

export function art(product) {
  const [ground, ...colours] = PALETTES[hash(product.id) % PALETTES.length];
  return svg("0 0 200 200", { preserveAspectRatio: "xMidYMid slice", class: "drawing" }, [
    ["rect", { x: -100, width: 400, height: 200, fill: ground }],
    ["circle", { cx: 100, cy: 104, r: 76, fill: "#fff", "fill-opacity": ".5" }],
    ["ellipse", { cx: 100, cy: 160, rx: 56, ry: 6, fill: "#000", "fill-opacity": ".08" }],
    ...shapesOf(product)(colours),
  ]);
}

export function stillLife() {
  const [, ...one] = PALETTES[0];
  const [, ...two] = PALETTES[1];
  const [, ...three] = PALETTES[2];
  const placed = (kind, colours, transform) => shapesOf({ category: kind, name: { en: "" } })(colours).map(([tag, attributes]) => [tag, { ...attributes, transform }]);
  return svg("0 0 500 400", { preserveAspectRatio: "xMidYMid slice" }, [
    ["rect", { width: 500, height: 400, fill: "#eee4cf" }],
    ["circle", { cx: 372, cy: 118, r: 74, fill: "#f6d9a4" }],
    ["rect", { y: 296, width: 500, height: 104, fill: "#d9c7a3" }],
    ...placed("vase", one, "translate(40 92) scale(1.350)"),
    ...placed("lamp", two, "translate(150 58) scale(1.560)"),
    ...placed("mug", three, "translate(330 190) scale(.8)"),
  ]);
}

function shapesOf(product) {
  const named = `${product.category} ${product.name.en}`.toLowerCase();
  // The name says more than the category does.
  const name = product.name.en.toLowerCase();
  return (KINDS.find(([words]) => words.test(name)) ?? KINDS.find(([words]) => words.test(named)))?.[1] ?? PARCEL;
}

function path(d, fill, stroke = "none", width = 0, opacity = "1") {
  return ["path", { d, fill, stroke, "stroke-width": width, "stroke-linecap": "round", "stroke-linejoin": "round", "fill-opacity": opacity }];
}

function box(x, y, width, height, rx, fill) {
  return ["rect", { x, y, width, height, rx, fill }];
}

function dot(cx, cy, r, fill) {
  return ["circle", { cx, cy, r, fill }];
}

function hash(text) {
  let sum = 7;
  for (const letter of String(text)) sum = (sum * 31 + letter.codePointAt(0)) % 1000003;
  return sum;
}
