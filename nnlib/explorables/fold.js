// fold.js: chapter 6. A hidden layer of two neurons folds the plane: left the inputs, right where they are carried.
import {
  h, s, set, put, watch, fmt, label, painter, tint, plane, glyph, place, lineOn, button, choice, readout,
} from "./base.js";
import { affine, leakyRelu, foldPoint, foldOutput, foldPath, foldBoundary } from "./math.js";

const CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]], NAMES = CORNERS.map((x) => `(${x.join(", ")})`);
const TABLES = { XOR: [0, 1, 1, 0], AND: [0, 0, 0, 1], OR: [0, 1, 1, 1], NAND: [1, 1, 1, 0], XNOR: [1, 0, 0, 1] };
const KEYS = ["W11", "W12", "c1", "W21", "W22", "c2", "w1", "w2", "fold", "target"];
const BOOK = { W11: 1, W12: 1, c1: 0, W21: 1, W22: 1, c2: -1, w1: 1, w2: -2, fold: 1, target: "XOR" };
const LOW = -0.5, TOP = 1.5; // the square of inputs that is shown
const MIDDLE = [0.5, 0.5];

/** Everything that the picture needs, read from the model once a frame. */
function read(model) {
  const [a, b, c, d, e, f, g, k, fold, target] = KEYS.map((key) => model.get(key));
  const net = { W: [[a, b], [d, e]], c: [c, f], w: [g, k], fold }, wanted = TABLES[target];
  const hidden = CORNERS.map((x) => foldPoint(net, x)), y = CORNERS.map((x) => foldOutput(net, x));
  const wrong = y.flatMap((v, i) => (+(v > 0.5) === wanted[i] ? [] : [i]));
  return { net, wanted, hidden, y, wrong, target };
}

// ---- drawing -------------------------------------------------------------------------------------------------

const path = (P, cls) => P.clip.appendChild(s("path", { class: cls }));
const trace = (points, X, Y) => "M" + points.map(([a, b]) => `${X(a).toFixed(1)} ${Y(b).toFixed(1)}`).join("L");
/** The grid of the input plane as straight ways, and the sides of the square between the corners. */
const GRID = Array.from({ length: 9 }, (_, i) => LOW + i / 4)
  .flatMap((v) => [[[v, LOW], [v, TOP]], [[LOW, v], [TOP, v]]]);
const SQUARE = [[0, 1], [1, 3], [3, 2], [2, 0]].map((ends) => ends.map((i) => CORNERS[i]));

/** The four points: a dashed ring around each whose answer is wrong; where two share a place, both are seen. */
function corners(P) {
  const g = P.clip.appendChild(s("g"));
  return (at, { wanted, wrong }) => {
    const r = P.size < 240 ? 6.5 : 8.5, mark = (i) => {
      const point = s("g", {}, glyph(wanted[i], wanted[i] ? 0.85 * r : 1.15 * r));
      if (wrong.includes(i)) point.prepend(s("circle", { class: "nn-off", r: r + 5 }));
      return place(point, ...at[i]);
    };
    g.replaceChildren(...[0, 1, 2, 3].sort((i, j) => wanted[i] - wanted[j]).map(mark));
  };
}
/** A few lines of text in the picture, with a halo. */
const note = (lines, x, y, anchor) => s("g", { class: "nn-note", "text-anchor": anchor },
  ...lines.map((text, i) => s("text", { x, y: y + 16 * i, text })));

