// rule.js: what chapters 2 and 4 share to show the perceptron rule at work: the plane cut in two, the points and
// the one that is corrected, the update term by term, the mistakes of each epoch, and a run at a readable pace.
import { h, s, set, fmt, paren, sym, label, arrow, place, glyph, lineOn, sized, put, calm, button } from "./base.js";

/** "3 mistakes", "1 mistake". */
export const many = (n, thing) => `${n} ${thing}${n === 1 ? "" : "s"}`;
export const dim = (text) => ` <span class="nn-dim">${text}</span>`;

/** The answer 0 or 1 on the n x n cells of a plane, softened over one cell so that the edge is smooth. */
function halves({ R, n }, w1, w2, b, out) {
  const d = (2 * R) / n, soft = Math.hypot(w1, w2) * d;
  for (let i = 0, k = 0; i < n; i++) {
    let z = w1 * (d / 2 - R) + w2 * (R - d * (i + 0.5)) + b;
    for (let j = 0; j < n; j++, z += w1 * d) {
      out[k++] = 0.5 + 0.3 * (soft ? Math.max(-1, Math.min(1, z / soft)) : z > 0 ? 1 : -1);
    }
  }
  return out;
}
/** The cut of the plane by { w, b }: two tints, the line, the arrow of w (its direction), and the line before. */
export function cut(P) {
  const was = P.clip.appendChild(s("path", { class: "nn-was" }));
  const line = P.clip.appendChild(s("path", { class: "nn-boundary" })), wArrow = arrow(P.clip);
  const wName = P.clip.appendChild(s("g", { class: "nn-halo" }, label("w", {}))), out = new Float32Array(P.n * P.n);
  return ({ w: [w1, w2], b }, before, lut) => {
    P.paint(halves(P, w1, w2, b, out), lut);
    set(line, { d: lineOn(P, [w1, w2], b) });
    set(was, { d: before ? lineOn(P, before.w, before.b) : "" });
    const ww = w1 * w1 + w2 * w2 || 1, un = Math.sqrt(ww), x = (-b * w1) / ww, y = (-b * w2) / ww;
    const seen = (w1 || w2) && Math.max(Math.abs(x), Math.abs(y)) < 0.95 * P.R, visibility = seen ? null : "hidden";
    const px = P.x(x), py = P.y(y), ux = w1 / un, uy = -w2 / un;
    for (const part of wArrow(px, py, px + 44 * ux, py + 44 * uy, 12)) set(part, { visibility });
    place(set(wName, { visibility }), px + 58 * ux, py + 58 * uy + 5);
  };
}

/** The points: a dashed ring around each that lies on the wrong side, a solid one around the one just corrected. */
export function dots(P, r = 6) {
  const g = P.clip.appendChild(s("g")), ring = (cls, radius) => s("circle", { class: cls, r: radius });
  return (X, y, wrong, now) => g.replaceChildren(...X.map((x, i) => {
    const point = s("g", {}, glyph(y[i], r));
    if (wrong.includes(i)) point.prepend(ring("nn-wrong", r + 4.5));
    if (i === now) point.prepend(ring("nn-fix", r + 9));
    return place(point, P.x(x[0]), P.y(x[1]));
  }));
}

/** Before the first sample: the correction that comes first, so that the rate shows what it does. */
export const upcoming = (run, seen) => (seen ? null : run.updates[0] ?? null);
/** Weights before any correction, in words. */
export const untaught = ({ w, b }) =>
  `Nothing is learned yet: ${sym("w")} = (${w.map((v) => fmt(v)).join(", ")}), ${sym("b")} = ${fmt(b)}.`;
/** That correction in words; `name` says which point. */
export const foretell = (next, alpha, y, name) => (next
  ? dim(`The first correction ${y[next.i] ? "adds" : "takes away"} ${fmt(alpha)} times ${name}.`) : "");

/** w <- w + alpha (y - o) x, one row a weight, with the numbers of the last update, or of the one that comes first. */
export function lines(parent) {
  const box = h("div", { class: "nn-rule", role: "group", "aria-label": "The update, term by term" });
  const rows = [["w_1", " x_1"], ["w_2", " x_2"], ["b", ""]].map(([w, x]) => {
    const n = h("span", { class: "n" }), to = h("b");
    box.append(h("div", {}, h("span", { class: "f", html: sym(`${w} ← ${w} + α (y − o)${x}`) }), n, to));
    return { n, to };
  });
  parent.append(box);
  return (now, last, alpha, X, y, next) => rows.forEach(({ n, to }, j) => {
    const of = ({ w, b }) => (j < 2 ? w[j] : b), u = last ?? next, x = u && j < 2 ? ` · ${paren(X[u.i][j])}` : "";
    const sum = u ? `${fmt(of(u.from))} + ${fmt(alpha)} · (${y[u.i]} − ${u.guess})${x} =` : "";
    set(to, { text: fmt(of(now)) });
    set(n, { text: last || !u ? sum : `first: ${sum} ${fmt(of(u.to))}` });
  });
}

