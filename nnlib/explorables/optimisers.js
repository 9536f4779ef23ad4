// optimisers.js: chapter 13. SGD, momentum, RMSProp and Adam on one surface, with one learning rate. The race is a
// function of the settings and of `steps`: a slider moved at step 50 shows where all four would stand by then.
import { h, s, set, put, watch, fmt, sym, label, painter, sized, tint, plane, place, handle, button, choice,
  readout } from "./base.js";
import { SURFACES, optimiserPath, contour } from "./math.js";
import { many, dim, pacer } from "./rule.js";

const KEYS = ["surface", "start_1", "start_2", "alpha", "beta1", "beta2", "steps"], R = 3, LAST = 200, AHEAD = 10;
const RUNNERS = [["sgd", "SGD"], ["momentum", "Momentum"], ["rmsprop", "RMSProp"], ["adam", "Adam"]];
const PLACES = [["ravine", "ravine"], ["turned", "turned ravine"], ["bend", "bend"], ["saddle", "saddle"],
  ["network", "network"]];
const HEADS = ["Optimiser", "Last step", "1 % at step", `Error ${sym("E")}`];
const CELLS = 97, LEVELS = Array.from({ length: 8 }, (_, k) => 0.02 * 4 ** k); // 0.02 to 328
const MINIMA = { ravine: [[0, 0]], turned: [[0, 0]], bend: [[1.5, 0.25]], saddle: [[0, -2], [0, 2]],
  network: [[1.2, 2], [-1.2, -2]] };
const TOP = 3, FLOOR = -8; // powers of ten that the curves show

/** An error; of a runner that is lost, only that it is large. */
const loss = (v, digits) => (v > 1e6 ? "over a million" : fmt(v, digits));
/** Each runner has a shape of its own: a disc, a triangle, a cross, a diamond. */
const SHAPES = {
  sgd: () => s("circle", { r: 6 }),
  momentum: () => s("path", { d: "M0 -9L8.5 6.5H-8.5z" }),
  rmsprop: () => s("path", { d: "M-6 -6L6 6M-6 6L6 -6" }),
  adam: () => s("path", { d: "M0 -10L9 0L0 10L-9 0z" }),
};
const shape = (name) => s("g", { class: `nn-runner ${name}` }, SHAPES[name]());

/** Everything that the picture needs, from the model once a frame. Before the first step it looks a few steps ahead. */
function race(get) {
  const [surface, first, second, alpha, beta1, beta2, asked] = KEYS.map(get), steps = Math.min(asked, LAST);
  const start = [first, second], error = (w) => SURFACES[surface](w)[0];
  const runners = RUNNERS.map(([name, title]) => {
    const path = optimiserPath(name, { surface, start, alpha, beta1, beta2, steps: steps || AHEAD });
    const errors = path.map(error), made = path.length - 1, here = path[made], last = path[Math.max(0, made - 1)];
    const settled = errors.findLastIndex((e) => e > 0.01 * errors[0]) + 1; // from here on it stays at 1 % and below
    return { name, title, path, errors, here, now: errors[made], settled: settled <= made ? settled : null,
      step: Math.hypot(here[0] - last[0], here[1] - last[1]), off: Math.max(...here.map(Math.abs)) > R };
  });
  return { surface, start, alpha, beta1, beta2, steps, runners, first: error(start) };
}

// ---- the surface ---------------------------------------------------------------------------------------------

