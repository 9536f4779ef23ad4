// perceptron.js: chapter 2. Draw two classes, and step the perceptron rule from mistake to mistake.
// The training is a function of points, rate and first weights; `seen` says how far along it we stand.
import { h, set, fmt, put, watch, painter, tint, plane, button, choice, readout } from "./base.js";
import { mistakes, affine, perceptronRun, perceptronAt } from "./math.js";
import { cut, dots, lines, bars, stepper, upcoming, foretell, untaught, many, dim } from "./rule.js";

const SETTINGS = ["alpha", "start_w1", "start_w2", "start_b", "points", "labels"];
const COUNTS = ["Epoch", "Mistakes this epoch", "Mistakes in all", "On their own side"];
const MOVES = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
const BRUSHES = [["1", "adds orange"], ["0", "adds blue"], ["erase", "erases"]];
const round = (v) => Math.round(Math.max(-3, Math.min(3, v)) * 10) / 10 || 0;
const colour = (c) => (c ? "orange" : "blue");

/** The points as the reader's drawing: added, erased, taken back. A spot holds one point, the later one. */
function drawing(model, tell) {
  const past = [], get = (k) => model.get(k);
  const change = (points, labels) => {
    past.push({ points: get("points"), labels: get("labels") });
    put(model, { points, labels });
  };
  const D = {
    past,
    size: () => Math.min(get("points").length, get("labels").length), // Python may have set one of the two
    X: () => get("points").slice(0, D.size()),
    y: () => get("labels").slice(0, D.size()),
    near(p, within) { // the closest point's index, or -1
      const far = D.X().map((x) => Math.hypot(x[0] - p[0], x[1] - p[1])), least = Math.min(...far);
      return least <= within ? far.indexOf(least) : -1;
    },
    erase(p, within) {
      const i = D.near(p, within), rest = (list) => list.filter((_, k) => k !== i);
      if (i >= 0) change(rest(D.X()), rest(D.y()));
      tell(i < 0 ? "No point here." : "Point removed.");
    },
    add(p, c) {
      const i = D.near(p, 0.04);
      if (i >= 0 && D.y()[i] === c) return tell("This point is there already.");
      change(i < 0 ? [...D.X(), p] : D.X(), i < 0 ? [...D.y(), c] : D.y().map((v, k) => (k === i ? c : v)));
      tell(c ? "Orange point added." : "Blue point added.");
    },
    clear: () => D.size() && change([], []),
    undo: () => past.length && put(model, past.pop()),
  };
  return D;
}

/** Taps on the plane, and the same by keyboard: a cursor that arrows move, Enter marks, Delete erases. */
function pencil(P, D, tell, paint) {
  let brush = "1", at = [0, 0];
  const b = h("button", { type: "button", class: "nn-handle nn-cursor", "aria-roledescription": "cursor" });
  const mark = (p, within) => {
    if (brush === "erase") D.erase(p, within);
    else D.add(p.map(round), +brush);
    at = p.map(round);
    paint();
  };
  const spot = () => {
    const i = D.near(at, 0.15), on = i < 0 ? "" : `, on ${D.y()[i] ? "an orange" : "a blue"} point`;
    return `x1 = ${fmt(at[0])}, x2 = ${fmt(at[1])}${on}`;
  };
  const onkeydown = (e) => {
    const move = MOVES[e.key], k = e.shiftKey ? 5 : 1;
    if (move) { at = at.map((v, i) => round(v + k * move[i])); tell(spot()); }
    else if (e.key === "Delete" || e.key === "Backspace") D.erase(at, 0.3);
    else return;
    e.preventDefault();
    paint();
  };
  P.box.append(set(b, { onkeydown, onclick: () => mark(at, 0.3) }));
  set(P.svg, { onclick: (e) => mark(P.data(e), (22 / P.size) * 6) }); // 22 pixels, a finger's width
  const pick = choice("A tap", BRUSHES, brush, (v) => { brush = v; paint(); });
  pick.el.classList.add("nn-brush");
  const update = () => {
    const enter = brush === "erase" ? "removes the point" : `adds ${colour(+brush)}`;
    b.style.transform = `translate(${P.x(at[0])}px,${P.y(at[1])}px)`;
    set(b, { "aria-label": `Cursor at ${spot()}. Arrow keys move it, Enter ${enter}, Delete removes.` });
  };
  return { el: pick.el, update };
}

/** The four counts beside the plane. */
function counters(parent) {
  const cells = COUNTS.map(() => h("dd"));
  const rows = COUNTS.map((text, i) => h("div", {}, h("dt", { text }), cells[i]));
  parent.append(h("dl", { class: "nn-counts" }, ...rows));
  return (values) => values.forEach((v, i) => set(cells[i], { text: String(v) }));
}

