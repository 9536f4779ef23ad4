// chain.js: chapter 9. One update of a sigmoidal neuron, one factor of the chain rule a click. The sliders hold the
// first weights; `steps` updates have been made since, and any slider starts anew.
import { h, s, set, put, watch, fmt, paren, sym, label, painter, sized, tint, shade, place, edge, arrow, neuron,
  button, choice, readout } from "./base.js";
import { chainRule, chainSteps } from "./math.js";
import { many } from "./rule.js";

const SLIDERS = ["w0", "w1", "w2", "x1", "x2", "alpha"], KEYS = [...SLIDERS, "y", "stage", "steps"], LAST = 7;
/** What the main button does at each stage. */
const NEXT = ["Compute f and E", "Slope of E by f", "Slope of f by the sum", "Multiply them: δ₀",
  "Reuse δ₀ for each weight", "Update the weights", "Take the next step"];
const SUM = "<i>sum</i>", [E, F, D0] = ["E", "f", "δ_0"].map(sym), dE = `∂${E}/∂${F}`, df = `∂${F}/∂${SUM}`;
const J = [0, 1, 2];

/** Everything that the picture needs, read from the model once a frame. */
function read(model, lut) {
  const [w0, w1, w2, x1, x2, alpha, y, stage, steps] = KEYS.map((k) => model.get(k)), x = [1, x1, x2];
  const w = chainSteps([w0, w1, w2], x, y, alpha, steps);
  return { w, x, y, alpha, stage, steps, lut, ...chainRule(w, x, y, alpha) };
}

// ---- the diagram ---------------------------------------------------------------------------------------------