/** The height as a wash of vermilion that gets darker uphill, and level lines; each is 4 times as high as the next. */
function hillsOn(P) {
  const lines = P.clip.appendChild(s("g", { class: "nn-bowl" })), lows = P.clip.appendChild(s("g"));
  const heights = new Float64Array(CELLS * CELLS), wash = new Float32Array(CELLS * CELLS);
  let drawn = "";
  return (surface, lut) => {
    const key = `${surface} ${P.size} ${lut[255]}`;
    if (key === drawn) return;
    drawn = key;
    const at = (k) => (k / (CELLS - 1)) * 2 * R - R;
    for (let r = 0, k = 0; r < CELLS; r++) for (let c = 0; c < CELLS; c++, k++) {
      heights[k] = SURFACES[surface]([at(c), -at(r)])[0];
      wash[k] = Math.log10(1 + heights[k] / LEVELS[0]) / Math.log10(1 + LEVELS[7] / LEVELS[0]);
    }
    P.paint(wash, lut);
    lines.replaceChildren(...LEVELS.map((level) =>
      s("path", { d: contour(heights, CELLS, level, (c) => P.x(at(c)), (r) => P.y(-at(r))) })));
    lows.replaceChildren(...MINIMA[surface].map(([x, y]) =>
      place(s("path", { class: "nn-least", d: "M-7 0H7M0 -7V7" }), P.x(x), P.y(y))));
  };
}
/** The colours of the wash: the error's colour, from none to half. */
function washes() {
  const hex = getComputedStyle(document.body).getPropertyValue("--nn-loss");
  const [r, g, b] = hex.match(/[\da-f]{2}/gi).map((x) => parseInt(x, 16));
  return Uint32Array.from({ length: 256 }, (_, i) => ((i * 0.55) << 24) | (b << 16) | (g << 8) | r);
}
/** The four ways, and the runners at their ends; before the first step, paler, where the first ten would lead. */
function waysOn(P) {
  const group = P.clip.appendChild(s("g")), marks = {};
  for (const [name] of RUNNERS) marks[name] = { way: group.appendChild(s("path", { class: `nn-way ${name}` })) };
  for (const [name] of RUNNERS) marks[name].at = group.appendChild(shape(name));
  const gone = (p) => Math.max(...p.map(Math.abs)) > 30 * R;
  return ({ runners, steps }) => runners.forEach(({ name, path }) => {
    const end = path.findIndex(gone), shown = end < 0 ? path : path.slice(0, end + 1), opacity = steps ? null : 0.6;
    const dots = shown.map(([x, y]) => `${P.x(x).toFixed(1)} ${P.y(y).toFixed(1)}`), [x, y] = shown.at(-1);
    set(marks[name].way, { d: `M${dots.join("L")}`, opacity });
    place(set(marks[name].at, { opacity }), P.x(x), P.y(y));
  });
}
function map(parent, model) {
  const P = plane(parent, { R, n: CELLS, name: "The surface", letters: ["w_1", "w_2"] });
  const hills = hillsOn(P), ways = waysOn(P);
  const hand = handle(P, { name: "Start", get: () => [model.get("start_1"), model.get("start_2")],
    move: ([start_1, start_2]) => put(model, { start_1, start_2 }) });
  const draw = (v, lut) => {
    hills(v.surface, lut);
    ways(v);
    hand();
    const lows = MINIMA[v.surface].map((w) => w.map((c) => fmt(c)).join(", ")).join(" and at ");
    set(P.svg, { "aria-label": `The error over w1 and w2, lowest at ${lows}. `
      + v.runners.map(({ title, here }) => `${title} ${v.steps ? "is" : "would be"} at `
      + `${here.map((c) => fmt(c)).join(", ")}.`).join(" ") });
  };
  return { P, draw };
}

// ---- the curves ----------------------------------------------------------------------------------------------

