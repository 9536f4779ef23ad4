// libraries.js: chapter 12. One training in several libraries: their curves lie on each other, and a second picture
// shows on a logarithmic scale how far apart they are. The numbers are those that the page's cells have computed.
import { h, s, set, put, watch, fmt, painter, sized, place, button, choice, readout } from "./base.js";
import { curveGaps, largestGap, firstDifference } from "./math.js";
import { dim } from "./rule.js";

const KEYS = ["names", "double", "single", "step", "shown", "precision"], SHOWN = ["loss", "weight"];
const TITLES = { loss: "Loss of the batch", weight: "One weight, after the step" };
/** Digits that tell any two numbers of a precision apart, and the distance from 1 to the next number. */
const DIGITS = { double: 17, single: 9 }, NEXT = { double: 2 ** -52, single: 2 ** -23 };
const BITS = { double: "64 bits", single: "32 bits" };
const LOW = 1e-17, HIGH = 1e-5, H = 236, GUT = 40, FOOT = 26;
/** Each library has a band in the left picture and a mark in the right one. */
const wide = (i, n) => 1.6 + 3.4 * (n - 1 - i);
const MARKS = ["", "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0", "M0 -4.5L4.2 3.2H-4.2z",
  "M-3.2 -3.2L3.2 3.2M-3.2 3.2L3.2 -3.2", "M-3.2 -3.2H3.2V3.2H-3.2z", "M0 -4.5V4.5M-4.5 0H4.5"];
const COUNT = ["", "", "both libraries", "all three libraries", "all four libraries", "all five libraries",
  "all six libraries"];
const minus = (t) => t.replace("-", "−");
/** A distance; no distance is a word. */
const gapText = (v) => (v === 0 ? "equal" : minus(v.toExponential(1)));

/** Everything that the picture needs, from the model once a frame. */
function read(get) {
  const [names, double, single, step, shown, precision] = KEYS.map(get);
  const runs = precision === "single" ? single : double, curves = runs[SHOWN.indexOf(shown)];
  const t = Math.max(1, Math.min(curves[0].length, Math.round(step))), gaps = curveGaps(curves);
  return { names, shown, precision, curves, t, last: curves[0].length, gaps, most: largestGap(gaps, t) };
}

// ---- the two pictures ----------------------------------------------------------------------------------------

/** A frame with steps along the bottom. Returns what draws into it. */
function chart(parent, title) {
  const svg = s("svg", { role: "img", class: "li-chart" }), axes = s("g", { class: "nn-axes" }), marks = s("g");
  const now = s("line", { class: "li-now" }), head = h("p", { class: "nn-head-line", text: title });
  svg.append(axes, now, marks);
  parent.append(head, svg);
  const C = { svg, head, axes, marks, now, W: 0, last: 1 };
  C.x = (t) => GUT + 6 + ((t - 1) / (C.last - 1)) * (C.W - GUT - 14);
  C.frame = (last, rows) => {
    C.last = last;
    set(svg, { width: C.W, height: H, viewBox: `0 0 ${C.W} ${H}` });
    const ticks = [1, ...[0.25, 0.5, 0.75, 1].map((k) => Math.round(k * last))];
    axes.replaceChildren(
      ...rows.flatMap(([y, text, cls = "grid"]) => [s("line", { x1: GUT, x2: C.W, y1: y, y2: y, class: cls }),
        s("text", { x: GUT - 6, y: y + 4, "text-anchor": "end", text })]),
      ...ticks.map((t) => s("text", { x: C.x(t), y: H - 6, text: String(t),
        "text-anchor": t === last ? "end" : "middle" })),
      s("rect", { x: GUT + 0.5, y: 0.5, width: Math.max(0, C.W - GUT - 1), height: H - FOOT - 1, class: "frame" }));
  };
  C.at = (t) => set(now, { x1: C.x(t), x2: C.x(t), y1: 1, y2: H - FOOT - 1 });
  C.off = (cb) => sized(parent, (w) => { C.W = w; cb(); });
  return C;
}
/** Round numbers between low and high for an axis. */
function roundNumbers(low, high) {
  const rough = (high - low) / 4, ten = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].find((k) => k * ten >= rough) * ten, list = [];
  for (let k = Math.ceil(low / unit); k * unit <= high; k++) {
    list.push([k * unit, minus(String(+(k * unit).toPrecision(6)))]);
  }
  return list;
}
function curvesOn(C) {
  return ({ curves, t, last, names, shown }) => {
    const all = curves.flat(), spread = Math.max(...all) - Math.min(...all) || 1;
    const low = Math.min(...all) - 0.08 * spread, high = Math.max(...all) + 0.08 * spread;
    const y = (v) => 8 + ((high - v) / (high - low)) * (H - FOOT - 16);
    C.frame(last, roundNumbers(low, high).map(([v, text]) => [y(v), text]));
    const point = (v, k) => `${C.x(k + 1).toFixed(1)} ${y(v).toFixed(1)}`;
    const line = (curve, end) => "M" + curve.slice(0, end).map(point).join("L");
    const band = (curve, i) => s("path", { class: `li-band b${i}`, d: line(curve, t),
      "stroke-width": wide(i, names.length) });
    C.marks.replaceChildren(s("path", { class: "li-ahead", d: line(curves[0], last) }), ...curves.map(band));
    C.at(t);
    set(C.head, { text: TITLES[shown] });
    set(C.svg, { "aria-label": `${TITLES[shown]}, against the step, with one curve for each of ${names.join(", ")}. `
      + `At step ${t} the first is at ${fmt(curves[0][t - 1])}.` });
  };
}
/** The gaps on a logarithmic scale; where two libraries agree in every digit, the mark stands on the floor. */
function gapsOn(C) {
  return ({ gaps, t, last, names, precision, most }) => {
    const high = Math.max(HIGH, ...gaps.flat()), floor = H - FOOT - 10, span = Math.log10(high / LOW);
    const part = (v) => Math.log10(high / Math.max(v, LOW)) / span;
    const y = (v) => (v > 0 ? 8 + part(v) * (floor - 30) : floor);
    const rows = [-16, -13, -10, -7].map((k) => [y(10 ** k), minus(`1e${k}`)]);
    C.frame(last, [...rows, [floor, "0"]]);
    const next = y(NEXT[precision]);
    const limit = [s("line", { x1: GUT, x2: C.W, y1: next, y2: next, class: "li-next" }),
      s("text", { x: C.W - 6, y: next - 7, class: "li-word", "text-anchor": "end",
        text: `last digit of 1, ${BITS[precision]}` })];
    const marks = gaps.flatMap((of, i) => of.slice(0, t).map((v, k) =>
      place(s("path", { class: "li-mark", d: MARKS[i + 1] }), C.x(k + 1), y(v))));
    C.marks.replaceChildren(...limit, ...marks);
    C.at(t);
    set(C.svg, { "aria-label": `Distance from ${names[0]}, on a logarithmic scale. Up to step ${t} the largest is `
      + `${most.gap ? gapText(most.gap) : 0}. `
      + `The last digit of a 1 in ${BITS[precision]} is ${gapText(NEXT[precision])}.` });
  };
}