function inputOn(svg, j) {
  const g = svg.appendChild(s("g", { class: "nn-input" }, s("circle", { r: 27 })));
  g.append(label(`x_${j}`, { y: -6, class: "nn-sym cap" }), s("text", { class: "num", y: 13 }));
  return g;
}
function tagOn(svg, j) {
  const g = s("g", { class: "nn-tag" }, s("rect", { x: -41, y: -13, width: 82, height: 26, rx: 13 }));
  g.append(label(`w_${j}`, { x: -32, y: 5 }), s("text", { class: "num", x: 33, y: 5 }));
  return svg.appendChild(g);
}
/** A number in half a circle: two decimals, for three digits would touch. */
const inside = (v) => v.toFixed(Math.abs(v) < 9.995 ? 2 : 1).replace("-", "−");
/** A factor's name and value, in purple, below the way that it stands for. */
function factorOn(svg, name) {
  const value = s("text", { y: 19, class: "value" });
  const g = svg.appendChild(s("g", { class: "ch-factor" }, s("text", { text: name }), value));
  return (x, y, v, on) => {
    place(set(g, { visibility: on ? null : "hidden" }), x, y);
    set(value, { text: fmt(v) });
  };
}
/** Inputs, weights, the neuron, the error; the factors on their way back. Returns { resize(width), draw(values) }. */
function diagram(parent) {
  const svg = parent.appendChild(s("svg", { role: "img" })), H = 276, Y = [32, 120, 208], mid = Y[1];
  const edges = J.map(() => edge(svg)), out = arrow(svg), body = neuron(svg, { heads: true });
  const inputs = J.map((j) => inputOn(svg, j)), tags = J.map((j) => tagOn(svg, j));
  const box = s("g", { class: "ch-error" }, s("rect", { x: -36, y: -30, width: 72, height: 60, rx: 8 }),
    label("E", { y: -7 }), s("text", { class: "num", y: 17 }));
  svg.append(box);
  const ways = [0, 1].map(() => svg.appendChild(s("g", { class: "ch-way" }, s("path", { class: "nn-arrow back" }),
    s("path", { class: "nn-head back", d: "M0 0l-4.5 11h9z" }))));
  const slots = ["∂E/∂f", "∂f/∂sum"].map((name) => factorOn(svg, name));
  const delta = svg.appendChild(s("g", { class: "ch-delta" }, label("δ_0", {}), s("text", { x: 25 })));
  const shares = J.map(() => svg.appendChild(s("g", { class: "ch-way" }))), tips = shares.map((g) => arrow(g, "back"));
  const facts = ["y", "α"].map(() => svg.appendChild(s("text", { class: "ch-fact" })));
  let X, r, slim;
  const bend = (g, x1, y1, x2, y2, deep) => {
    set(g.firstChild, { d: `M${x1} ${y1}C${x1} ${deep} ${x2} ${deep} ${x2} ${y2 + 8}` });
    place(g.lastChild, x2, y2);
  };
  const on = (j) => [X[0] + (X[1] - X[0]) * 0.42, Y[j] + (mid - Y[j]) * 0.42]; // the middle of a weight's tag
  const resize = (W) => {
    [slim, r] = W > 520 ? [false, 48] : [true, 40];
    X = slim ? [28, W * 0.61, W - 32] : [29, W * 0.6, W - 45];
    set(box.firstChild, { x: slim ? -30 : -36, width: slim ? 60 : 72 });
    set(svg, { width: W, height: H, viewBox: `0 0 ${W} ${H}` });
    inputs.forEach((g, j) => place(g, X[0], Y[j]));
    tags.forEach((g, j) => place(g, ...on(j)));
    place(box, X[2], mid);
    out(X[1] + r + 2, mid, X[2] - (slim ? 32 : 38), mid);
    bend(ways[0], X[2], mid + 32, X[1] + 0.5 * r, mid + r + 4, mid + r + 42);
    bend(ways[1], X[1] + 0.4 * r, mid + r + 8, X[1] - 0.5 * r, mid + r + 4, mid + r + 30);
    set(facts[0], { x: X[2], y: mid - 46 });
    set(facts[1], { x: X[2], y: 24 });
    place(delta, X[1] - 42, mid - r - 24);
  };
  /** Purple arrows from the neuron to each weight, a little below its edge. */
  const share = (j, visible) => {
    const [tx, ty] = on(j), [nx, ny] = [X[1] - r * (j === 1 ? 1 : 0.92) - 2, mid + (j - 1) * 0.36 * r];
    tips[j](nx, ny + 12, tx + 43, ty + 9, 10);
    set(shares[j], { visibility: visible ? null : "hidden" });
  };
  const draw = (v) => {
    const { w, x, stage, sum, f, lut } = v, done = stage > 1;
    J.forEach((j) => {
      edges[j](X[0], Y[j], X[1], mid, w[j]);
      set(tags[j].lastChild, { text: fmt(w[j]) });
      set(inputs[j].lastChild, { text: fmt(x[j]) });
      set(inputs[j], { class: stage > 5 ? "nn-input on" : "nn-input" });
      share(j, stage > 5);
    });
    body(X[1], mid, r, inside(sum), done ? inside(f) : null, done ? shade(lut, f) : null);
    set(box.lastChild, { text: done ? fmt(v.E) : "" });
    [v.dE, v.df].forEach((value, k) => {
      set(ways[k], { visibility: stage > 2 + k ? null : "hidden" });
      slots[k](k ? X[1] - 0.25 * r : (X[1] + X[2]) / 2 + 0.5 * r, mid + r + 48, value, stage > 2 + k);
    });
    set(delta, { visibility: stage > 4 ? null : "hidden" });
    set(delta.lastChild, { text: `= ${fmt(v.delta)}` });
    set(facts[0], { text: `y = ${v.y}` });
    set(facts[1], { text: `α = ${fmt(v.alpha)}` });
    set(svg, { "aria-label": spoken(v) });
  };
  return { resize, draw };
}
/** The picture for who can't see it: what it shows at this stage. */
function spoken({ w, x, y, alpha, stage, sum, f, E: error, dE: up, df: slope, delta }) {
  const list = (values) => values.map((v) => fmt(v)).join(", ");
  return [
    `A neuron with inputs ${list(x)}, weights ${list(w)}, label ${y} and rate ${fmt(alpha)}. Its sum is ${fmt(sum)}.`,
    `Its output is ${fmt(f)}, the error ${fmt(error)}.`, `Going back, the slope of E by f is ${fmt(up)}.`,
    `The slope of f by the sum is ${fmt(slope)}.`, `Delta 0 is ${fmt(delta)}.`,
    "Each of the three weights receives it."].slice(0, stage).join(" ");
}

// ---- formulas with their numbers -----------------------------------------------------------------------------

/** Each row: the stage at which it is computed, its formula, its numbers and its value. */
const ROWS = [
  [1, `${SUM} = ${sym("w_0 x_0 + w_1 x_1 + w_2 x_2")}`,
    ({ w, x }) => w.map((v, j) => `${paren(v)}·${paren(x[j])}`).join(" + "), (v) => v.sum],
  [2, `${F}(${SUM}) = 1 / (1 + e<sup>−${SUM}</sup>)`, ({ sum }) => `1 / (1 + e<sup>${fmt(-sum)}</sup>)`, (v) => v.f],
  [2, `${E} = ½ (${sym("y")} − ${F})²`, ({ y, f }) => `½ (${y} − ${fmt(f)})²`, (v) => v.E, "loss"],
  [3, `${dE} = −(${sym("y")} − ${F})`, ({ y, f }) => `−(${y} − ${fmt(f)})`, (v) => v.dE, "back"],
  [4, `${df} = ${F} (1 − ${F})`, ({ f }) => `${fmt(f)} · ${fmt(1 - f)}`, (v) => v.df, "back"],
  [5, `${D0} = −${dE} · ${df}`, (v) => `${fmt(-v.dE)} · ${fmt(v.df)}`, (v) => v.delta,
    "back once"],
];
const slopeRow = (j) => [6, `∂${E}/∂${sym(`w_${j}`)} = −${D0} · ∂${SUM}/∂${sym(`w_${j}`)}`,
  ({ delta, x }) => `${fmt(-delta)} · ${paren(x[j])}`, (v) => v.slopes[j], "back"];
