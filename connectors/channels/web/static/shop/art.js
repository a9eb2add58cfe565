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
  [/keyboard/, ([main, soft, spot]) => [
    box(40, 88, 120, 58, 12, main), ...grid(50, 98, 6, 3, 17, 13, soft), box(68, 137, 64, 5, 2, spot)]],
  [/vacuum(?! flask)|humidifier/, ([main, soft, spot]) => [
    box(66, 70, 68, 84, 30, main), box(84, 56, 32, 18, 8, soft), path("M88 48c-6-9 6-13 0-22M112 48c-6-9 6-13 0-22", "none", soft, 5), dot(100, 116, 12, spot)]],
  [/scale/, ([main, soft, spot]) => [box(50, 62, 100, 96, 20, main), box(76, 74, 48, 24, 8, soft), path("M100 94v-12", "none", spot, 4), dot(76, 128, 8, soft), dot(124, 128, 8, soft)]],
  [/reader|e-ink/, ([main, soft, spot]) => [box(64, 44, 72, 114, 10, main), box(71, 52, 58, 90, 3, soft), path("M79 66h42M79 78h42M79 90h30M79 102h42M79 114h24", "none", spot, 4)]],
  [/phone|tablet|electronic|digital|software|course|gadget|charger|power|cable|watch/, ([main, soft, spot]) => [
    box(70, 44, 60, 116, 14, main), box(76, 54, 48, 92, 6, soft), dot(100, 153, 4, soft), path("M84 112l14-20 12 14 8-8v38H84z", spot)]],
  [/lamp|lighting|candle/, ([main, soft, spot]) => [
    path("M66 92l16-44h36l16 44z", spot), box(96, 92, 8, 54, 3, main), box(70, 146, 60, 11, 5, main), path("M74 92h52l10 26H64z", soft, "none", 0, ".55")]],
  [/flask|thermos|bottle|shampoo|pump/, ([main, soft, spot]) => [
    box(76, 66, 48, 92, 14, main), box(82, 44, 36, 24, 8, spot), box(76, 96, 48, 30, 0, soft)]],
  [/bean|tea\b(?!.*set)|nuts/, ([main, soft, spot]) => [
    path("M68 66h64l6 82a10 10 0 0 1-10 10H72a10 10 0 0 1-10-10z", main), box(64, 54, 72, 16, 6, soft), dot(100, 114, 21, soft), path("M92 104c14 4 14 16 16 20M92 124c0-12 12-18 18-18", "none", spot, 4)]],
  [/cherr|fruit/, ([main, soft, spot]) => [path("M84 118c0-40 18-58 44-66M122 122c0-34-4-54 6-70", "none", soft, 5), path("M128 52c-16-10-30-6-36 6 16 6 28 4 36-6z", soft), dot(82, 130, 24, main), dot(124, 132, 24, spot), dot(75, 122, 6, soft)]],
  [/crab/, ([main, soft, spot]) => [path("M62 106c-18-6-22-24-14-40 4 10 10 12 18 12-2 8-4 14 4 22zM138 106c18-6 22-24 14-40-4 10-10 12-18 12 2 8 4 14-4 22z", spot), path("M54 124l-14 10M58 138l-12 14M146 124l14 10M142 138l12 14", "none", main, 6), path("M58 122c0-22 18-34 42-34s42 12 42 34-18 32-42 32-42-10-42-32z", main), dot(86, 106, 5, soft), dot(114, 106, 5, soft), path("M84 130c8 6 24 6 32 0", "none", soft, 4)]],
  [/knife|pen\b|lipstick|toothbrush|brush/, ([main, soft, spot]) => [path("M62 146l58-92c10 2 16 6 20 14L78 158z", main), path("M120 54l10-14c8 2 14 8 16 16l-6 12z", spot), path("M62 146l16 12-20 6z", soft)]],
  [/necklace|gift|engraved/, ([main, soft, spot]) => [path("M60 50c4 52 24 76 40 76s36-24 40-76", "none", soft, 6), path("M100 112l18 18-18 24-18-24z", main), path("M82 130h36", "none", spot, 4)]],
  [/mug|cup|tea|coffee|kettle|drink/, ([main, soft, spot]) => [
    box(62, 82, 66, 68, 14, main), path("M128 96h10a15 15 0 0 1 0 34h-10", "none", main, 9), box(62, 98, 66, 15, 0, spot), path("M82 70c-6-8 6-12 0-21M98 70c-6-8 6-12 0-21M114 70c-6-8 6-12 0-21", "none", soft, 5)]],
  [/kitchen|pot\b|pan\b|cooker|bowl|plate|dining|lunch/, ([main, soft, spot]) => [
    path("M52 98h96c0 34-18 52-48 52s-48-18-48-52z", main), box(46, 88, 108, 13, 6, spot), path("M52 108h96c0 6-.5 11-2 16H54c-1.500-5-2-10-2-16z", soft, "none", 0, ".5"), dot(100, 80, 8, main)]],
  [/curtain/, ([main, soft, spot]) => [box(44, 46, 112, 8, 4, spot), path("M50 54h42c0 40-8 76-34 100h-8zM150 54h-42c0 40 8 76 34 100h8z", main), path("M64 54v92M78 54c0 40-4 66-12 84M136 54v92M122 54c0 40 4 66 12 84", "none", soft, 4)]],
  [/pet|cat|dog/, ([main, soft, spot]) => [path("M66 92l-4-36 26 18h24l26-18-4 36c4 8 6 14 6 22 0 26-18 42-40 42s-40-16-40-42c0-8 2-14 6-22z", main), dot(84, 108, 5, soft), dot(116, 108, 5, soft), path("M94 122h12l-6 7z", spot), path("M100 129v8M88 140c6 2 10 0 12-3 2 3 6 5 12 3", "none", soft, 3)]],
  [/bed|pillow|blanket|towel|textile|cushion\b|bedding|quilt/, ([main, soft, spot]) => [
    box(46, 110, 108, 42, 12, main), box(54, 84, 92, 34, 15, soft), box(66, 64, 68, 28, 13, spot), path("M58 130h84", "none", soft, 4)]],
  [/shoe|sneaker|slipper|boot|sandal/, ([main, soft, spot]) => [
    path("M46 122c12 2 20-6 26-22l30 20c14 8 44 6 50 18v10H46z", main), box(46, 144, 106, 12, 6, spot), path("M84 112l-8 8M94 118l-8 8M104 124l-8 8", "none", soft, 5)]],
  [/suitcase|luggage/, ([main, soft, spot]) => [path("M86 58V42h28v16", "none", spot, 7), box(64, 56, 72, 94, 14, main), path("M82 68v70M100 68v70M118 68v70", "none", soft, 5), dot(78, 156, 6, spot), dot(122, 156, 6, spot)]],
  [/bag|backpack|wallet|tote/, ([main, soft, spot]) => [
    path("M78 82V68a22 22 0 0 1 44 0v14", "none", spot, 8), box(56, 78, 88, 76, 17, main), box(56, 100, 88, 12, 0, soft), box(92, 96, 16, 22, 5, spot)]],
  [/jeans|trouser|pyjama/, ([main, soft, spot]) => [path("M68 46h64l8 110h-28l-12-72-12 72H60z", main), box(68, 46, 64, 12, 3, spot), path("M74 66c8 4 14 2 18-6M126 66c-8 4-14 2-18-6", "none", soft, 4)]],
  [/scarf/, ([main, soft, spot]) => [path("M64 60c20-14 52-14 72 0l-8 26c-16-10-40-10-56 0z", main), path("M104 74l30 6-8 66h-28z", soft), path("M100 128h30M100 114h31", "none", spot, 6), path("M100 150v10M109 150v10M118 150v10M126 150v10", "none", soft, 4)]],
  [/sock|nappies/, ([main, soft, spot]) => [path("M82 44h38v62c0 8 4 12 12 18 14 10 8 32-12 32-12 0-20-4-28-12-8-8-10-14-10-24z", main), box(82, 44, 38, 16, 4, spot), path("M84 74h36M84 88h36", "none", soft, 5)]],
  [/jacket|coat|hoodie|raincoat/, ([main, soft, spot]) => [path("M80 48h40l32 18 8 78h-24l-4-40v56H68v-56l-4 40H40l8-78z", main), path("M80 48c4 18 36 18 40 0l-20 16z", spot), path("M100 64v96", "none", soft, 5), path("M76 124h12M112 124h12", "none", soft, 5)]],
  [/swimsuit/, ([main, soft, spot]) => [path("M80 44v34c-8 20-6 40-2 52l22 30 22-30c4-12 6-32-2-52V44h-10v26c-6 6-14 6-20 0V44z", main), path("M77 104h46M79 118h42", "none", soft, 6), dot(100, 88, 5, spot)]],
  [/shirt|clothing|dress|hat|wear|apparel|fashion|sweater/, ([main, soft, spot]) => [
    path("M76 54l24 12 24-12 34 24-16 24-14-8v62H72V94l-14 8-16-24z", main), path("M86 58c4 12 24 12 28 0l-14 7z", spot), box(72, 118, 56, 9, 0, soft)]],
  [/book|album|paper|station|note|office/, ([main, soft, spot]) => [
    path("M100 66c-16-10-36-10-52-5v86c16-5 36-5 52 5z", main), path("M100 66c16-10 36-10 52-5v86c-16-5-36-5-52 5z", soft), path("M122 58v34l9-8 9 8V58", spot)]],
  [/plant|garden|flower|vase|decor/, ([main, soft, spot]) => [
    path("M74 112h52l-7 44H81z", spot), path("M100 112V78", "none", main, 5), path("M100 92c0-22 14-36 36-38 0 24-14 38-36 38z", main), path("M100 104c0-20-14-32-36-33 1 21 15 33 36 33z", soft)]],
  [/food|snack|fruit|nut|honey|grocer|coffee bean/, ([main, soft, spot]) => [
    box(66, 74, 68, 82, 15, main), box(72, 56, 56, 22, 6, spot), box(66, 96, 68, 36, 0, soft), dot(100, 114, 11, spot)]],
  [/beauty|skin|care|soap|cream|shampoo|bath|hygiene|personal/, ([main, soft, spot]) => [
    box(74, 82, 52, 74, 14, main), box(90, 60, 20, 24, 4, spot), path("M96 60V50h26", "none", spot, 8), box(82, 104, 36, 28, 5, soft)]],
  [/toy|baby|kid|game|child/, ([main, soft, spot]) => [
    dot(100, 118, 36, main), dot(72, 80, 16, main), dot(128, 80, 16, main), dot(100, 84, 28, soft), dot(90, 80, 4, main), dot(110, 80, 4, main), dot(100, 91, 5, spot)]],
  [/dumbbell/, ([main, soft, spot]) => [box(64, 102, 72, 12, 4, spot), box(44, 82, 16, 52, 7, main), box(62, 74, 16, 68, 7, soft), box(122, 74, 16, 68, 7, soft), box(140, 82, 16, 52, 7, main)]],
  [/yoga|mat\b/, ([main, soft, spot]) => [path("M48 122h92v26H48z", main), dot(140, 122, 26, main), dot(140, 122, 16, soft), dot(140, 122, 7, spot)]],
  [/helmet/, ([main, soft, spot]) => [path("M46 128c0-40 24-62 56-62s52 24 52 58c0 6-4 8-10 8H54c-5 0-8-1-8-4z", main), path("M70 122c2-26 10-38 22-46M102 122V68M132 122c-2-26-8-38-16-48", "none", soft, 6), path("M60 132c6 14 16 20 34 22", "none", spot, 5)]],
  [/chair/, ([main, soft, spot]) => [path("M60 50l14 62h56M74 112l-18 46M128 112l16 46M62 158l68-46", "none", spot, 7), path("M56 48h18l14 58H70z", main), path("M70 104h62v14H72z", soft)]],
  [/block/, ([main, soft, spot]) => [box(54, 112, 42, 42, 6, main), box(104, 112, 42, 42, 6, soft), path("M100 58l26 46H74z", spot)]],
  [/sport|fitness|outdoor|camp|tent|bike/, ([main, soft, spot]) => [
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

function grid(x, y, columns, rows, step, high, fill) {
  const at = (index) => [index % columns, Math.floor(index / columns)];
  return Array.from({ length: columns * rows }, (_, index) => at(index)).map(([column, row]) =>
    box(x + column * step, y + row * high, step - 4, high - 4, 2, fill),
  );
}

function dot(cx, cy, r, fill) {
  return ["circle", { cx, cy, r, fill }];
}

function hash(text) {
  let sum = 7;
  for (const letter of String(text)) sum = (sum * 31 + letter.codePointAt(0)) % 1000003;
  return sum;
}
