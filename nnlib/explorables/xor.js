// xor.js: chapter 4. The perceptron rule on the four corners of a square: left the corners and the line, right the
// path of the weights. Weights are whole numbers of 1/20: sums are exact, and a state that returns is the same.
import {
  h, s, set, fmt, put, watch, painter, tint, plane, label, place, arrow, button, choice, readout,
} from "./base.js";
import { mistakes, perceptronRun, perceptronAt, perceptronCycle } from "./math.js";
import { cut, dots, lines, bars, stepper, upcoming, foretell, untaught, many, dim } from "./rule.js";

const X = [[0, 0], [0, 1], [1, 0], [1, 1]], UNIT = 20;
const TARGETS = { AND: [0, 0, 0, 1], OR: [0, 1, 1, 1], NAND: [1, 1, 1, 0], XOR: [0, 1, 1, 0] };
const SETTINGS = ["target", "alpha", "start_w1", "start_w2", "start_b"];
const MIDDLE = 0.5; // of the plane that is shown, on both axes
const real = (v) => v && { w: v.w.map((a) => a / UNIT), b: v.b / UNIT };
const shifted = (v) => v && { w: v.w, b: v.b + MIDDLE * (v.w[0] + v.w[1]) };

/** The names and targets of the corners, clear of the points. */
function names(P) {
  const tags = X.map(([a, b]) => P.svg.appendChild(
    s("g", { class: "nn-corner-name" }, s("text", { text: `(${a}, ${b})` }), s("text", { y: 19 }))));
  return (y) => tags.forEach((tag, i) => {
    const small = P.size < 240, [a, b] = X[i];
    place(tag, P.x(a - MIDDLE), P.y(b - MIDDLE) + (b ? (small ? -23 : -42) : 36));
    set(tag.lastChild, { text: small ? "" : `target ${y[i]}` });
  });
}

/** Grid and numbers of the plane of weights, where `span` (in units) is half the width. */
function weightGrid(P, span, top) {
  const step = [1, 2, 5, 10, 20, 40, 100, 200].find((k) => top / k <= 2) || 400, marks = [];
  for (let v = -Math.floor(span / step) * step; v < span; v += step) {
    const x = P.x(v / span), y = P.y(v / span), text = String(Math.round((100 * v) / UNIT) / 100).replace("-", "−");
    marks.push(s("path", { class: v ? "grid" : "zero", d: `M${x} 0V${P.size}M0 ${y}H${P.size}` }));
    if (Math.abs(v) > 0.85 * span) continue; // no room for its number
    marks.push(s("text", { x, y: P.size - 6, "text-anchor": "middle", text }), s("text", { x: 5, y: y - 4, text }));
  }
  return [...marks, label("w_1", { x: P.size - 6, y: P.y(0) - 8, "text-anchor": "end" }),
    label("w_2", { x: P.x(0) + 8, y: 16 })];
}
/** One update on the path: an arrow, or a ring where only b moves. */
function leg([x1, y1], [x2, y2], cls, opacity) {
  const g = s("g", { class: cls, opacity });
  if (x1 === x2 && y1 === y2) g.append(s("circle", { class: "nn-arrow", cx: x1, cy: y1, r: 13 }));
  else arrow(g)(x1, y1, x2 + (x1 - x2) * 0.03, y2 + (y1 - y2) * 0.03);
  return g;
}
/** The plane of (w1, w2) with the way that the weights have gone, from pale to ink; a cycle is drawn heavy. */
function weightPath(parent) {
  const P = plane(parent, { R: 1, n: 1, ticks: false, name: "The path of the weights" });
  const grid = P.svg.insertBefore(s("g", { class: "nn-axes" }), P.clip);
  const way = P.clip.appendChild(s("g", { class: "nn-way" }));
  const here = P.clip.appendChild(s("circle", { class: "nn-here", r: 7 }));
  P.draw = (run, first, total, cycle) => {
    if (!P.size) return;
    const states = [first, ...run.updates.map((u) => u.to)];
    const top = Math.max(UNIT, ...states.flatMap((v) => v.w.map(Math.abs))), span = 1.25 * top;
    const at = states.map(({ w }) => [P.x(w[0] / span), P.y(w[1] / span)]), from = Math.max(0, total - 30), parts = [];
    grid.replaceChildren(...weightGrid(P, span, top));
    for (let k = from; k < total; k++) {
      const age = (k + 1 - from) / (total - from);
      parts.push(leg(at[k], at[k + 1], "", cycle ? 0.2 : (0.15 + 0.85 * age).toFixed(2)));
    }
    if (!total && at[1]) parts.push(leg(at[0], at[1], "nn-next", 0.45)); // where the first correction will lead
    if (cycle) {
      const end = run.updates.filter((u) => u.seen <= 4 * cycle.again).length, start = end - cycle.updates;
      parts.push(s("path", { class: "nn-ring", d: `M${at.slice(start, end).map((p) => p.join(" ")).join("L")}Z` }));
      for (let k = start; k < end; k++) parts.push(leg(at[k], at[k + 1], "nn-cycle"));
    }
    const [x, y] = at[0], w = states[total].w.map((v) => fmt(v / UNIT));
    way.replaceChildren(...parts, s("circle", { class: "nn-begin", cx: x, cy: y, r: 5 }),
      s("text", { class: "nn-tagged", x: x + 12, y: y + 22, text: "start" }));
    place(here, ...at[total]);
    set(P.svg, { "aria-label": `The path of the weights: ${many(total, "update")}, now at ${w.join(", ")}`
      + (cycle ? `; a closed cycle of ${many(cycle.updates, "update")}.` : ".") });
  };
  return P;
}