const updateRow = (j) => [7, `${sym(`w_${j}`)} ← ${sym(`w_${j}`)} + ${sym("α")} ${D0} ${sym(`x_${j}`)}`,
  ({ w, alpha, delta, x }) => `${fmt(w[j])} + ${fmt(alpha)} · ${paren(delta)} · ${paren(x[j])}`, (v) => v.next[j]];

/** The rows; the last three change from slopes to updates with the last stage. */
function formulas(parent) {
  const box = h("div", { class: "nn-rule", role: "group", "aria-label": "The chain rule, with its numbers" });
  const rows = Array.from({ length: ROWS.length + 3 }, () => {
    const [f, n, value] = [h("span", { class: "f" }), h("span", { class: "n" }), h("b")];
    const el = box.appendChild(h("div", {}, f, n, value));
    return { el, f, n, value };
  });
  parent.append(box);
  return (v) => [...ROWS, ...J.map(v.stage < LAST ? slopeRow : updateRow)].forEach(
    ([at, formula, numbers, value, cls = ""], i) => {
      const done = v.stage >= at, { el, f, n, value: cell } = rows[i];
      set(el, { class: [cls, done ? "" : "wait", v.stage === at ? "now" : ""].join(" ").trim() });
      f.innerHTML = formula;
      n.innerHTML = done ? `${numbers(v)} =` : "";
      set(cell, { text: done ? fmt(value(v)) : "…" });
    });
}
function words(v) {
  const { stage, sum, f, y, delta, sumAfter, after, alpha, steps, E: error } = v, b = (t) => `<b>${t}</b>`;
  const way = delta > 0 ? "rise" : "fall", made = steps ? `After ${many(steps, "update")} the` : "The";
  const told = [
    `${made} sum is ${b(fmt(sum))}.`,
    `The neuron answers ${b(fmt(f))} where ${y} is wanted. The error is ${b(fmt(error))}.`,
    `If the answer rose by a little, the error would change ${b(fmt(v.dE))} times as much.`,
    `If the sum rose by a little, the answer would rise ${b(fmt(v.df))} times as much.`,
    `${b(`${D0} = ${fmt(delta)}`)}: the sum should ${way}. It is computed once.`,
    `${b(`${D0} serves all three weights.`)} Only ∂${SUM}/∂${sym("w_j")} = ${sym("x_j")} is new for each.`,
    `Every weight has moved by ${sym("α")} ${D0} ${sym("x_j")}. The sum becomes ${b(fmt(sumAfter))}.`][stage - 1];
  return `${told} <span class="nn-dim">One update with ${sym("α")} = ${fmt(alpha)} takes ${E} from ${fmt(error)} to `
    + `${fmt(after)}.</span>`;
}

function render({ model, el }) {
  const get = (k) => model.get(k), root = h("div", { class: "nn nn-chain" });
  const flow = root.appendChild(h("div", { class: "nn-flow" }));
  const picture = flow.appendChild(h("div", { class: "ch-picture" }));
  el.append(root);
  const draw = diagram(picture), say = readout(flow);
  const tools = flow.appendChild(h("div", { class: "nn-tools nn-steps" }));
  const next = () => (get("stage") < LAST ? put(model, { stage: get("stage") + 1 })
    : put(model, { stage: 1, steps: Math.min(1000, get("steps") + 1) }));
  const main = button(NEXT[0], next, "go");
  const back = button("Back", () => get("stage") > 1 && put(model, { stage: get("stage") - 1 }));
  const all = button("All stages", () => put(model, { stage: LAST }));
  const mode = choice("Label y", [["1", "1"], ["0", "0"]], String(get("y")), (y) => put(model, { y: +y, steps: 0 }));
  tools.append(h("div", { class: "nn-btns" }, main, back, all), mode.el,
    h("div", { class: "nn-btns" }, button("Reset", () => put(model, get("start")))));
  const rows = formulas(flow);
  let lut, wide = false;
  const paint = painter(root, () => {
    if (!lut || !wide) return;
    const v = read(model, lut);
    draw.draw(v);
    rows(v);
    mode.set(String(v.y));
    set(main, { text: NEXT[v.stage - 1] });
    set(back, { "aria-disabled": v.stage === 1 && "true" });
    set(all, { "aria-disabled": v.stage === LAST && "true" });
    say(words(v));
  });
  const anew = () => { if (get("steps")) put(model, { steps: 0 }); };
  const offs = [tint(root, (colours) => { lut = colours; paint(); }),
    sized(picture, (W) => { wide = true; draw.resize(W); paint(); }),
    watch(model, SLIDERS, anew), watch(model, KEYS, paint)];
  return () => offs.forEach((off) => off());
}
export default { render };