function render({ model, el }) {
  const get = (k) => model.get(k), root = h("div", { class: "nn nn-perceptron" });
  const flow = root.appendChild(h("div", { class: "nn-flow" }));
  const left = h("div"), right = h("div", { class: "nn-side" });
  flow.append(h("div", { class: "nn-duo" }, left, right));
  el.append(root);
  const P = plane(left, { R: 3, name: "The plane of points" }), split = cut(P), marks = dots(P);
  const count = counters(right), chart = bars(right), rows = lines(flow), say = readout(flow);
  const heard = flow.appendChild(h("p", { class: "nn-hear", role: "status" }));
  const tell = (text) => { heard.textContent = text; };

  let run = null, lut;
  const D = drawing(model, tell), first = () => ({ w: [get("start_w1"), get("start_w2")], b: get("start_b") });
  const training = () => (run ||= perceptronRun(first(), D.X(), D.y(), get("alpha")));
  const draw = () => {
    if (!lut || !P.size) return;
    const n = D.size(), X = D.X(), y = D.y(), state = perceptronAt(training(), first(), n, get("seen"));
    const { now, last, open, counts, total } = state, wrong = mistakes(now, X, y);
    const done = n > 0 && get("seen") >= run.seen;
    const shown = done && run.converged ? null : last, ones = y.filter(Boolean).length;
    split(now, shown?.from, lut);
    marks(X, y, wrong, shown?.i);
    const next = upcoming(run, get("seen")), ahead = foretell(next, get("alpha"), y, next && `point ${next.i + 1}`);
    rows(now, shown, get("alpha"), X, y, next);
    chart.draw(counts, open);
    const epoch = n ? counts.length + (open != null || !get("seen")) : 0;
    count([epoch, open ?? counts.at(-1) ?? 0, total, `${n - wrong.length} of ${n}`]);
    set(P.svg, { "aria-label": `${many(ones, "orange point")} and ${many(n - ones, "blue point")}; weights `
      + `${now.w.map((v) => fmt(v)).join(" and ")}, bias ${fmt(now.b)}; ${wrong.length} on the wrong side.` });
    hand.update();
    set(undo, { "aria-disabled": D.past.length ? null : "true" });
    steps.show();
    say(words({ n, ones, wrong, state, shown, done, run, seen: get("seen"), X, y, ahead }));
  };
  const paint = painter(root, draw), hand = pencil(P, D, tell, paint), undo = button("Undo", D.undo);
  const steps = stepper(model, { run: training, size: D.size, end: () => training().seen,
    hurry: (tick) => (tick < 8 ? 0 : 1 + Math.floor((tick - 8) / 4)) });
  const resetWeights = () => { steps.stop(); put(model, { seen: 0 }); };
  const reset = () => { D.past.length = 0; steps.stop(); put(model, get("start")); };
  flow.append(
    h("div", { class: "nn-tools nn-steps" },
      h("div", { class: "nn-btns" }, ...steps.buttons, button("Reset weights", resetWeights))),
    h("div", { class: "nn-tools" }, hand.el,
      h("div", { class: "nn-btns" }, undo, button("Clear", D.clear), button("Reset", reset))));

  const retrain = () => { run = null; steps.stop(); if (get("seen")) put(model, { seen: 0 }); paint(); };
  P.onsize(paint);
  const offs = [tint(root, (l) => { lut = l; paint(); }), P.off, chart.off, steps.stop,
    watch(model, ["seen"], paint), watch(model, SETTINGS, retrain)];
  return () => offs.forEach((off) => off());
}

/** The state of the run in one or two sentences. */
function words({ n, ones, wrong, state, shown, done, run, seen, X, y, ahead }) {
  const { now, counts, open, total } = state;
  if (!n) return "The plane is empty. Tap it to draw points of both classes.";
  if (done && run.converged) {
    return `<b>Epoch ${counts.length} has no mistake:</b> the line has every point on its own side, after `
      + `${many(total, "mistake")}.${ones % n ? "" : dim(`All points are ${colour(ones)}. Draw the other class too.`)}`;
  }
  if (done) {
    return `<b>${counts.length} epochs and still mistakes: no line found.</b>`
      + dim("The rule would go on. It does not settle for the line with the fewest mistakes.");
  }
  const left = dim(`${wrong.length} of ${many(n, "point")} on the wrong side.`);
  if (!seen) {
    return (now.w.some(Boolean) ? untaught(now) + left
      : `Both weights are 0: there is no line yet, and every point is called <b>${colour(now.b > 0)}</b>.`) + ahead;
  }
  if (open == null) return `Epoch ${counts.length} ends, with ${many(counts.at(-1), "mistake")}.${left}`;
  if (!shown) return `No mistake so far in epoch 1.${left}`;
  const { i, guess, from } = shown, z = affine(from.w, X[i], from.b), after = affine(now.w, X[i], now.b);
  return `Point ${i + 1} is <b>${colour(y[i])}</b>, but its sum was ${fmt(z)}, so it was called ${colour(guess)}. `
    + `The update ${y[i] ? "raises" : "lowers"} its sum to ${fmt(after)}: `
    + (wrong.includes(i) ? "not enough yet." : "now it is right.");
}
export default { render };