/** Left: the inputs, with their grid, the two creases, the tint of y, and the boundary. */
function inputPlane(parent) {
  const P = plane(parent, { R: 1, n: 96, ticks: false, name: "Input space" });
  const X = (v) => P.x(v - 0.5), Y = (v) => P.y(v - 0.5), out = new Float32Array(P.n * P.n);
  const axes = P.svg.insertBefore(s("g", { class: "nn-axes" }), P.clip);
  const mesh = path(P, "nn-mesh"), square = path(P, "nn-square"), creases = [0, 1].map(() => path(P, "nn-crease"));
  const names = P.clip.appendChild(s("g", { class: "nn-crease-names" }));
  const line = path(P, "nn-boundary"), points = corners(P), notes = P.clip.appendChild(s("g"));
  P.draw = (v, lut) => {
    const { net, y } = v, { W, c } = net, small = P.size < 240;
    P.paint(fill(P, net, out), lut);
    axes.replaceChildren(label("x_1", { x: X(0.62), y: P.size - 8, "text-anchor": "middle" }),
      label("x_2", { x: 5, y: Y(0.68) + 5 }));
    set(mesh, { d: GRID.map((way) => trace(way, X, Y)).join("") });
    set(square, { d: SQUARE.map((way) => trace(way, X, Y)).join("") });
    creases.forEach((crease, j) => set(crease, { d: lineOn(P, W[j], affine(W[j], MIDDLE, c[j])) }));
    names.replaceChildren(...W.flatMap((row, j) => creaseName(P, row, affine(row, MIDDLE, c[j]), j)));
    set(line, { d: foldBoundary(net, LOW, TOP).map((piece) => trace(piece, X, Y)).join("") });
    points(CORNERS.map(([a, b]) => [X(a), Y(b)]), v);
    notes.replaceChildren(...CORNERS.map(([a, b], i) => (small
      ? note([NAMES[i]], X(a), Y(b) + (b ? -15 : 25), "middle")
      : note([NAMES[i], `y ${fmt(y[i])}`], X(a), Y(b) + (b ? -32 : 30), "middle"))));
    set(P.svg, { "aria-label": `Input space, the four corners: ${v.wrong.length} on the wrong side of the boundary.` });
  };
  return P;
}
/** The outputs on the n x n cells of the input square. */
function fill({ n }, { W: [[a, b], [d, e]], c: [c1, c2], w: [w1, w2], fold }, out) {
  const step = (TOP - LOW) / n, slope = 1 - fold;
  for (let i = 0, k = 0; i < n; i++) {
    const x2 = TOP - step * (i + 0.5);
    for (let j = 0; j < n; j++) {
      const x1 = LOW + step * (j + 0.5);
      out[k++] = w1 * leakyRelu(a * x1 + b * x2 + c1, slope) + w2 * leakyRelu(d * x1 + e * x2 + c2, slope);
    }
  }
  return out;
}
/** The name of a crease, on the side where its neuron is on; `b` is the sum in the middle of the picture. */
function creaseName(P, [w1, w2], b, j) {
  const ww = w1 * w1 + w2 * w2, u = Math.sqrt(ww) || 1, x = (-b * w1) / ww, y = (-b * w2) / ww;
  const along = 0.4 * (j ? 1 : -1), at = [x - (along * w2) / u, y + (along * w1) / u];
  if (!(Math.max(...at.map(Math.abs)) < 0.9)) return [];
  const name = s("g", { class: "nn-halo" }, label(`h_${j + 1}`, {}));
  return [place(name, P.x(at[0]) + (15 * w1) / u, P.y(at[1]) - (15 * w2) / u + 6)];
}

/** Right: hidden space, in a frame that grows when the points need it. */
function hiddenPlane(parent) {
  const P = plane(parent, { R: 1, n: 48, ticks: false, name: "Hidden space" }), out = new Float32Array(P.n * P.n);
  const veil = P.clip.appendChild(s("path", { class: "nn-veil" }));
  const axes = P.clip.appendChild(s("g", { class: "nn-axes" })), mesh = path(P, "nn-mesh");
  const square = path(P, "nn-square"), line = path(P, "nn-boundary"), points = corners(P);
  const notes = P.clip.appendChild(s("g"));
  P.draw = (v, lut) => {
    const { net, hidden } = v, { w } = net, k = frame(hidden), mid = 0.75 * k, half = 2 * k;
    const X = (a) => P.x((a - mid) / half), Y = (a) => P.y((a - mid) / half);
    const carry = (ways) => ways.map((way) => trace(foldPath(net, ...way), X, Y)).join("");
    for (let i = 0, q = 0; i < P.n; i++) {
      for (let j = 0; j < P.n; j++) {
        const u = ((2 * j + 1) / P.n - 1) * half + mid, t = (1 - (2 * i + 1) / P.n) * half + mid;
        out[q++] = w[0] * u + w[1] * t;
      }
    }
    P.paint(out, lut);
    set(veil, { d: `M0 0H${X(0)}V${Y(0)}H${P.size}V${P.size}H0Z`, "fill-opacity": (0.8 * net.fold).toFixed(2) });
    axes.replaceChildren(...hiddenAxes(P, X, Y, k));
    set(mesh, { d: carry(GRID) });
    set(square, { d: carry(SQUARE) });
    set(line, { d: lineOn(P, w.map((a) => a * half), affine(w, [mid, mid], -0.5)) });
    points(hidden.map(([a, b]) => [X(a), Y(b)]), v);
    notes.replaceChildren(...places(hidden, k / 40).map((group) => {
      const [a, b] = hidden[group[0]], x = X(a), left = x > 0.62 * P.size, away = P.size < 240 ? 11 : 15;
      const y = Math.max(14, Y(b) - 8 - 16 * (group.length - 1));
      return note(group.map((i) => NAMES[i]), x + (left ? -away : away), y, left ? "end" : "start");
    }));
    set(P.svg, { "aria-label": "Hidden space: " + NAMES.map((name, i) =>
      `${name} goes to (${hidden[i].map((a) => fmt(a)).join(", ")})`).join("; ") + "." });
  };
  return P;
}
/** The size of the frame: hidden space is shown from -1.25 to 2.75 times this. */
const frame = (hidden) => [1, 1.5, 2, 3, 4.5].find((k) =>
  hidden.flat().every((v) => v > -1.1 * k && v < 2.4 * k)) || 6;
