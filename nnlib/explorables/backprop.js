// backprop.js: chapter 10. Two inputs, three hidden neurons, one output, all sigmoidal and without biases, as on the
// slide. Values go forward in ink, deltas come back in purple, and weights move: one stage a click.
import { h, s, set, put, watch, fmt, paren, sym, label, painter, sized, tint, shade, edge, arrow, neuron, button,
  readout, calm } from "./base.js";
import { backpropagation, backpropagationRun } from "./math.js";

const KEYS = ["W", "w", "x", "y", "alpha", "stage", "steps", "chosen"];
/** The stages of one step, in two words each; the third and the fourth go back. */
const STAGES = [["Hidden", "forward"], ["Output", "forward"], ["Output", "delta"], ["Hidden", "deltas"],
  ["Weights", "update"]];
/** What the main button does at each stage. */
const NEXT = ["Compute the hidden layer", "Compute the output", "Compute the output’s delta", "Send deltas back",
  "Update the weights", "Take the next step"];
const LIMIT = 3, LAST = STAGES.length, HIDDEN = [0, 1, 2], INPUTS = [0, 1];
const letter = (text) => sym(text).replace("<sub>", '<span class="nn-sub">').replace("</sub>", "</span>");

// ---- the numbers that the reader may change: "x1", "W21", "w3" -----------------------------------------------

const EDITABLE = [...INPUTS.map((i) => `x${i + 1}`),
  ...HIDDEN.flatMap((j) => INPUTS.map((i) => `W${j + 1}${i + 1}`)), ...HIDDEN.map((j) => `w${j + 1}`)];
const isWeight = (key) => key[0] !== "x";
const symbol = (key) => `${key[0]}_${key.slice(1)}`;
const indices = (key) => [...key.slice(1)].map((digit) => digit - 1);
const lookup = (array, key) => indices(key).reduce((part, i) => part[i], array);
/** A copy of the array in which the number called `key` is v. */
function changed(array, key, v) {
  const copy = structuredClone(array), [i, j] = indices(key);
  if (j === undefined) copy[i] = v;
  else copy[i][j] = v;
  return copy;
}
/** The first slider shows the chosen number, and what it is moved to is written back. */
function tie(model, onedit) {
  const key = () => model.get("chosen"), array = () => model.get(key()[0]);
  const shown = () => Math.max(-LIMIT, Math.min(LIMIT, lookup(array(), key())));
  const show = () => put(model, { value: shown(), letter: letter(symbol(key())) });
  const write = () => {
    if (Math.abs(model.get("value") - shown()) < 1e-9) return;
    onedit();
    put(model, { [key()[0]]: changed(array(), key(), model.get("value")) });
  };
  const offs = [watch(model, ["W", "w", "x", "chosen"], show), watch(model, ["value"], write)];
  show();
  return () => offs.forEach((off) => off());
}

// ---- where things stand --------------------------------------------------------------------------------------

/**
 * Columns X, rows, radius r. The six weights of the hidden layer stand in one column, 2u apart: at share t of their
 * edges, that holds if hidden neurons are 4u / t apart and inputs 2u / (1 - t).
 */
function layout(W) {
  const wide = W > 520, chip = 46, u = 22, r = wide ? 50 : Math.min(42, (W - 3 * chip - 16) / 4);
  const gap = (W - 3 * chip - 4 * r) / 4, left = chip + gap;
  const X = wide ? [64, 0.52 * W, W - 64] : [chip / 2, left + left + r, W - r];
  const columns = wide ? [0.45 * X[0] + 0.55 * X[1], 0.55 * X[1] + 0.45 * X[2]]
    : [left + chip / 2, X[1] + r + gap + chip / 2];
  const t = (columns[0] - X[0]) / (X[1] - X[0]), rise = (4 * u) / t, mid = rise + r + 30;
  return { wide, W, H: 2 * (rise + r) + 62, r, X, columns, mid,
    inputs: [mid - u / (1 - t), mid + u / (1 - t)], hidden: [mid - rise, mid, mid + rise] };
}
/** The middle of a number's button. */
function spot(g, key) {
  const [i, j] = indices(key), along = (a, b, A, B, x) => A + ((x - a) / (b - a)) * (B - A);
  if (key[0] === "x") return [g.X[0], g.inputs[i]];
  if (key[0] === "W") return [g.columns[0], along(g.X[0], g.X[1], g.inputs[j], g.hidden[i], g.columns[0])];
  return [g.columns[1], along(g.X[1], g.X[2], g.hidden[i], g.mid, g.columns[1])];
}

