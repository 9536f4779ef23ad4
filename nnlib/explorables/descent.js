// descent.js: chapter 8. Three runners on the loss surface of a line: GD, a mini-batch, and SGD. The race is a
// function of the settings and of `steps`: a slider moved at step 20 shows where all three would stand by then.
import { h, s, set, put, watch, fmt, sym, painter, plane, place, handle, lineOn, button, choice,
  readout } from "./base.js";
import { lineLoss, lineBowl, shuffles, descentPath } from "./math.js";
import { many, dim, pacer } from "./rule.js";

const KEYS = ["x", "y", "alpha", "batch", "start_w", "start_b", "seed", "by", "steps"];
const RUNNERS = [["gd", "GD"], ["mini", "Mini-batch"], ["sgd", "SGD"]];
const LAST = { updates: 100, gradients: 40 }, PAUSE = { updates: 150, gradients: 350 };
const BY = [["updates", "one update each"], ["gradients", "one pass over the data"]];
const HEADS = ["Runner", "Updates", "Gradients", `Loss ${sym("E")}`], R = 3;

/** A loss; of a runner that is lost, only that it is large. */
const loss = (v, digits) => (v > 1e6 ? "over a million" : fmt(v, digits));
/** Each runner has a shape of its own: a disc, a triangle, a cross. */
const SHAPES = {
  gd: () => s("circle", { r: 7 }),
  mini: () => s("path", { d: "M0 -9L8.5 6.5H-8.5z" }),
  sgd: () => s("path", { d: "M-6 -6L6 6M-6 6L6 -6" }),
};
const shape = (name) => s("g", { class: `nn-runner ${name}` }, SHAPES[name]());

/** Everything that the picture needs, from the model once a frame. */
function race(get) {
  const [x, y, alpha, batch, w, b, seed, by, asked] = KEYS.map(get), n = x.length;
  const start = [w, b], steps = Math.min(asked, LAST[by]), sizes = { gd: n, mini: Math.round(batch), sgd: 1 };
  const runners = RUNNERS.map(([name, title]) => {
    const size = sizes[name], updates = by === "updates" ? steps : Math.floor((steps * n) / size);
    const order = shuffles(seed, n, Math.max(1, updates) * size);
    const path = descentPath({ start, x, y, alpha, size, updates, order });
    const here = path.at(-1), made = path.length - 1, first = Math.max(0, made - 1) * size;
    const next = descentPath({ start: here, x, y, alpha, size, updates: 1, order }).at(-1);
    const off = Math.max(...here.map(Math.abs)) > R;
    return { name, title, size, path, here, made, next, off, picks: order.slice(first, first + size),
      now: lineLoss(here, x, y), ahead: lineLoss(next, x, y) };
  });
  return { x, y, n, alpha, by, steps, start, runners, batch: sizes.mini, bowl: lineBowl(x, y) };
}

// ---- the loss surface ----------------------------------------------------------------------------------------

/** Level lines of the bowl: ellipses, each at twice the height above the lowest point of the one inside it. */
function bowlOn(P) {
  const ground = P.clip.appendChild(s("rect", { class: "nn-ground" }));
  const levels = P.clip.appendChild(s("g", { class: "nn-bowl" }));
  const least = P.clip.appendChild(s("path", { class: "nn-least", d: "M-7 0H7M0 -7V7" }));
  return ({ at, sharp, flat, angle }) => {
    set(ground, { x: P.gut, width: P.size, height: P.size });
    const unit = P.size / (2 * R), turn = (-angle * 180) / Math.PI, high = 16 * R * R * (1 + sharp);
    const rings = [];
    for (let c = 0.02; c < high; c *= 2) rings.unshift(c);
    levels.replaceChildren(...rings.map((c) => s("ellipse", {
      rx: unit * Math.sqrt((2 * c) / sharp), ry: unit * Math.sqrt((2 * c) / flat),
      transform: `translate(${P.x(at[0])},${P.y(at[1])}) rotate(${turn})` })));
    place(least, P.x(at[0]), P.y(at[1]));
  };
}
/** The three ways, and the runners at their ends; before the first step, where it would lead. */
function waysOn(P) {
  const group = P.clip.appendChild(s("g")), marks = {};
  for (const [name] of [...RUNNERS].reverse()) { // SGD's restless way lies below the others
    marks[name] = { way: group.appendChild(s("path", { class: `nn-way ${name}` })) };
  }
  for (const [name] of RUNNERS) marks[name].at = group.appendChild(shape(name));
  const at = ([w, b]) => [P.x(w), P.y(b)], gone = (p) => Math.max(...p.map(Math.abs)) > 30 * R;
  return ({ runners, steps }) => runners.forEach(({ name, path, next }) => {
    const whole = steps ? path : [path[0], next], end = whole.findIndex(gone), { way, at: mark } = marks[name];
    const shown = end < 0 ? whole : whole.slice(0, end + 1); // what comes after is far outside the picture
    set(way, { d: "M" + shown.map((p) => at(p).map((v) => v.toFixed(1)).join(" ")).join("L"),
      opacity: steps ? null : 0.6 });
    place(set(mark, { opacity: steps ? null : 0.6 }), ...at(shown.at(-1)));
  });
}
function surface(parent, model) {
  const P = plane(parent, { R, n: 1, name: "The loss surface", letters: ["w", "b"] });
  const bowl = bowlOn(P), ways = waysOn(P);
  const hand = handle(P, { name: "Start", get: () => [model.get("start_w"), model.get("start_b")],
    move: ([start_w, start_b]) => put(model, { start_w, start_b }) });
  const draw = (v) => {
    bowl(v.bowl);
    ways(v);
    hand();
    set(P.svg, { "aria-label": `The loss over w and b, lowest at w = ${fmt(v.bowl.at[0])}, b = ${fmt(v.bowl.at[1])}. `
      + v.runners.map(({ title, here }) => `${title} is at ${here.map((c) => fmt(c)).join(", ")}.`).join(" ") });
  };
  return { P, draw };
}

