// perceptron.js: chapter 2. Draw two classes, and step the perceptron rule from mistake to mistake.
// The training is a function of points, rate and first weights; `seen` says how far along it we stand.
import { h, set, fmt, put, watch, painter, tint, plane, button, choice, readout } from "./base.js";
import { mistakes, affine, perceptronRun, perceptronAt } from "./math.js";
import { cut, dots, lines, bars, stepper, many } from "./rule.js";

const SETTINGS = ["alpha", "start_w1", "start_w2", "start_b", "points", "labels"];
const MOVES = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
const round = (v) => Math.round(Math.max(-3, Math.min(3, v)) * 10) / 10 || 0;
const colour = (c) => (c ? "<b>orange</b>" : "<b>blue</b>");

function render({ model, el }) {
  const get = (k) => model.get(k), root = h("div", { class: "nn nn-perceptron" });
  const flow = root.appendChild(h("div", { class: "nn-flow" })), left = h("div"), right = h("div", { class: "nn-side" });
  flow.append(h("div", { class: "nn-duo" }, left, right));
  el.append(root);

  const P = plane(left, { R: 3, name: "The plane of points" }), split = cut(P), marks = dots(P);
  const cells = ["Epoch", "Mistakes this epoch", "Mistakes in all", "On their own side"].map((t) => {
    const dd = h("dd");
    return [h("div", {}, h("dt", { text: t }), dd), dd];
  });
  right.append(h("dl", { class: "nn-counts" }, ...cells.map(([c]) => c)));
  const chart = bars(right), rows = lines(flow), say = readout(flow);

  // the training, and where it stands
  let run = null, lut;
  const first = () => ({ w: [get("start_w1"), get("start_w2")], b: get("start_b") });
  const size = () => Math.min(get("points").length, get("labels").length);
  const X = () => get("points").slice(0, size()), y = () => get("labels").slice(0, size());
  const training = () => (run ||= perceptronRun(first(), X(), y(), get("alpha")));
  const steps = stepper(model, { run: training, size, end: () => training().seen,
    hurry: (tick) => (tick < 8 ? 0 : 1 + Math.floor((tick - 8) / 4)) });

  // drawing points
  const past = [];
  let brush = "1", at = [0, 0];
  const change = (points, labels) => {
    past.push([get("points"), get("labels")]);
    put(model, { points, labels });
  };
  const near = (p, within) => X().map((x, i) => [Math.hypot(x[0] - p[0], x[1] - p[1]), i])
    .filter(([d]) => d <= within).sort((a, b) => a[0] - b[0])[0]?.[1] ?? -1;
  const erase = (p, within) => {
    const i = near(p, within), rest = (list) => list.filter((_, k) => k !== i);
    if (i >= 0) change(rest(X()), rest(y()));
    tell(i >= 0 ? "Point removed." : "No point here.");
  };
  const add = (p) => {
    const i = near(p, 0.04), c = +brush; // two points on one spot: the later one stays
    if (i >= 0 && y()[i] === c) return tell("This point is there already.");
    change(i < 0 ? [...X(), p] : X(), i < 0 ? [...y(), c] : y().map((v, k) => (k === i ? c : v)));
    tell(`${c ? "Orange" : "Blue"} point added.`);
  };
  const mark = (p, within) => (brush === "erase" ? erase(p, within) : add(p.map(round)));
  set(P.svg, { onclick: (e) => { at = P.data(e).map(round); mark(P.data(e), (22 / P.size) * 6); paint(); } });

  // the same by keyboard
  const cursor = P.box.appendChild(h("button", { type: "button", class: "nn-handle nn-cursor", "aria-roledescription": "cursor" }));
  const heard = flow.appendChild(h("p", { class: "nn-hear", role: "status" }));
  const tell = (text) => { heard.textContent = text; };
  const spot = () => {
    const i = near(at, 0.15);
    return `x1 = ${fmt(at[0])}, x2 = ${fmt(at[1])}` + (i < 0 ? "" : `, on ${y()[i] ? "an orange" : "a blue"} point`);
  };
  set(cursor, { onclick: () => { mark(at, 0.3); paint(); }, onkeydown: (e) => {
    const move = MOVES[e.key], k = e.shiftKey ? 5 : 1;
    if (move) { at = at.map((v, i) => round(v + k * move[i])); tell(spot()); }
    else if (e.key === "Delete" || e.key === "Backspace") erase(at, 0.3);
    else return;
    e.preventDefault();
    paint();
  } });

  const pick = choice("A tap", [["1", "adds orange"], ["0", "adds blue"], ["erase", "erases"]], brush, (v) => { brush = v; paint(); });
  pick.el.classList.add("nn-brush");
  const undo = button("Undo", () => { if (past.length) { const [points, labels] = past.pop(); put(model, { points, labels }); } });
  flow.append(
    h("div", { class: "nn-tools nn-steps" }, h("div", { class: "nn-btns" }, ...steps.buttons,
      button("Reset weights", () => { steps.stop(); put(model, { seen: 0 }); }))),
    h("div", { class: "nn-tools" }, pick.el, h("div", { class: "nn-btns" }, undo,
      button("Clear", () => size() && change([], [])),
      button("Reset", () => { past.length = 0; steps.stop(); put(model, get("start")); }))));

  const draw = () => {
    if (!lut || !P.size) return;
    const n = size(), state = perceptronAt(training(), first(), n, get("seen")), { now, last, open } = state;
    const wrong = mistakes(now, X(), y()), done = n > 0 && get("seen") >= run.seen;
    const shown = done && run.converged ? null : last;
    split(now, shown?.from, lut);
    marks(X(), y(), wrong, shown?.i);
    rows(now, shown, get("alpha"), X(), y());
    chart.draw(state.counts, open);
    const epoch = state.counts.length + (open != null || !get("seen"));
    [String(n ? epoch : 0), String(open ?? state.counts.at(-1) ?? 0), String(state.total), `${n - wrong.length} of ${n}`]
      .forEach((text, i) => set(cells[i][1], { text }));
    const [w1, w2] = now.w, ones = y().filter(Boolean).length;
    set(P.svg, { "aria-label": `${many(ones, "orange point")} and ${many(n - ones, "blue point")}; weights ${fmt(w1)} and `
      + `${fmt(w2)}, bias ${fmt(now.b)}; ${many(wrong.length, "point")} on the wrong side.` });
    cursor.style.transform = `translate(${P.x(at[0])}px,${P.y(at[1])}px)`;
    set(cursor, { "aria-label": `Cursor at ${spot()}. Arrow keys move it, Enter ${brush === "erase" ? "removes the point"
      : `adds ${+brush ? "orange" : "blue"}`}, Delete removes.` });
    set(undo, { "aria-disabled": past.length ? null : "true" });
    steps.show();
    say(words({ n, ones, wrong, state, shown, done, run, seen: get("seen"), X: X(), y: y() }));
  };
  const paint = painter(root, draw);
  const retrain = () => { run = null; steps.stop(); if (get("seen")) put(model, { seen: 0 }); paint(); };
  const offs = [tint(root, (l) => { lut = l; paint(); }), P.off, chart.off, steps.stop, watch(model, ["seen"], paint),
    watch(model, SETTINGS, retrain)];
  P.onsize(paint);
  return () => offs.forEach((off) => off());
}