// ---- the picture ---------------------------------------------------------------------------------------------

/** A number in half a circle: on a phone with two decimals, for three digits would touch. */
const inside = (v, wide) => (wide ? fmt(v) : v.toFixed(Math.abs(v) < 9.995 ? 2 : 1).replace("-", "−"));
/** "δ_h1 = 0.0168": a letter, its index, a number. Returns update(x, y, v); nothing is seen while v is null. */
function fact(svg, sign, cls) {
  const [a, index] = sign.split("_"), value = s("tspan", index ? { dy: "-.2em" } : {});
  const text = s("text", { class: cls }, s("tspan", { class: "nn-sym", text: a }));
  if (index) text.append(s("tspan", { class: "nn-sub", dy: ".28em", text: index }));
  text.append(value);
  svg.append(text);
  return (x, y, v) => {
    set(text, { x, y, visibility: v == null ? "hidden" : null });
    set(value, { text: v == null ? "" : ` = ${fmt(v)}` });
  };
}
/** A delta's way back: an arrow beside the edge from the output to a hidden neuron. */
function wayBack(svg) {
  const g = svg.appendChild(s("g", { class: "bp-back" })), mark = arrow(g, "back");
  return ({ X, mid, r, wide }, y, on) => {
    const dx = X[1] - X[2], dy = y - mid, length = Math.hypot(dx, dy), u = dx / length, v = dy / length;
    const beside = (wide ? 11 : 17) * (y > mid ? -1 : 1), [sx, sy] = [beside * v, -beside * u];
    const from = r + 2, to = r + 5;
    mark(X[2] + u * from + sx, mid + v * from + sy, X[1] - u * to + sx, y - v * to + sy, 12);
    set(g, { class: on ? "bp-back on" : "bp-back" });
  };
}
/** Edges, neurons, deltas and error. Returns draw(geometry, values, results, tints). */
function diagram(box) {
  const svg = box.appendChild(s("svg", { role: "img" })), name = (t) => svg.appendChild(label(t, {}));
  const inner = HIDDEN.map(() => INPUTS.map(() => edge(svg, 7))), outer = HIDDEN.map(() => edge(svg, 7));
  const flows = svg.appendChild(s("g")), backs = HIDDEN.map(() => wayBack(svg));
  const hidden = HIDDEN.map(() => neuron(svg)), output = neuron(svg);
  const names = HIDDEN.map((j) => name(`h_${j + 1}`)), f = name("f");
  const deltas = HIDDEN.map((j) => fact(svg, `δ_h${j + 1}`, "nn-delta")), delta0 = fact(svg, "δ_0", "nn-delta");
  const error = fact(svg, "E", "bp-error"), goal = fact(svg, "y", "bp-fact"), rate = fact(svg, "α", "bp-fact rate");

  const edges = ({ X, inputs, hidden: rows, mid }, { W, w }) => HIDDEN.forEach((j) => {
    INPUTS.forEach((i) => inner[j][i](X[0], inputs[i], X[1], rows[j], W[j][i]));
    outer[j](X[1], rows[j], X[2], mid, w[j]);
  });
  const neurons = ({ X, hidden: rows, mid, r, wide }, { stage }, now, lut) => {
    const show = (draw, x, y, z, v, on) => (on
      ? draw(x, y, r, inside(z, wide), inside(v, wide), shade(lut, v)) : draw(x, y, r, null, null, null));
    HIDDEN.forEach((j) => {
      show(hidden[j], X[1], rows[j], now.z[j], now.h[j], stage > 0);
      set(names[j], { x: X[1], y: rows[j] - r - 9 });
      const [dx, dy] = wide || j ? [0, r + 20] : [r + 46, -r + 12]; // on a phone the edges leave room beside h_1
      deltas[j](X[1] + dx, rows[j] + dy, stage > 3 ? now.d[j] : null);
    });
    show(output, X[2], mid, now.zo, now.f, stage > 1);
    set(f, { x: X[2], y: mid - r - 9 });
    delta0(X[2], mid + r + 20, stage > 2 ? now.d0 : null);
  };
  const facts = ({ X, mid, r, H }, { y, alpha, stage }, now) => {
    error(X[2], mid + r + 46, stage > 1 ? now.E : null);
    goal(X[2], mid - r - 40, y);
    rate(2, H - 12, alpha);
  };
  /** Ink runs along the edges that the stage has just used. */
  const run = ({ X, inputs, hidden: rows, mid }, stage) => {
    const line = (x1, y1, x2, y2) => s("path", { class: "bp-flow", pathLength: 1, d: `M${x1} ${y1}L${x2} ${y2}` });
    const first = () => HIDDEN.flatMap((j) => INPUTS.map((i) => line(X[0], inputs[i], X[1], rows[j])));
    const second = () => HIDDEN.map((j) => line(X[1], rows[j], X[2], mid));
    flows.replaceChildren(...(stage === 1 ? first() : stage === 2 ? second() : []));
  };
  let last = 0;
  return (g, v, now, lut) => {
    set(svg, { width: g.W, height: g.H, viewBox: `0 0 ${g.W} ${g.H}`, "aria-label": spoken(v, now) });
    edges(g, v);
    neurons(g, v, now, lut);
    facts(g, v, now);
    HIDDEN.forEach((j) => backs[j](g, g.hidden[j], v.stage === 4));
    if (v.stage !== last && !calm()) run(g, v.stage);
    last = v.stage;
  };
}
/** The picture for who can't see it: what it shows at this stage. */
function spoken({ stage, y, alpha, W, w, x }, now) {
  const list = (numbers) => numbers.map((v) => fmt(v)).join(", ");
  return [`A network with inputs ${list(x)}, label ${fmt(y)} and learning rate ${fmt(alpha)}. Weights into the three `
    + `hidden neurons: ${W.map(list).join("; ")}. Weights into the output: ${list(w)}.`,
    `Hidden outputs: ${list(now.h)}.`, `Output ${fmt(now.f)}, error ${fmt(now.E)}.`,
    `Delta of the output: ${fmt(now.d0)}.`, `Deltas of the hidden neurons: ${list(now.d)}.`,
    `New weights: ${now.W2.map(list).join("; ")}; ${list(now.w2)}.`].slice(0, stage + 1).join(" ");
}
/** Every number that may be changed, as a button on its place; arrow keys change it at once. */
function chips(box, model, nudge) {
  const choose = (chosen) => put(model, { chosen });
  const all = EDITABLE.map((key) => {
    const face = h("span", { class: "face" }), name = h("span", { class: "nn-hear" });
    const step = (e) => {
      const d = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[e.key];
      if (!d) return;
      e.preventDefault();
      choose(key);
      nudge(d * (e.shiftKey ? 0.25 : 0.05));
    };
    const b = h("button", { type: "button", class: isWeight(key) ? "bp-chip" : "bp-chip input", "data-key": key,
      onclick: () => choose(key), onkeydown: step }, name, face);
    box.append(b);
    return { key, b, name, face, html: "" };
  });
  return (g, v, now) => all.forEach((chip) => {
    const { key, b, name, face } = chip, [x, y] = spot(g, key), old = lookup(v[key[0]], key);
    const to = v.stage === LAST && isWeight(key) ? lookup(now[`${key[0]}2`], key) : null;
    const head = isWeight(key) ? "" : `<em>${sym(symbol(key))}</em> `;
    const html = to == null ? head + fmt(old) : `<s>${fmt(old)}</s> <b>${fmt(to)}</b>`;
    if (html !== chip.html) set(face, { html: (chip.html = html) });
    b.style.transform = `translate(${x}px,${y}px) translate(-50%,-50%)`;
    set(name, { text: to != null ? `${key}, old and new: ` : isWeight(key) ? `${key} = ` : "" });
    set(b, { "aria-pressed": String(v.chosen === key) });
  });
}

