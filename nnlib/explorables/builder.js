// builder.js: chapter 5. A network of any depth and width: its drawing, the shape of every W and b, its parameters
// counted, and its answers over the plane. Each small square is one neuron's own view of the plane.
import { h, s, set, put, watch, fmt, sym, label, painter, sized, tint, shade, field, plane, place, edge, neuron,
  handle, button, choice, readout } from "./base.js";
import { ACTIVATIONS, affine, layerSizes, layerParameters, randomLayers, layerFields, layerOutputs,
  contour } from "./math.js";

const KEYS = ["width", "depth", "spread", "activation", "seed", "x1", "x2"];
const SHAPE = KEYS.slice(0, 5); // what changes the network; the rest moves the point
/** For each activation: its name on the button, and the outputs that are drawn in full blue and full orange. */
const RANGE = { tanh: ["tanh", -1, 1], relu: ["ReLU", -2, 2], sigmoid: ["sigmoid", 0, 1], identity: ["none", -2, 2] };
const GRID = 63, EVERY = 3; // pixels along the plane; a small square shows each third
const H = 330, OUT = 36; // height of the drawing, radius of the output neuron

/** Two decimals, one beyond 10: what fits into a circle. */
const short = (v) => v.toFixed(Math.abs(v) < 9.95 ? 2 : 1).replace("-", "−");

/** The network, built anew only when the reader changes it. */
function builder(model) {
  let key, net;
  return () => {
    const values = SHAPE.map((k) => model.get(k)), [width, depth, spread, activation, seed] = values;
    if (key === String(values)) return net;
    key = String(values);
    const sizes = layerSizes(depth, width), layers = randomLayers(sizes, seed, spread);
    net = { sizes, layers, activation, seed, f: ACTIVATIONS[activation][0], counts: layerParameters(sizes) };
    return net;
  };
}
/** The output over the plane, and each hidden neuron's on a coarser grid, all in [0, 1]. */
function views({ layers, f, activation }, R) {
  const [, low, high] = RANGE[activation], step = (2 * R) / GRID, side = GRID / EVERY;
  const x1 = Float64Array.from({ length: GRID ** 2 }, (_, k) => -R + step * ((k % GRID) + 0.5));
  const x2 = Float64Array.from({ length: GRID ** 2 }, (_, k) => R - step * (Math.floor(k / GRID) + 0.5));
  const fields = layerFields(layers, f, [x1, x2]), [[out]] = fields.slice(-1);
  const middle = (q) => (Math.floor(q / side) * EVERY + 1) * GRID + (q % side) * EVERY + 1; // of EVERY by EVERY pixels
  const tile = (values) => Float32Array.from({ length: side ** 2 }, (_, q) => (values[middle(q)] - low) / (high - low));
  return { out, tiles: fields.slice(0, -1).map((layer) => layer.map(tile)) };
}

// ---- the drawing ---------------------------------------------------------------------------------------------

/** Inputs on the left, a column of squares for each hidden layer, the output neuron on the right. */
function drawing(parent) {
  const svg = s("svg", { role: "img" }), box = h("div", { class: "nn-wiring" }, svg);
  parent.append(box);
  const wires = svg.appendChild(s("g")), body = neuron(svg), inputs = ["x_1", "x_2"].map((t) => svg.appendChild(
    s("g", { class: "nn-input" }, s("circle", { r: 23 }), label(t, { y: -5, class: "nn-sym cap" }),
      s("text", { class: "num", y: 13 }))));
  let W = 0, columns = [];
  const spot = (column, last, j, n) => [24 + ((W - 24 - OUT - 2) * column) / last,
    H / 2 + (j - (n - 1) / 2) * (column ? Math.max(H / 8, 60 - 2 * n) : 110)];
  /** New squares and edges for a new network. */
  const build = ({ sizes, layers }, { tiles }, lut) => {
    box.querySelectorAll("canvas").forEach((c) => c.remove());
    wires.replaceChildren();
    columns = sizes.map((n, i) => Array.from({ length: n }, (_, j) => spot(i, sizes.length - 1, j, n)));
    layers.forEach(({ W: rows }, k) => rows.forEach((row, j) => row.forEach((w, i) =>
      edge(wires, 4.5)(...columns[k][i], ...columns[k + 1][j], 0.55 * w))));
    const size = Math.min(35, Math.floor(W / 8.5));
    tiles.forEach((column, i) => column.forEach((tile, j) => {
      const canvas = box.appendChild(h("canvas", { class: "tile", "aria-hidden": "true" }));
      const [x, y] = columns[i + 1][j], move = `translate(${x - size / 2}px,${y - size / 2}px)`;
      Object.assign(canvas.style, { width: size + "px", height: size + "px", transform: move });
      field(canvas, GRID / EVERY)(tile, lut);
    }));
  };
  const draw = ({ sizes }, x, z, out, lut) => {
    inputs.forEach((g, i) => {
      place(g, ...columns[0][i]);
      set(g.lastChild, { text: short(x[i]) });
    });
    body(...columns.at(-1)[0], OUT, short(z), short(out), shade(lut, out));
    set(svg, { "aria-label": `The network ${sizes.join("-")}: ${sizes.length - 1} layers of neurons. `
      + `At the point its last sum is ${fmt(z)} and its output ${fmt(out)}.` });
  };
  const resize = (width) => {
    W = width;
    set(svg, { width: W, height: H, viewBox: `0 0 ${W} ${H}` });
  };
  return { box, build, draw, resize };
}
/** The output over the plane, the boundary, and the point to move. */
function answers(parent, model) {
  const P = plane(parent, { R: 3, n: GRID, name: "The plane of inputs, tinted by the network’s output" });
  const line = P.clip.appendChild(s("path", { class: "nn-boundary" }));
  const at = (offset, sign) => (c) => offset + ((c + 0.5) / GRID) * P.size * sign;
  const probe = handle(P, { name: "Point x", get: () => [model.get("x1"), model.get("x2")],
    move: ([x1, x2]) => put(model, { x1, x2 }) });
  const build = ({ out }, lut) => {
    P.paint(out, lut);
    set(line, { d: contour(out, GRID, 0.5, at(P.gut, 1), at(0, 1)) });
  };
  return { P, build, probe };
}