// ---- numbers and words ---------------------------------------------------------------------------------------

/** Each library's number in full; the digits that differ from the first library's are marked. */
function board(parent) {
  const body = h("tbody"), head = h("thead", {}, h("tr", {}, h("th", { scope: "col", text: "Library" }),
    h("th", { scope: "col", class: "li-title" }), h("th", { scope: "col", text: "Distance" })));
  const name = "The same number in each library";
  parent.append(h("table", { class: "nn-board li-board", "aria-label": name }, head, body));
  const title = head.querySelector(".li-title");
  let rows = [];
  const build = (names) => {
    rows = names.map((name, i) => {
      const key = s("svg", { width: 34, height: 14, viewBox: "-17 -7 34 14", "aria-hidden": "true" },
        s("path", i ? { class: "li-mark", d: MARKS[i] } : { class: "li-band b0", "stroke-width": 4, d: "M-14 0H14" }));
      const cells = [h("td", { class: "li-digits" }), h("td")];
      body.append(h("tr", {}, h("th", { scope: "row" }, key, h("span", { text: name })), ...cells));
      return cells;
    });
  };
  return ({ names, curves, gaps, t, shown, precision }) => {
    if (!rows.length) build(names);
    set(title, { text: `${shown === "loss" ? "Loss" : "Weight"} at step ${t}` });
    const texts = curves.map((curve) => minus(curve[t - 1].toPrecision(DIGITS[precision])));
    rows.forEach(([digits, gap], i) => {
      const k = firstDifference(texts[i], texts[0]);
      const rest = texts[i].slice(k);
      digits.replaceChildren(texts[i].slice(0, k), ...(rest ? [h("mark", { text: rest })] : []));
      set(gap, { text: i ? gapText(gaps[i - 1][t - 1]) : "" });
    });
  };
}
function words({ names, curves, gaps, t, shown, precision, most }) {
  const now = largestGap(gaps.map((of) => [of[t - 1]]), 1), what = shown === "loss" ? "the loss" : "the weight";
  const here = now.gap === 0 ? `${COUNT[names.length]} agree in every digit`
    : `${names[now.curve + 1]} ${names.length > 2 ? "is furthest" : "differs"} from ${names[0]}, `
      + `by <b>${gapText(now.gap)}</b>`;
  const far = most.gap === 0 ? "There has been no difference so far."
    : `The largest difference so far is <b>${gapText(most.gap)}</b>, ${names[most.curve + 1]} at step ${most.at + 1}.`;
  return `At <b>step ${t}</b> ${what} is ${fmt(curves[0][t - 1])}, and ${here}. ${far}`
    + dim(`The last digit of a 1 in ${BITS[precision]} is ${gapText(NEXT[precision])}.`);
}

function render({ model, el }) {
  const get = (k) => model.get(k), root = h("div", { class: "nn nn-libraries" });
  const flow = root.appendChild(h("div", { class: "nn-flow" })), left = h("div"), right = h("div");
  flow.append(h("div", { class: "nn-duo" }, left, right));
  el.append(root);
  const one = chart(left, TITLES.loss), two = chart(right, `Distance from ${get("names")[0]}`);
  const drawCurves = curvesOn(one), drawGaps = gapsOn(two), table = board(flow), say = readout(flow);
  const tools = flow.appendChild(h("div", { class: "nn-tools" }));
  const which = choice("Look at", [["loss", "the loss"], ["weight", "one weight"]], get("shown"),
    (shown) => put(model, { shown }));
  const bits = choice("Computed in", [["double", BITS.double], ["single", BITS.single]], get("precision"),
    (precision) => put(model, { precision }));
  tools.append(which.el, ...(get("single").length ? [bits.el] : []),
    h("div", { class: "nn-btns" }, button("Reset", () => put(model, get("start")))));
  const paint = painter(root, () => {
    if (!one.W || !two.W) return;
    const v = read(get);
    drawCurves(v);
    drawGaps(v);
    table(v);
    which.set(v.shown);
    bits.set(v.precision);
    say(words(v));
  });
  const offs = [one.off(paint), two.off(paint), watch(model, KEYS, paint)];
  return () => offs.forEach((off) => off());
}
export default { render };