// ---- numbers and words ---------------------------------------------------------------------------------------

const row = (formula, numbers, result) => h("div", {}, h("span", { class: "f", html: sym(formula) }),
  h("span", { class: "n", text: `${numbers} =` }), h("b", { text: fmt(result) }));
const sum = (a, b) => a.map((v, i) => `${paren(v)} · ${paren(b[i])}`).join(" + ");
/** The formulas of a stage with their numbers. */
function rows(v, now) {
  const { W, w, x, y, stage, chosen } = v, { f, d0, d, zo, E } = now;
  if (stage === 0) {
    return [h("p", { text: "One example, nine weights, no biases. Choose any number with a green edge, and move the "
      + "first slider below the picture. Then go through one step of learning, stage by stage." })];
  }
  if (stage === 1) {
    return HIDDEN.map((j) => row(`h_${j + 1} = σ(W_${j + 1}1 x_1 + W_${j + 1}2 x_2)`, `σ(${sum(W[j], x)})`,
      now.h[j]));
  }
  if (stage === 2) {
    const error = row("E = ½(y − f)²", `½(${fmt(y)} − ${fmt(f)})²`, E);
    error.lastChild.className = "loss";
    return [row("z_0 = w_1 h_1 + w_2 h_2 + w_3 h_3", sum(w, now.h), zo), row("f = σ(z_0)", `σ(${fmt(zo)})`, f),
      error];
  }
  if (stage === 3) {
    return [row("δ_0 = (y − f) · f (1 − f)", `(${fmt(y)} − ${fmt(f)}) · ${fmt(f)} · ${fmt(1 - f)}`, d0)];
  }
  if (stage === 4) {
    return HIDDEN.map((j) => row(`δ_h${j + 1} = δ_0 w_${j + 1} · h_${j + 1} (1 − h_${j + 1})`,
      `${paren(d0)} · ${paren(w[j])} · ${fmt(now.h[j])} · ${fmt(1 - now.h[j])}`, d[j]));
  }
  return [update(v, now, isWeight(chosen) ? chosen : "w1"), h("p", { class: "nn-dim", text: "All nine weights move at "
    + "once: the old value stands above the new. Choose another weight to see its sum." })];
}
/** How one weight moves. */
function update({ W, w, x, alpha }, now, key) {
  const [j, i] = indices(key), name = symbol(key), inner = key[0] === "W";
  const [old, to, delta, input, names] = inner
    ? [W[j][i], now.W2[j][i], now.d[j], x[i], `δ_h${j + 1} x_${i + 1}`]
    : [w[j], now.w2[j], now.d0, now.h[j], `δ_0 h_${j + 1}`];
  const numbers = `${fmt(old)} + ${fmt(alpha)} · ${paren(delta)} · ${paren(input)}`;
  return row(`${name} ← ${name} + α ${names}`, numbers, to);
}
const listed = (names) => names.map((name) => `<b>${sym(name)}</b>`).join(names.length > 2 ? ", " : " and ");
/** Which hidden sums should rise, and which should fall. */
function shares({ d }) {
  const group = (test, one, many) => {
    const names = HIDDEN.filter((j) => test(d[j])).map((j) => `h_${j + 1}`);
    return names.length ? `${listed(names)} should ${names.length > 1 ? many : one}` : "";
  };
  const still = (v) => Math.abs(v) < 1e-12;
  const parts = [group((v) => v > 0 && !still(v), "rise", "rise"), group((v) => v < 0 && !still(v), "fall", "fall"),
    group(still, "stay", "stay")].filter(Boolean);
  return `${parts.join(", ")}: each gets its share of the error through its own weight.`;
}
/** The stage in one sentence; `past` is the error some updates ago. */
function words(v, now, past) {
  const { stage, chosen, y, alpha, steps } = v, after = steps ? `, after ${steps} update${steps > 1 ? "s" : ""}` : "";
  const from = past ? ` ${past.n} update${past.n > 1 ? "s" : ""} ago it was ${fmt(past.E)}.` : "";
  return [
    `<b>${sym(symbol(chosen))}</b> is chosen, and stands at <b>${fmt(lookup(v[chosen[0]], chosen))}</b>${after}. The `
      + `label is ${fmt(y)}, the learning rate ${fmt(alpha)}.`,
    `Each hidden neuron adds and squashes. Their answers: ${now.h.map((value) => fmt(value)).join(", ")}.`,
    `The output says <b>${fmt(now.f)}</b> where it should say ${fmt(y)}: the error is <b>${fmt(now.E)}</b>.${from}`,
    Math.abs(now.d0) < 1e-12 ? "The output is right: its delta is 0, and nothing will move."
      : `The output should go <b>${now.d0 > 0 ? "up" : "down"}</b>: its delta is ${fmt(now.d0)}.`,
    shares(now),
    `Every weight moves. The error was ${fmt(now.E)}; with the new weights it is `
      + `<b>${fmt(backpropagation({ ...v, W: now.W2, w: now.w2 }).E)}</b>.`,
  ][stage];
}
/** The stages as tabs. */
function tabs(parent, go) {
  const buttons = STAGES.map(([a, b], i) => h("button", { type: "button", onclick: () => go(i + 1) },
    h("span", { text: a }), ` ${b}`));
  parent.append(h("ol", { class: "bp-tabs", "aria-label": "The stages of one step" },
    ...buttons.map((b, i) => h("li", { class: i === 2 || i === 3 ? "back" : "" }, b))));
  return (stage) => buttons.forEach((b, i) => {
    set(b, { "aria-current": i === stage - 1 ? "step" : null });
    set(b.parentNode, { "data-done": i < stage });
  });
}