// ---- shapes, numbers, words ----------------------------------------------------------------------------------

/** One row a layer: the shapes of W and b, its parameters, and what it answers at the point. */
function table(parent) {
  const rows = h("ul", { class: "nn-layers" }), total = h("p", { class: "nn-total" });
  parent.append(rows, total);
  return ({ sizes, counts, activation }, outputs) => {
    rows.replaceChildren(...counts.map((count, k) => {
      const n = sizes[k], m = sizes[k + 1], last = k === counts.length - 1, f = last ? "sigmoid" : RANGE[activation][0];
      const name = `layer ${k + 1}${f === "none" ? "" : `, ${f}`}`;
      return h("li", {}, h("span", { class: "name", text: name }),
        h("span", { html: `${sym("W")} (${m}, ${n})` }), h("span", { html: `${sym("b")} (${m},)` }),
        h("span", { html: `${m} · ${n} + ${m} = <b>${count}</b>` }),
        h("span", { class: "out",
          html: `${sym("h")} = ` + outputs[k].map((v) => `<span>${fmt(v, 2)}</span>`).join(" ") }));
    }));
    const sum = counts.reduce((a, b) => a + b, 0);
    total.innerHTML = `parameters: ${counts.length > 1 ? counts.join(" + ") + " = " : ""}<b>${sum}</b>`;
  };
}
function words({ sizes, counts, activation, seed }, out) {
  const n = counts.length, sum = counts.reduce((a, b) => a + b, 0);
  const said = `A ${sizes.join("-")} network: ${n} layer${n > 1 ? "s" : ""}, <b>${sum} parameters</b>. `
    + `It answers <b>${fmt(out)}</b> at the point, ${out > 0.5 ? "orange" : "blue"}.`;
  const note = n === 1 ? "One layer of one neuron: a line is all that it can draw."
    : activation === "identity" ? "Without an activation, all its layers are one: a straight line."
      : `Random weights number ${seed}; nothing has been learned yet.`;
  return `${said} <span class="nn-dim">${note}</span>`;
}

function render({ model, el }) {
  const root = h("div", { class: "nn nn-builder" }), left = h("div"), right = h("div");
  const options = Object.entries(RANGE).map(([value, [text]]) => [value, text]);
  const acts = choice("Hidden activation", options, model.get("activation"),
    (activation) => put(model, { activation }));
  root.append(h("div", { class: "nn-tools" }, acts.el, h("div", { class: "nn-btns" },
    button("New weights", () => put(model, { seed: (model.get("seed") % 9999) + 1 })),
    button("Reset", () => put(model, model.get("start"))))), h("div", { class: "nn-two" }, left, right));
  el.append(root);
  const net = drawing(left), { P, build, probe } = answers(right, model), now = builder(model);
  const say = readout(root), layers = table(root);
  let lut, W = 0, drawn = "";
  const paint = painter(root, () => {
    if (!lut || !W || !P.size) return;
    const me = now(), x = [model.get("x1"), model.get("x2")], outputs = layerOutputs(me.layers, me.f, x);
    const key = [SHAPE.map((k) => model.get(k)), W, P.size, lut[0]].join();
    if (key !== drawn) {
      drawn = key;
      const seen = views(me, P.R);
      net.build(me, seen, lut);
      build(seen, lut);
    }
    const { W: rows, b } = me.layers.at(-1), z = affine(rows[0], outputs.at(-2) || x, b[0]), out = outputs.at(-1)[0];
    net.draw(me, x, z, out, lut);
    probe();
    layers(me, outputs);
    say(words(me, out));
    acts.set(me.activation);
  });
  P.onsize(paint);
  const offs = [
    P.off,
    tint(root, (colours) => { lut = colours; drawn = ""; paint(); }),
    sized(net.box, (width) => { W = width; net.resize(W); paint(); }),
    watch(model, KEYS, paint),
  ];
  return () => offs.forEach((off) => off());
}
export default { render };
