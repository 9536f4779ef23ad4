// rule.js: what chapters 2 and 4 share to show the perceptron rule at work: the plane cut in two, the points and
// the one that is corrected, the update term by term, the mistakes of each epoch, and a run at a readable pace.
import { h, s, set, fmt, paren, sym, label, arrow, place, glyph, lineOn, sized, put, calm } from "./base.js";

/** The cut of the plane by { w, b }: two tints, the line, the arrow of w (its direction), and the line before. */
export function cut(P) {
  const was = P.clip.appendChild(s("path", { class: "nn-was" }));
  const line = P.clip.appendChild(s("path", { class: "nn-boundary" })), wArrow = arrow(P.clip);
  const wName = P.clip.appendChild(s("g", { class: "nn-halo" }, label("w", {}))), out = new Float32Array(P.n * P.n);
  return ({ w: [w1, w2], b }, before, lut) => {
    const { R, n } = P, d = (2 * R) / n, ww = w1 * w1 + w2 * w2, un = Math.sqrt(ww) || 1;
    for (let i = 0, k = 0; i < n; i++) {
      let z = w1 * (d / 2 - R) + w2 * (R - d * (i + 0.5)) + b;
      // a step, softened over one cell so that its edge is smooth
      for (let j = 0; j < n; j++, z += w1 * d) {
        out[k++] = 0.5 + 0.3 * (ww ? Math.max(-1, Math.min(1, z / (un * d))) : z > 0 ? 1 : -1);
      }
    }
    P.paint(out, lut);
    set(line, { d: lineOn(P, [w1, w2], b) });
    set(was, { d: before ? lineOn(P, before.w, before.b) : "" });
    const x = (-b * w1) / (ww || 1), y = (-b * w2) / (ww || 1);
    const visibility = ww && Math.max(Math.abs(x), Math.abs(y)) < 0.95 * R ? null : "hidden";
    const px = P.x(x), py = P.y(y), ux = w1 / un, uy = -w2 / un;
    for (const part of wArrow(px, py, px + 44 * ux, py + 44 * uy, 12)) set(part, { visibility });
    place(set(wName, { visibility }), px + 58 * ux, py + 58 * uy + 5);
  };
}

/** The points: a dashed ring around each that lies on the wrong side, a solid one around the one just corrected. */
export function dots(P, r = 6) {
  const g = P.clip.appendChild(s("g"));
  return (X, y, wrong, now) => g.replaceChildren(...X.map((x, i) => place(s("g", {},
    ...(i === now ? [s("circle", { class: "nn-fix", r: r + 9 })] : []),
    ...(wrong.includes(i) ? [s("circle", { class: "nn-wrong", r: r + 4.5 })] : []), glyph(y[i], r)), P.x(x[0]), P.y(x[1]))));
}

/** w <- w + alpha (y - o) x, one row a weight, with the numbers of the last update. */
export function lines(parent) {
  const box = parent.appendChild(h("div", { class: "nn-rule", role: "group", "aria-label": "The update, term by term" }));
  const rows = [["w_1", " x_1"], ["w_2", " x_2"], ["b", ""]].map(([w, x]) => {
    const n = h("span", { class: "n" }), to = h("b");
    box.append(h("div", {}, h("span", { class: "f", html: sym(`${w} ← ${w} + α (y − o)${x}`) }), n, to));
    return { n, to };
  });
  return (now, last, alpha, X, y) => rows.forEach(({ n, to }, j) => {
    const of = ({ w, b }) => (j < 2 ? w[j] : b);
    set(to, { text: fmt(of(now)) });
    set(n, { text: last ? `${fmt(of(last.from))} + ${fmt(alpha)} · (${y[last.i]} − ${last.guess})`
      + (j < 2 ? ` · ${paren(X[last.i][j])}` : "") + " =" : "" });
  });
}

/** The mistakes of each epoch as bars; the epoch that is under way is an open bar. */
export function bars(parent, title = "Mistakes in each epoch") {
  const svg = s("svg", { role: "img" }), box = h("div", { class: "nn-bars" }, h("p", { text: title }), svg);
  parent.append(box);
  let W = 0, H = 0, last = [];
  const draw = (counts, open) => {
    last = [counts, open];
    const all = open == null ? counts : [...counts, open], n = Math.max(all.length, 8), top = Math.max(3, ...all);
    const step = (W - 20) / n, wide = Math.min(28, step * 0.72), Y = (v) => H - 20 - ((H - 38) * v) / top;
    const X = (e) => 20 + step * (e + 0.5), every = [1, 2, 5, 10, 20].find((k) => k * step >= 26) || 50;
    const text = (x, y, t, cls = "") => s("text", { x, y, class: cls, text: String(t) });
    set(svg, { width: W, height: H, viewBox: `0 0 ${W} ${H}`, "aria-label": `${title}: ${all.join(", ") || "none yet"}.` });
    svg.replaceChildren(s("path", { class: "axis", d: `M20 8V${Y(0)}H${W}` }), text(12, Y(0) + 4, 0), text(12, Y(top) + 4, top),
      ...all.flatMap((v, e) => [
        s("rect", { x: X(e) - wide / 2, width: wide, y: Y(v), height: Math.max(0.01, Y(0) - Y(v)),
          class: e < counts.length ? "full" : "open" }),
        step > 19 ? text(X(e), Y(v) - 5, v, "v") : "",
        (e + 1) % every ? "" : text(X(e), H - 4, e + 1)]));
  };
  const off = sized(box, (w) => { W = w; H = svg.clientHeight || 120; draw(...(last.length ? last : [[], null])); });
  return { draw, off };
}

/** "3 mistakes", "1 mistake". */
export const many = (n, thing) => `${n} ${thing}${n === 1 ? "" : "s"}`;

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
    if (k) epoch(k); else mistake();
    if (more()) timer = setTimeout(play, 350); else stop();
  };
  const toggle = () => {
    if (timer) return stop();
    if (!more()) return;
    if (calm()) return go(end());
    tick = 0; play(); show();
  };
  const by = (f) => () => { const ready = more(); stop(); if (ready) f(); };
  const text = (t, f, cls = "") => h("button", { type: "button", class: `nn-btn ${cls}`, text: t, onclick: f });
  const next = text("Next mistake", by(mistake), "go"), one = text("One epoch", by(() => epoch())), all = text(verb, toggle);
  function show() {
    set(all, { text: timer ? "Pause" : verb });
    for (const b of [next, one, all]) set(b, { "aria-disabled": more() ? null : "true" });
  }
  return { buttons: [next, one, all], show, stop };
}