function render({ model, el }) {
  const root = h("div", { class: "nn nn-bp" }), box = h("div", { class: "bp-picture" });
  const values = () => Object.fromEntries(KEYS.map((key) => [key, model.get(key)]));
  let past = null, g = null, lut = null;
  const forget = () => { past = null; };
  const untie = tie(model, forget); // before anything is drawn: the slider's letter follows
  const learn = (n, stage) => {
    const v = values(), { W, w } = backpropagationRun(v, n);
    past = { E: backpropagation(v).E, n };
    put(model, { W, w, steps: v.steps + n, stage });
  };
  const go = (stage) => put(model, { stage });
  const next = () => (model.get("stage") < LAST ? go(model.get("stage") + 1) : learn(1, 1));
  const nudge = (by) => put(model, { value: Math.max(-LIMIT, Math.min(LIMIT, +(model.get("value") + by).toFixed(9))) });

  const mark = tabs(root, go), main = button("", next, "go");
  const back = button("Back", () => go(Math.max(0, model.get("stage") - 1)));
  root.append(h("div", { class: "nn-tools" }, h("div", { class: "nn-btns main" }, back, main),
    h("div", { class: "nn-btns" }, button("50 steps", () => learn(50, 2)),
      button("Reset", () => { forget(); put(model, structuredClone(model.get("start"))); }))));
  const say = readout(root), lines = h("div", { class: "bp-lines" });
  root.append(lines, box);
  el.append(root);
  const picture = diagram(box), buttons = chips(box, model, nudge);
  const paint = painter(root, () => {
    if (!g || !lut) return;
    const v = values(), now = backpropagation(v);
    picture(g, v, now, lut);
    buttons(g, v, now);
    lines.replaceChildren(...rows(v, now));
    say(words(v, now, past));
    mark(v.stage);
    set(main, { text: NEXT[v.stage] });
    set(back, { "aria-disabled": v.stage ? null : "true" });
  });
  const resize = (W) => {
    g = layout(W);
    set(box, { style: `height:${g.H}px`, "data-slim": g.wide ? null : g.r < 38 ? "very" : "yes" });
    paint();
  };
  const offs = [untie, tint(root, (colours) => { lut = colours; paint(); }), sized(box, resize),
    watch(model, ["y"], forget), watch(model, KEYS, paint)];
  return () => offs.forEach((off) => off());
}
export default { render };