// ---- the data ------------------------------------------------------------------------------------------------

/** The points, the line of each runner, and which points the last update looked at. */
function data(parent) {
  const P = plane(parent, { R, n: 1, name: "The data and three lines", letters: ["x", "y"] });
  const dots = P.clip.appendChild(s("g")), rows = [...RUNNERS].reverse();
  const lines = rows.map(([name]) => [name, P.clip.appendChild(s("path", { class: `nn-way ${name}` }))]);
  const draw = ({ x, y, runners }) => {
    const { mini, sgd } = Object.fromEntries(runners.map((r) => [r.name, new Set(r.picks)]));
    dots.replaceChildren(...x.map((v, i) => {
      const point = s("g", { class: "nn-datum" }, s("circle", { class: mini.has(i) ? "full" : "", r: 4.5 }));
      if (sgd.has(i)) point.append(s("circle", { class: "one", r: 10 }));
      return place(point, P.x(v), P.y(y[i]));
    }));
    for (const [name, line] of lines) {
      const [w, b] = runners.find((r) => r.name === name).here;
      set(line, { d: lineOn(P, [w, -1], b) });
    }
    set(P.svg, { "aria-label": `${x.length} points and three lines: `
      + runners.map(({ title, here: [w, b] }) => `${title} y = ${fmt(w)} x + ${fmt(b)}`).join("; ") });
  };
  return { P, draw };
}

// ---- numbers and words ---------------------------------------------------------------------------------------

/** Who has made how many updates, of how many gradients, and what the loss is now. */
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
  return ({ runners }) => runners.forEach(({ name, made, size, now }) =>
    [String(made), String(made * size), loss(now, 4)].forEach((text, i) => set(cells[name][i], { text })));
}
function words({ runners: [gd, mini, sgd], n, by, steps, alpha, batch, bowl }) {
  const limit = 2 / bowl.sharp, E = sym("E"), lost = [gd, mini, sgd].filter((r) => r.off).map((r) => r.title);
  const size = batch === 1 ? "1 point" : `${batch} points`;
  const limits = `${sym("α")} = ${fmt(alpha)}${alpha > limit ? " is above" : ", and GD runs away above"} `;
  const warn = dim(`${limits}2/${sym("L")} = ${fmt(limit)}.`);
  if (!steps) {
    return `Nobody has moved yet, and ${E} is ${fmt(gd.now)}. The <b>first step</b> would make it `
      + `${fmt(gd.ahead)} for GD, ${fmt(mini.ahead)} for the mini-batch of ${size}, ${fmt(sgd.ahead)} for SGD.`;
  }
  const told = by === "updates" ? `After <b>${many(steps, "update")}</b> each`
    : `After <b>${steps === 1 ? "1 pass" : `${steps} passes`}</b>, ${steps * n} gradients each`;
  const cost = by === "updates" ? (r) => many(r.made * r.size, "gradient") : (r) => many(r.made, "update");
  const part = (r, name) => `${loss(r.now)} for ${name} (${cost(r)})`;
  return `${told}, ${E} is ${part(gd, "GD")}, ${part(mini, "the mini-batch")}, ${part(sgd, "SGD")}; `
    + `the lowest is ${fmt(bowl.least)}.${lost.length ? ` Off the map: <b>${lost.join(", ")}</b>.` : ""}${warn}`;
}

function render({ model, el }) {
  const get = (k) => model.get(k), root = h("div", { class: "nn nn-descent" });
  const flow = root.appendChild(h("div", { class: "nn-flow" })), left = h("div"), right = h("div");
  flow.append(h("div", { class: "nn-duo" }, left, right));
  el.append(root);
  left.append(h("p", { class: "nn-head-line", html: `The loss ${sym("E")}: each place is a line` }));
  right.append(h("p", { class: "nn-head-line", html: "The data, and the line of each runner" }));
  const map = surface(left, model), plot = data(right);
  const pace = pacer(model, () => LAST[get("by")], () => PAUSE[get("by")]);
  const tools = h("div", { class: "nn-tools nn-steps" }), count = board(flow), say = readout(flow);
  const mode = choice("A step is", BY, get("by"), (by) => { pace.stop(); put(model, { by, steps: 0 }); });
  const rest = (values) => () => { pace.stop(); put(model, values()); };
  tools.append(h("div", { class: "nn-btns" }, ...pace.buttons, button("Back to start", rest(() => ({ steps: 0 }))),
    button("New order", rest(() => ({ seed: get("seed") + 1 }))), button("Reset", rest(() => get("start")))));
  flow.append(tools, h("div", { class: "nn-tools" }, mode.el));
  const paint = painter(root, () => {
    if (!map.P.size || !plot.P.size) return;
    const v = race(get);
    map.draw(v);
    plot.draw(v);
    count(v);
    mode.set(v.by);
    pace.show();
    say(words(v));
  });
  map.P.onsize(paint);
  plot.P.onsize(paint);
  const offs = [map.P.off, plot.P.off, pace.stop, watch(model, KEYS, paint)];
  return () => offs.forEach((off) => off());
}
export default { render };