/** The state of the run in one or two sentences. */
function words({ n, ones, wrong, state, shown, done, run, seen, X, y }) {
  const { now, counts, open, total } = state, dim = (t) => ` <span class="nn-dim">${t}</span>`;
  if (!n) return "The plane is empty. Tap it to draw points of both classes.";
  if (done && run.converged) {
    return `<b>Epoch ${counts.length} has no mistake:</b> the line has every point on its own side, after ${many(total, "mistake")}.`
      + (ones % n ? "" : dim(`But all points are ${ones ? "orange" : "blue"}. Draw the other class too.`));
  }
  if (done) {
    return `<b>${counts.length} epochs and still mistakes: no line found.</b>`
      + dim("The rule would go on. It never settles for the best wrong line.");
  }
  if (!seen) {
    return now.w.some(Boolean) ? `The first guess has ${wrong.length} of ${many(n, "point")} on the wrong side.`
      : `Both weights are 0: there is no line yet, and every point is called ${colour(now.b > 0)}.`;
  }
  if (open == null) return `Epoch ${counts.length} ends, with ${many(counts.at(-1), "mistake")}.` + dim(`${wrong.length} of ${n} points lie on the wrong side now.`);
  const { i, guess, from } = shown, z = affine(from.w, X[i], from.b), after = affine(now.w, X[i], now.b);
  return `Point ${i + 1} is ${colour(y[i])}, but its sum was ${fmt(z)}, so it was called ${guess ? "orange" : "blue"}. `
    + `The update ${y[i] ? "raises" : "lowers"} its sum to ${fmt(after)}`
    + (wrong.includes(i) ? ": not enough yet." : ": now it is right.");
}
export default { render };