/** The mistakes of each epoch as bars; the epoch that is under way is an open bar. */
export function bars(parent, title = "Mistakes in each epoch") {
  const svg = s("svg", { role: "img" }), box = h("div", { class: "nn-bars" }, h("p", { text: title }), svg);
  parent.append(box);
  let W = 0, H = 0, last = [[], null];
  const draw = (counts, open) => {
    last = [counts, open];
    const all = open == null ? counts : [...counts, open];
    const spoken = `${title}: ${all.join(", ") || "none yet"}.`;
    set(svg, { width: W, height: H, viewBox: `0 0 ${W} ${H}`, "aria-label": spoken });
    svg.replaceChildren(...barsOf(all, counts.length, W, H));
  };
  const off = sized(box, (w) => { W = w; H = svg.clientHeight || 120; draw(...last); });
  return { draw, off };
}
function barsOf(all, whole, W, H) {
  const step = (W - 20) / Math.max(all.length, 8), wide = Math.min(28, step * 0.72), top = Math.max(3, ...all);
  const X = (e) => 20 + step * (e + 0.5), Y = (v) => H - 20 - ((H - 38) * v) / top;
  const every = [1, 2, 5, 10, 20].find((k) => k * step >= 26) || 50; // epochs between two numbers on the axis
  const text = (x, y, t, cls = "") => s("text", { x, y, class: cls, text: String(t) });
  const axis = s("path", { class: "axis", d: `M20 8V${Y(0)}H${W}` });
  const marks = [axis, text(12, Y(0) + 4, 0), text(12, Y(top) + 4, top)];
  all.forEach((v, e) => {
    marks.push(s("rect", { x: X(e) - wide / 2, width: wide, y: Y(v), height: Math.max(0.01, Y(0) - Y(v)),
      class: e < whole ? "full" : "open" }));
    if (step > 19) marks.push(text(X(e), Y(v) - 5, v, "v"));
    if ((e + 1) % every === 0) marks.push(text(Math.min(X(e), W - 12), H - 4, e + 1));
  });
  return marks;
}

/**
 * The buttons that step a run: to the next mistake, to the end of the epoch, to the end. `run` gives the training,
 * `size` the samples an epoch, `end` where a reader who wants no motion is taken. At most three pictures a second:
 * a plane that flips faster would flash. `hurry(tick)` says how many epochs a tick may skip (0: one mistake).
 */
export function stepper(model, { run, size, end, hurry, verb = "Run to the end" }) {
  let timer = 0, tick = 0;
  const seen = () => model.get("seen"), go = (to) => put(model, { seen: Math.min(to, run().seen) });
  const mistake = () => go(run().updates.find((u) => u.seen > seen())?.seen ?? run().seen);
  const epoch = (k = 1) => go((Math.floor(seen() / size()) + k) * size());
  const more = () => size() > 0 && seen() < run().seen;
  const stop = () => { clearTimeout(timer); timer = 0; show(); };
  const play = () => {
    const k = hurry(tick++);
    if (k) epoch(k);
    else mistake();
    if (more()) timer = setTimeout(play, 350);
    else stop();
  };
  const toggle = () => {
    if (timer) return stop();
    if (!more()) return;
    if (calm()) return go(end());
    tick = 0;
    play();
    show();
  };
  const by = (f) => () => { const ready = more(); stop(); if (ready) f(); };
  const key = (text, onclick, cls = "") => h("button", { type: "button", class: `nn-btn ${cls}`, text, onclick });
  const next = key("Next mistake", by(mistake), "go"), one = key("One epoch", by(() => epoch()));
  const all = key(verb, toggle);
  function show() { // a button at rest keeps the focus: aria-disabled, not disabled
    set(all, { text: timer ? "Pause" : verb });
    for (const b of [next, one, all]) set(b, { "aria-disabled": more() ? null : "true" });
  }
  return { buttons: [next, one, all], show, stop };
}

/**
 * The buttons of a race over `steps`: each of `jumps` is [text, steps], and "Run" makes one step after the other until
 * `last()`, with `pause()` milliseconds between them; who asks for less motion is taken to the end.
 */
export function pacer(model, last, pause, jumps = [["Step", 1]]) {
  let timer = 0;
  const more = () => model.get("steps") < last();
  const go = (k) => put(model, { steps: Math.min(model.get("steps") + k, last()) });
  const stop = () => { clearTimeout(timer); timer = 0; show(); };
  const tick = () => {
    go(1);
    if (more()) timer = setTimeout(tick, pause());
    else stop();
  };
  const toggle = () => {
    if (timer) return stop();
    if (!more()) return;
    if (calm()) return go(last());
    tick();
    show();
  };
  const leap = ([text, k], i) => button(text, () => { stop(); if (more()) go(k); }, i ? "" : "go");
  const run = button("Run", toggle), buttons = [...jumps.map(leap), run];
  function show() { // a button at rest keeps the focus: aria-disabled, not disabled
    set(run, { text: timer ? "Pause" : "Run" });
    for (const b of buttons) set(b, { "aria-disabled": more() ? null : "true" });
  }
  return { buttons, show, stop };
}
