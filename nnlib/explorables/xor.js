// xor.js: chapter 4. The perceptron rule on the four corners of a square: left the corners and the line, right the
// path of the weights. Weights are whole numbers of 1/20, so sums are exact, and a state that returns is the same.
import { h, s, set, fmt, put, watch, painter, tint, plane, label, place, arrow, button, choice, readout } from "./base.js";
import { mistakes, perceptronRun, perceptronAt, perceptronCycle } from "./math.js";
import { cut, dots, lines, bars, stepper, many } from "./rule.js";

const X = [[0, 0], [0, 1], [1, 0], [1, 1]], UNIT = 20;
const TARGETS = { AND: [0, 0, 0, 1], OR: [0, 1, 1, 1], NAND: [1, 1, 1, 0], XOR: [0, 1, 1, 0] };
const SETTINGS = ["target", "alpha", "start_w1", "start_w2", "start_b"];
const real = (v) => v && { w: v.w.map((a) => a / UNIT), b: v.b / UNIT };
/** A change of { w, b } to the plane of the picture, whose middle is (1/2, 1/2). */
const moved = (v) => v && { w: v.w, b: v.b + (v.w[0] + v.w[1]) / 2 };

function render({ model, el }) {
  const get = (k) => model.get(k), root = h("div", { class: "nn nn-xor" }), flow = h("div", { class: "nn-flow" }), left = h("div"), right = h("div");
  root.append(flow);
  flow.append(h("div", { class: "nn-duo" }, left, right));
  el.append(root);
  left.append(h("p", { class: "nn-head-line", text: "The points and the line" }));
  right.append(h("p", { class: "nn-head-line", html: "The path of the weights" }));

  const P = plane(left, { R: 1, n: 128, ticks: false, name: "The four points" });
  const split = cut(P), marks = dots(P, 9), corners = X.map(([a, b]) => {
    const name = P.svg.appendChild(s("g", { class: "nn-corner-name" }, s("text", { text: `(${a}, ${b})` }), s("text", { y: 19 })));
    return [name, [a - 0.5, b - 0.5]];
  });
  const path = weightPath(right), chart = bars(flow), rows = lines(flow), say = readout(flow);

  let run = null, cycle, lut;
  const units = (k) => Math.round(get(k) * UNIT), y = () => TARGETS[get("target")];
  const first = () => ({ w: [units("start_w1"), units("start_w2")], b: units("start_b") });
  const training = () => {
    if (!run) {
      run = perceptronRun(first(), X, y(), units("alpha"));
      cycle = perceptronCycle(run, first(), 4);
    }
    return run;
  };
  const steps = stepper(model, { run: training, size: () => 4, hurry: () => 0, verb: "Run",
    end: () => (training(), cycle && get("seen") < 4 * cycle.again ? 4 * cycle.again : run.seen) });
  const pick = choice("Target", Object.keys(TARGETS), get("target"), (target) => put(model, { target }));
  flow.append(h("div", { class: "nn-tools nn-steps" }, pick.el, h("div", { class: "nn-btns" }, ...steps.buttons,
    button("Reset", () => { steps.stop(); put(model, get("start")); }))));

  const draw = () => {
    if (!lut || !P.size) return;
    training();
    const state = perceptronAt(run, first(), 4, get("seen")), { last, total, counts, open } = state;
    const done = get("seen") >= run.seen, solved = done && run.converged, round = cycle && get("seen") >= 4 * cycle.again;
    const now = real(state.now), shown = solved || !last ? null : { ...last, from: real(last.from) };
    const wrong = mistakes(now, X, y());
    split(moved(now), moved(shown?.from), lut);
    marks(corners.map((c) => c[1]), y(), wrong, shown?.i);
    corners.forEach(([name, [a, b]], i) => {
      const small = P.size < 240;
      place(name, P.x(a), P.y(b) + (b < 0 ? 36 : small ? -23 : -42));
      set(name.lastChild, { text: small ? "" : `target ${y()[i]}` });
    });
    path(run, first(), total, round ? cycle : null);
    rows(now, shown, get("alpha"), X, y());
    chart.draw(counts, open);
    pick.set(get("target"));
    set(P.svg, { "aria-label": `${get("target")} on four points; weights ${fmt(now.w[0])} and ${fmt(now.w[1])}, bias ${fmt(now.b)}; `
      + `${many(wrong.length, "point")} on the wrong side.` });
    steps.show();
    say(words({ target: get("target"), now, state, shown, wrong, done, solved, round, cycle, y: y(), seen: get("seen") }));
  };
  const paint = painter(root, draw);
  const retrain = () => { run = null; steps.stop(); if (get("seen")) put(model, { seen: 0 }); paint(); };
  path.onsize(paint);
  P.onsize(paint);
  const offs = [tint(root, (l) => { lut = l; paint(); }), P.off, path.off, chart.off, steps.stop,
    watch(model, ["seen"], paint), watch(model, SETTINGS, retrain)];
  return () => offs.forEach((off) => off());
}