/** The error of each runner against its steps, on a logarithmic scale. */
function curves(parent) {
  const axes = s("g", { class: "nn-axes" }), lines = s("g"), svg = s("svg", { role: "img" }, axes, lines);
  const box = h("div", { class: "nn-curves" }, svg), ways = {}, left = 34, foot = 26;
  for (const [name] of RUNNERS) ways[name] = lines.appendChild(s("path", { class: `nn-way ${name}` }));
  parent.append(box);
  let W = 0, H = 0;
  const X = (t) => left + ((W - left - 6) * t) / LAST, inside = (e) => Math.max(FLOOR, Math.min(TOP, e));
  const Y = (e) => 8 + ((H - foot - 8) * (TOP - inside(Math.log10(e || 1e-99)))) / (TOP - FLOOR);
  const listeners = [];
  const off = sized(box, (w) => {
    W = w;
    H = svg.clientHeight;
    set(svg, { width: W, height: H, viewBox: `0 0 ${W} ${H}` });
    const text = (x, y, anchor, t) => s("text", { x, y, "text-anchor": anchor, text: t });
    const marks = [label("E", { x: 2, y: 14 })];
    for (const power of [2, 0, -2, -4, -6, -8]) {
      const y = Y(10 ** power), name = s("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, "10");
      name.append(s("tspan", { dy: "-.45em", "font-size": "10", text: String(power).replace("-", "−") }));
      marks.push(s("line", { class: power ? "grid" : "zero", x1: left, x2: W - 6, y1: y, y2: y }), name);
    }
    for (const t of [0, 50, 100, 150, 200]) marks.push(text(Math.min(X(t), W - 12), H - 8, "middle", String(t)));
    axes.replaceChildren(...marks);
    listeners.forEach((cb) => cb());
  });
  const draw = ({ runners, steps }) => {
    for (const { name, errors } of runners) {
      const d = "M" + errors.map((e, t) => `${X(t).toFixed(1)} ${Y(e).toFixed(1)}`).join("L");
      set(ways[name], { d, opacity: steps ? null : 0.6 });
    }
    const when = steps ? `After ${many(steps, "step")}` : `After ${AHEAD} steps it would be`;
    set(svg, { "aria-label": `The error against the steps, on a logarithmic scale. ${when}: `
      + runners.map(({ title, now }) => `${title} ${loss(now)}`).join(", ") });
  };
  return { draw, off, ready: () => H > 0, onsize: (cb) => listeners.push(cb) };
}

// ---- numbers and words ---------------------------------------------------------------------------------------

/** How long the last step was, since which step the error is a hundredth or less, and what it is now. */
function board(parent) {
  const cells = {}, body = h("tbody");
  for (const [name, title] of RUNNERS) {
    cells[name] = [0, 1, 2].map(() => h("td"));
    const key = s("svg", { width: 62, height: 22, viewBox: "-31 -11 62 22", "aria-hidden": "true" },
      s("path", { class: `nn-way ${name}`, d: "M-30 0H30" }), shape(name));
    body.append(h("tr", {}, h("th", { scope: "row" }, key, h("span", { text: title })), ...cells[name]));
  }
  const head = h("thead", {}, h("tr", {}, ...HEADS.map((html) => h("th", { scope: "col", html }))));
  parent.append(h("table", { class: "nn-board", "aria-label": "The race" }, head, body));
  return ({ runners, steps, first }) => runners.forEach(({ name, step, settled, now }) => {
    const row = steps ? [loss(step), String(settled ?? "–"), loss(now)] : ["–", "–", loss(first)];
    row.forEach((text, i) => set(cells[name][i], { text }));
  });
}
function words({ surface, alpha, steps, runners, first }) {
  const E = sym("E"), each = runners.map((r) => `${loss(r.now)} for ${r.title}`).join(", ");
  const lost = runners.filter((r) => r.off).map((r) => r.title), sharp = { ravine: 20, turned: 20 }[surface];
  const limit = sharp ? dim(`${sym("α")} = ${fmt(alpha)}${alpha > 2 / sharp ? " is above" : "; SGD runs away above"} `
    + `2/${sym("L")} = ${fmt(2 / sharp)}.`) : "";
  const away = lost.length ? ` Off the map: <b>${lost.join(", ")}</b>.` : "";
  if (!steps) {
    return `Nobody has moved yet, and ${E} is ${fmt(first)}. <b>${many(AHEAD, "step")}</b> would make it ${each}.`
      + away + limit;
  }
  const best = runners.reduce((a, b) => (b.now < a.now ? b : a));
  return `After <b>${many(steps, "step")}</b> each, ${E} is ${each}. Lowest: <b>${best.title}</b>.${away}${limit}`;
}

function render({ model, el }) {
  const get = (k) => model.get(k), root = h("div", { class: "nn nn-descent nn-optimisers" });
  const flow = root.appendChild(h("div", { class: "nn-flow" })), left = h("div"), right = h("div");
  flow.append(h("div", { class: "nn-duo" }, left, right));
  el.append(root);
  left.append(h("p", { class: "nn-head-line", html: `The error ${sym("E")} over two weights` }));
  right.append(h("p", { class: "nn-head-line", text: "The error of each, step by step" }));
  const ground = map(left, model), plot = curves(right);
  const pace = pacer(model, () => LAST, () => 60, [["Step", 1], ["20 steps", 20]]);
  const tools = h("div", { class: "nn-tools nn-steps" }), count = board(flow), say = readout(flow);
  const rest = (values) => () => { pace.stop(); put(model, values()); };
  const where = choice("Surface", PLACES, get("surface"), (surface) => {
    const [start_1, start_2] = get("starts")[surface];
    pace.stop();
    put(model, { surface, start_1, start_2, steps: 0 });
  });
  tools.append(h("div", { class: "nn-btns" }, ...pace.buttons, button("Back to start", rest(() => ({ steps: 0 }))),
    button("Reset", rest(() => get("start")))));
  flow.append(tools, h("div", { class: "nn-tools" }, where.el));
  let lut = null;
  const paint = painter(root, () => {
    if (!ground.P.size || !plot.ready() || !lut) return;
    const v = race(get);
    ground.draw(v, lut);
    plot.draw(v);
    count(v);
    where.set(v.surface);
    pace.show();
    say(words(v));
  });
  ground.P.onsize(paint);
  plot.onsize(paint);
  const offs = [ground.P.off, plot.off, pace.stop, tint(root, () => { lut = washes(); paint(); }),
    watch(model, KEYS, paint)];
  return () => offs.forEach((off) => off());
}
export default { render };