function hiddenAxes(P, X, Y, k) {
  const step = k > 2 ? 2 : 1, marks = [s("path", { class: "nn-zero", d: `M${X(0)} 0V${P.size}M0 ${Y(0)}H${P.size}` })];
  for (let v = step; v < 2.6 * k; v += step) {
    marks.push(s("path", { class: "nn-zero", d: `M${X(v)} ${Y(0) - 4}v8M${X(0) - 4} ${Y(v)}h8` }),
      s("text", { x: X(v), y: Y(0) + 18, "text-anchor": "middle", text: String(v) }),
      s("text", { x: X(0) - 8, y: Y(v) + 4, "text-anchor": "end", text: String(v) }));
  }
  return [...marks, label("h_1", { x: P.size - 6, y: Y(0) + 34, "text-anchor": "end" }),
    label("h_2", { x: X(0) - 24, y: 18, "text-anchor": "end" })];
}
/** Indices of points, gathered where they fall on the same place. */
function places(points, near) {
  const groups = [];
  points.forEach((p, i) => {
    const group = groups.find(([j]) => Math.hypot(p[0] - points[j][0], p[1] - points[j][1]) < near);
    if (group) group.push(i);
    else groups.push([i]);
  });
  return groups;
}

// ---- words ---------------------------------------------------------------------------------------------------

function sentence({ net, y, wrong, target, hidden }) {
  const outputs = `<span class="nn-dim">In the order of the table, y is ${y.map((v) => fmt(v)).join(", ")}.</span>`;
  const flat = net.fold === 0 ? " Nothing is folded: the boundary is one straight line." : "";
  if (!wrong.length) return `<b>4 of 4 are right:</b> this network computes ${target}.${flat} ${outputs}`;
  const shared = places(hidden, 1e-9).find((group) => new Set(group.map((i) => TABLES[target][i])).size > 1);
  const why = shared ? ` ${shared.map((i) => NAMES[i]).join(" and ")} fell on one place: no line can part them.` : "";
  return `<b>${4 - wrong.length} of 4 are right</b>, wrong at ${wrong.map((i) => NAMES[i]).join(", ")}.`
    + `${why}${flat} ${outputs}`;
}

function render({ model, el }) {
  const root = h("div", { class: "nn nn-fold" }), duo = h("div", { class: "nn-two" });
  const [left, right] = ["Input space", "Hidden space"].map((text) => h("div", {}, h("p", { text })));
  const pick = choice("Table", Object.keys(TABLES), model.get("target"), (target) => put(model, { target }));
  root.append(h("div", { class: "nn-tools" }, pick.el, h("div", { class: "nn-btns" },
    button("The book’s weights", () => put(model, BOOK)), button("Reset", () => put(model, model.get("start"))))), duo);
  duo.append(left, right);
  el.append(root);
  const from = inputPlane(left), to = hiddenPlane(right), say = readout(root);
  let lut;
  const paint = painter(root, () => {
    if (!lut || !from.size || !to.size) return;
    const v = read(model);
    from.draw(v, lut);
    to.draw(v, lut);
    pick.set(v.target);
    say(sentence(v));
  });
  from.onsize(paint);
  to.onsize(paint);
  const offs = [from.off, to.off, tint(root, (colours) => { lut = colours; paint(); }), watch(model, KEYS, paint)];
  return () => offs.forEach((off) => off());
}
export default { render };