/** The plane of (w1, w2) with the way that the weights have gone, from pale to ink; a cycle is drawn heavy. */
function weightPath(parent) {
  const P = plane(parent, { R: 1, n: 1, ticks: false, name: "The path of the weights" });
  const grid = P.svg.insertBefore(s("g", { class: "nn-axes" }), P.clip), way = P.clip.appendChild(s("g", { class: "nn-way" }));
  const here = P.clip.appendChild(s("circle", { class: "nn-here", r: 7 }));
  const update = (run, first, total, cycle) => {
    const states = [first, ...run.updates.map((u) => u.to)], top = Math.max(UNIT, ...states.flatMap((v) => v.w.map(Math.abs)));
    const step = [1, 2, 5, 10, 20, 40, 100, 200].find((k) => top / k <= 2) || 400, span = 1.25 * top;
    const at = (v) => [P.x(v.w[0] / span), P.y(v.w[1] / span)], loops = (a, b) => a.w.join() === b.w.join();
    const tick = (k) => String(Math.round((100 * k * step) / UNIT) / 100).replace("-", "−"), marks = [];
    for (let k = -Math.floor(span / step); k * step < span; k++) {
      const x = P.x((k * step) / span), y = P.y((k * step) / span), cls = k ? "grid" : "zero";
      marks.push(s("path", { class: cls, d: `M${x} 0V${P.size}M0 ${y}H${P.size}` }));
      if (Math.abs(k * step) > 0.85 * span) continue; // no room for its number
      marks.push(s("text", { x, y: P.size - 6, "text-anchor": "middle", text: tick(k) }),
        s("text", { x: 5, y: y - 4, text: tick(k) }));
    }
    grid.replaceChildren(...marks, label("w_1", { x: P.size - 6, y: P.y(0) - 8, "text-anchor": "end" }), label("w_2", { x: P.x(0) + 8, y: 16 }));
    const from = Math.max(0, total - 30), parts = [];
    const leg = (k, cls, opacity) => {
      const [x1, y1] = at(states[k]), [x2, y2] = at(states[k + 1]), g = s("g", { class: cls, opacity });
      if (loops(states[k], states[k + 1])) g.append(s("circle", { class: "nn-arrow", cx: x1, cy: y1, r: 13, fill: "none" })); // only b moves
      else arrow(g)(x1, y1, x2 + (x1 - x2) * 0.03, y2 + (y1 - y2) * 0.03);
      parts.push(g);
    };
    for (let k = from; k < total; k++) leg(k, "", cycle ? 0.2 : (0.15 + (0.85 * (k + 1 - from)) / (total - from)).toFixed(2));
    if (cycle) {
      const end = run.updates.filter((u) => u.seen <= 4 * cycle.again).length;
      parts.push(s("path", { class: "nn-ring", d: `M${states.slice(end - cycle.updates, end).map((v) => at(v).join(" ")).join("L")}Z` }));
      for (let k = end - cycle.updates; k < end; k++) leg(k, "nn-cycle");
    }
    const [sx, sy] = at(first), tag = s("text", { class: "nn-tagged", x: sx + 12, y: sy + 22, text: "start" });
    way.replaceChildren(...parts, s("circle", { class: "nn-begin", cx: sx, cy: sy, r: 5 }), tag);
    place(here, ...at(states[total]));
    const { w } = states[total];
    set(P.svg, { "aria-label": `The path of the weights: ${many(total, "update")}, now at ${fmt(w[0] / UNIT)}, ${fmt(w[1] / UNIT)}`
      + (cycle ? `; a closed cycle of ${cycle.updates} updates.` : ".") });
  };
  return Object.assign(update, { off: P.off, onsize: P.onsize });
}

/** The state of the run in one or two sentences. */
function words({ target, now, state, shown, wrong, done, solved, round, cycle, y, seen }) {
  const { counts, open, total } = state, dim = (t) => ` <span class="nn-dim">${t}</span>`;
  if (solved) return `<b>Epoch ${counts.length} has no mistake:</b> one line separates ${target}, after ${many(total, "mistake")}.`;
  if (round) {
    return `<b>The weights were here before, ${many(cycle.updates, "update")} ago:</b> the rule goes round for ever.`
      + dim(done ? `${counts.length} epochs, and still mistakes.` : `Epoch ${counts.length + (open != null)}, ${many(total, "mistake")} so far.`);
  }
  if (!seen) return now.w.some(Boolean) ? `The first guess has ${wrong.length} of 4 points on the wrong side.`
    : `Both weights are 0: there is no line yet, and every point is called <b>${now.b > 0 ? 1 : 0}</b>.`
      + dim(now.b ? "" : "From here, α only scales the path.");
  if (open == null) return `Epoch ${counts.length} ends, with ${many(counts.at(-1), "mistake")}.` + dim(`${wrong.length} of 4 points lie on the wrong side now.`);
  const { i, guess } = shown;
  return `The point (${X[i].join(", ")}) has the target <b>${y[i]}</b>, but was called ${guess}. `
    + (i ? `The rule ${y[i] ? "adds α x to" : "takes α x off"} the weights.` : "Here x is 0: only b moves (a ring in the path).")
    + dim(`${wrong.length} of 4 points lie on the wrong side now.`);
}
export default { render };