function render({ model, el }) {
  const get = (k) => model.get(k), root = h("div", { class: "nn nn-xor" }), flow = h("div", { class: "nn-flow" });
  const [left, right] = ["The points and the line", "The path of the weights"].map((text) =>
    h("div", {}, h("p", { class: "nn-head-line", text })));
  flow.append(h("div", { class: "nn-duo" }, left, right));
  root.append(flow);
  el.append(root);
  const P = plane(left, { R: 1, n: 128, ticks: false, name: "The four points" });
  const corners = X.map((x) => x.map((v) => v - MIDDLE));
  const split = cut(P), marks = dots(P, 9), tags = names(P), path = weightPath(right);
  const chart = bars(flow), rows = lines(flow), say = readout(flow);

  let run = null, cycle, lut;
  const units = (k) => Math.round(get(k) * UNIT), y = () => TARGETS[get("target")];
  const first = () => ({ w: [units("start_w1"), units("start_w2")], b: units("start_b") });
  const training = () => {
    if (run) return run;
    run = perceptronRun(first(), X, y(), units("alpha"));
    cycle = perceptronCycle(run, first(), 4);
    return run;
  };
  const closed = () => training() && cycle && get("seen") >= 4 * cycle.again;
  const steps = stepper(model, { run: training, size: () => 4, hurry: () => 0, verb: "Run",
    end: () => (training() && cycle && !closed() ? 4 * cycle.again : run.seen) });
  const pick = choice("Target", Object.keys(TARGETS), get("target"), (target) => put(model, { target }));
  flow.append(h("div", { class: "nn-tools nn-steps" }, pick.el, h("div", { class: "nn-btns" }, ...steps.buttons,
    button("Reset", () => { steps.stop(); put(model, get("start")); }))));

  const draw = () => {
    if (!lut || !P.size) return;
    const state = perceptronAt(training(), first(), 4, get("seen")), { last, total, counts, open } = state;
    const done = get("seen") >= run.seen, solved = done && run.converged, round = closed() ? cycle : null;
    const now = real(state.now), shown = solved || !last ? null : { ...last, from: real(last.from) };
    const wrong = mistakes(now, X, y()), target = get("target");
    split(shifted(now), shifted(shown?.from), lut);
    marks(corners, y(), wrong, shown?.i);
    tags(y());
    path.draw(run, first(), total, round);
    const next = upcoming(run, get("seen")), point = next && `the point (${X[next.i].join(", ")})`;
    rows(now, shown, get("alpha"), X, y(), next && { ...next, from: real(next.from), to: real(next.to) });
    chart.draw(counts, open);
    pick.set(target);
    set(P.svg, { "aria-label": `${target} on four points; weights ${now.w.map((v) => fmt(v)).join(" and ")}, bias `
      + `${fmt(now.b)}; ${many(wrong.length, "point")} on the wrong side.` });
    steps.show();
    say(words({ target, now, state, shown, wrong, done, solved, round, y: y(), seen: get("seen"),
      ahead: foretell(next, get("alpha"), y(), point) }));
  };
  const paint = painter(root, draw);
  const retrain = () => { run = null; steps.stop(); if (get("seen")) put(model, { seen: 0 }); paint(); };
  path.onsize(paint);
  P.onsize(paint);
  const offs = [tint(root, (l) => { lut = l; paint(); }), P.off, path.off, chart.off, steps.stop,
    watch(model, ["seen"], paint), watch(model, SETTINGS, retrain)];
  return () => offs.forEach((off) => off());
}

/** The state of the run in one or two sentences. */
function words({ target, now, state, shown, wrong, done, solved, round, y, seen, ahead }) {
  const { counts, open, total } = state, left = dim(`${wrong.length} of 4 points on the wrong side.`);
  if (solved) {
    return `<b>Epoch ${counts.length} has no mistake:</b> one line separates ${target}, `
      + `after ${many(total, "mistake")}.`;
  }
  if (round) {
    const so = `Epoch ${counts.length + (open != null)}, ${many(total, "mistake")} so far.`;
    return `<b>The weights were here before, ${many(round.updates, "update")} ago:</b> the rule goes round for ever.`
      + dim(done ? `${counts.length} epochs, and still mistakes.` : so);
  }
  if (!seen && now.w.some(Boolean)) return untaught(now) + left + ahead;
  if (!seen) {
    return `Both weights are 0: there is no line yet, and every point is called <b>${now.b > 0 ? 1 : 0}</b>.`
      + (now.b ? "" : dim("From here, α only scales the path.")) + ahead;
  }
  if (open == null) return `Epoch ${counts.length} ends, with ${many(counts.at(-1), "mistake")}.${left}`;
  if (!shown) return `No mistake so far in epoch 1.${left}`;
  const { i, guess } = shown, moves = y[i] ? "adds α x to" : "takes α x off";
  return `The point (${X[i].join(", ")}) has the target <b>${y[i]}</b>, but was called ${guess}. `
    + (i ? `The rule ${moves} the weights.` : "Here x is 0: only b moves (a ring in the path).") + left;
}
export default { render };
