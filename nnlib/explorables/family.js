// family.js: chapter 7. The family tree of architectures; the chosen one shows what is new in it, at work on an n x n
// picture, or on n steps, and what it counts.
import { h, s, set, put, watch, fmt, sym, painter, sized, tint, shade, field, place, edge, arrow, neuron, button,
  readout } from "./base.js";
import { affine, uniform, normal, tanh, familyTerms, familyPicture, familyMap, familyMemory, familyAttention,
  familyLetters, familyDamage, familyRecall, familyGame } from "./math.js";

const M = 32; // hidden neurons of every architecture
const TALL = 232; // height of the small picture
const KERNEL = [-1, -1, -1, 2, 2, 2, -1, -1, -1];
/** Generation, year, and what is new, in two sentences. */
const FAMILY = {
  MLP: [1, 1986, "Neurons in layers, and each neuron has a weight of its own for each input. "
    + "Backpropagation taught its hidden layers to learn."],
  CNN: [2, 1989, "A small kernel slides over the picture, and the same nine weights look at each place. "
    + "What it finds, it finds anywhere, and its parameters don’t grow with the picture."],
  RNN: [2, 1990, "It reads step by step, and hands its own answer on to the next step, "
    + "with the same weights each time. What came first fades as it is handed on."],
  LSTM: [3, 1997, "A memory cell keeps its content from step to step as it is. "
    + "Gates decide what is written, what is shown, and when to forget."],
  GRU: [4, 2014, "One gate does two jobs: as far as it lets the new in, it lets the old go. "
    + "Three tables of weights are enough, where the LSTM has four."],
  Transformer: [3, 2017, "Nothing is handed on: each token looks at all tokens at once, "
    + "and mixes them by how well they match. The price is a table of n times n matches."],
  GAN: [2, 2014, "Two networks play against each other: one makes fakes, the other tells fakes from real data. "
    + "When the judge can only guess, the fakes are as good as real."],
  Hopfield: [1, 1982, "Each neuron reads all others, through weights that store patterns. "
    + "From a damaged pattern they answer in turn, and the energy falls until a stored one is back."],
  Boltzmann: [2, 1985, "A Hopfield network whose neurons answer by chance: the sum only sets how likely a 1 is. "
    + "With hidden neurons it learns which pictures are likely, and draws new ones."],
};
const big = (v) => Math.round(v).toLocaleString("en-US");
const twoDigits = (v) => v.toFixed(2).replace("-", "−");
const index = (t, n) => Math.min(n - 1, Math.floor(t * n)); // which of n things a share t points at

// ---- the tree ------------------------------------------------------------------------------------------------

/** One radio button a name, indented by generation, with lines to the parents. */
function tree(parent, value, choose) {
  const group = "nnf" + Math.random().toString(36).slice(2, 8), names = Object.keys(FAMILY), inputs = {};
  const up = (k) => { // the row of the parent
    const own = FAMILY[names[k]][0];
    for (let j = k - 1; j >= 0; j--) if (FAMILY[names[j]][0] < own) return j;
    return -1;
  };
  const rows = names.map((name, k) => {
    const [generation, year] = FAMILY[name];
    inputs[name] = h("input", { type: "radio", name: group, value: name, checked: name === value,
      onchange: () => choose(name) });
    const twig = h("i", { class: "twig", "aria-hidden": "true", style: `--up:${k - up(k)}` });
    return h("label", { style: `--in:${generation}` }, inputs[name],
      h("span", {}, twig, h("b", { text: name }), h("small", { text: year })));
  });
  const root = h("p", { class: "root" }, h("b", { text: "one neuron" }), h("small", { text: "1943" }));
  parent.append(h("fieldset", { class: "nn-tree" }, h("legend", { text: "Architecture" }), root, ...rows));
  return (name) => { inputs[name].checked = true; };
}

// ---- the small pictures --------------------------------------------------------------------------------------

/** A sheet to draw on: `picture` puts n x n values in [0, 1] somewhere, `write` words, `add` a mark. */
function sheet(parent) {
  const svg = s("svg", { role: "img" }), box = h("div", { class: "nn-sheet" }, svg);
  parent.append(box);
  const A = { box, svg, W: 0, lut: null };
  A.clear = () => {
    box.querySelectorAll("canvas").forEach((c) => c.remove());
    svg.replaceChildren();
    set(svg, { width: A.W, height: TALL, viewBox: `0 0 ${A.W} ${TALL}` });
  };
  A.add = (tag, at) => svg.appendChild(s(tag, at));
  A.write = (text, x, y, cls = "") => A.add("text", { x, y, text, class: "note " + cls, "text-anchor": "middle" });
  A.picture = (values, n, x, y, size, title) => {
    const canvas = h("canvas", { "aria-hidden": "true" });
    box.insertBefore(canvas, svg);
    Object.assign(canvas.style, { width: size + "px", height: size + "px", transform: `translate(${x}px,${y}px)` });
    field(canvas, n)(values, A.lut);
    A.add("rect", { x: x - 0.5, y: y - 0.5, width: size + 1, height: size + 1, class: "line" });
    if (title) A.write(title, x + size / 2, y + size + 19);
  };
  return A;
}
const half = (values, most = 1) => values.map((v) => 0.5 + v / (2 * most)); // 0 is paper, `most` full orange

/** For each architecture: draw(A, n, t) draws and returns what there is to say about this moment. */
const SHOW = {
  MLP(A, n, t) {
    const j = index(t, M), u = uniform(j + 2), size = Math.min(150, (A.W - 124) / 2), y = 30;
    const x = familyPicture(n), w = x.map(() => normal(u) / n), z = affine(w, x, 0), x0 = 2 * size + 40;
    A.picture(half(x), n, 1, y, size, "the picture");
    A.write("·", size + 14, y + size / 2 + 6, "big");
    A.picture(half(w, 3 / n), n, size + 27, y, size, `weights of neuron ${j + 1}`);
    arrow(A.svg)(x0 - 8, y + size / 2, x0 + 10, y + size / 2);
    neuron(A.svg)(x0 + 47, y + size / 2, 36, twoDigits(z), twoDigits(tanh(z)), shade(A.lut, (tanh(z) + 1) / 2));
    return `Hidden neuron ${j + 1} of ${M} has ${big(n * n)} weights of its own, one for each pixel.`;
  },
  CNN(A, n, t) {
    const k = index(t, n * n), r = Math.floor(k / n), c = k % n, size = Math.min(180, (A.W - 104) / 2), y = 18;
    const x = familyPicture(n), map = familyMap(x, n, KERNEL), d = size / n, x0 = A.W - size - 1, mid = A.W / 2;
    A.picture(half(x), n, 1, y, size, "the picture");
    A.picture(half(KERNEL, 2), 3, mid - 22, y + size / 2 - 22, 44, "");
    A.write("kernel", mid, y + size / 2 + 42);
    A.picture(half(map.map((v, i) => (i > k ? 0 : v)), 6), n, x0, y, size, "what it finds");
    const frame = { x: 1 + (c - 1) * d, y: y + (r - 1) * d, width: 3 * d, height: 3 * d, class: "look" };
    A.add("rect", frame);
    A.add("rect", { x: x0 + c * d, y: y + r * d, width: d, height: d, class: "look" });
    return `At row ${r + 1}, column ${c + 1} the kernel’s answer is ${fmt(map[k])}; nine weights serve all `
      + `${big(n * n)} places.`;
  },
  RNN: (A, n, t) => chain(A, n, t, "RNN"),
  LSTM: (A, n, t) => chain(A, n, t, "LSTM"),
  GRU: (A, n, t) => chain(A, n, t, "GRU"),
  Transformer(A, n, t) {
    const letters = familyLetters(n), i = index(t, n), share = familyAttention(letters, i), same = letters[i];
    const d = (A.W - 24) / (n - 1), at = (k) => 12 + k * d, base = 132;
    share.forEach((v, k) => {
      const far = Math.abs(at(k) - at(i)), round = `${far / 2} ${Math.min(96, 26 + far / 3)}`;
      if (k !== i) A.add("path", { class: "arc", "stroke-width": (0.4 + 9 * v).toFixed(2),
        d: `M${at(i)} ${base - 20}A${round} 0 0 ${k > i ? 1 : 0} ${at(k)} ${base - 20}` });
      A.write(letters[k], at(k), base, k === i ? "here" : letters[k] === same ? "on" : "");
      A.add("rect", { x: at(k) - Math.min(9, d / 3), width: Math.min(18, d / 1.5), y: base + 16,
        height: Math.max(0.8, 150 * v).toFixed(1), class: "bar" });
    });
    const matches = letters.filter((a) => a === same).length;
    return `Token ${i + 1} of ${n} is “${same}”: it gives ${fmt(share[i])} of its attention to itself `
      + `and to each of the ${matches - 1} others like it.`;
  },
  GAN(A, n, t) {
    const X = (x) => 8 + ((x + 3.5) / 7) * (A.W - 16), Y = (v) => 186 - 150 * v;
    const xs = Array.from({ length: 141 }, (_, i) => -3.5 + i / 20), games = xs.map((x) => familyGame(x, t));
    const path = (k) => "M" + games.map((g, i) => `${X(xs[i]).toFixed(1)} ${Y(g[k]).toFixed(1)}`).join("L");
    A.add("path", { d: `M8 ${Y(0)}H${A.W - 8}`, class: "line" });
    ["real", "fake", "judge"].forEach((cls, k) => A.add("path", { d: path(k), class: cls }));
    const u = uniform(2), spots = Array.from({ length: n }, () => 2 * t - 1 + (0.9 - 0.4 * t) * normal(u));
    spots.forEach((x) => A.add("circle", { cx: X(Math.max(-3.5, Math.min(3.5, x))), cy: 198, r: 4, class: "dot" }));
    A.write("real: solid", A.W * 0.2, 16);
    A.write("fakes: dashed", A.W * 0.5, 16);
    A.write("judge: dotted", A.W * 0.8, 16);
    const mean = spots.reduce((sum, x) => sum + familyGame(x, t)[2], 0) / n;
    return `The best judge takes these ${n} fakes for real with probability `
      + `${fmt(mean)} on average; one half is a guess.`;
  },
  Hopfield(A, n, t) {
    const count = Math.round(t * n * n), { s: state, energies } = familyRecall(n, count);
    two(A, n, familyDamage(n), state.map((v) => (v + 1) / 2), "damaged", `after ${big(count)} answers`);
    return `After ${big(count)} of ${big(n * n)} neurons the energy has gone from ${fmt(energies[0])} to `
      + `${fmt(energies.at(-1))}.`;
  },
  Boltzmann(A, n, t) {
    const sweeps = 1 + index(t, 20), { s: state, mean, energies } = familyRecall(n, sweeps * n * n, 0.75);
    two(A, n, state, mean, `sweep ${sweeps}`, "mean of all sweeps");
    return `Sweep ${sweeps} of 20 over ${big(n * n)} neurons: the energy goes up and down, now `
      + `${fmt(energies.at(-1))}.`;
  },
};
/** Two pictures: signs, and numbers in [0, 1]. */
function two(A, n, signs, values, first, second) {
  const size = Math.min(186, (A.W - 44) / 2), x = A.W / 2 - size - 20, y = 12;
  A.picture(signs.map((v) => (v + 1) / 2), n, x, y, size, first);
  arrow(A.svg)(A.W / 2 - 12, y + size / 2, A.W / 2 + 13, y + size / 2);
  A.picture(values, n, A.W / 2 + 20, y, size, second);
}
/** n steps in a row: what is remembered of the first one, and the gate of each. */
function chain(A, n, t, name) {
  const k = index(t, n) + 1, { values, gates } = familyMemory(name, n, k), d = A.W / n;
  const base = name === "GRU" ? 118 : 158;
  A.add("path", { d: `M0 ${base}H${A.W}`, class: "line" });
  values.forEach((v, i) => {
    const x = (i + 0.5) * d, now = i + 1 === k, tall = Math.abs(v) * 88, up = v < 0 ? base : base - tall;
    A.add("rect", { x: x - 0.36 * d, width: 0.72 * d, y: up, height: Math.max(0.8, tall),
      class: `bar ${v < 0 ? "nil" : "one"} ${now ? "now" : ""}` });
    if (i) edge(A.svg, 2)(x - d + 0.3 * d, 206, x - 0.3 * d, 206, 0.3);
    const mark = A.add("circle", { r: Math.min(9, 0.3 * d), class: gates[i] ? "gate full" : "gate" });
    place(mark, x, 206);
  });
  const what = { RNN: "the same step, again and again", LSTM: "forget gate: full keeps",
    GRU: "update gate: full replaces" };
  A.write(what[name], A.W / 2, 229);
  A.write("memory of step 1", Math.min(A.W / 2, 70), 14);
  if (name === "RNN") return `At step ${k} of ${n}, ${fmt(values[k - 1])} is left of the 1 that came first.`;
  if (k === 1) return "Step 1 writes a 1 into the memory, and no later step touches it.";
  return name === "LSTM" ? `Each step keeps the 1 as it is, until the forget gate closes at step ${k} of ${n}.`
    : `At step ${k} of ${n} the gate opens: −0.6 comes in, and the 1 goes.`;
}

// ---- all together --------------------------------------------------------------------------------------------

/** Parameters and multiply-adds: formula, numbers, total. */
function counts(parent) {
  const rows = ["parameters", "multiply-adds"].map((title) => {
    const f = h("span", { class: "f" }), n = h("span", { class: "n" }), v = h("b");
    return { title, f, n, v, el: h("div", {}, f, n, v) };
  });
  const group = { class: "nn-rule", role: "group", "aria-label": "What it counts" };
  parent.append(h("div", group, ...rows.map((r) => r.el)));
  return (name, n) => familyTerms(name, n, M).map((terms, i) => {
    const { title, f, n: numbers, v } = rows[i], total = terms.reduce((sum, [, value]) => sum + value, 0);
    f.innerHTML = `<span class="what">${title}</span> ${terms.map(([formula]) => sym(formula)).join(" + ")}`;
    set(numbers, { text: terms.length > 1 ? `${terms.map(([, value]) => big(value)).join(" + ")} =` : "=" });
    set(v, { text: big(total) });
    return total;
  });
}
function render({ model, el }) {
  const get = (k) => model.get(k), root = h("div", { class: "nn nn-family" }), side = h("div"), main = h("div");
  root.append(h("div", { class: "nn-kin" }, side, main));
  el.append(root);
  const pick = tree(side, get("member"), (member) => put(model, { member })), news = h("p", { class: "nn-news" });
  main.append(news);
  const A = sheet(main), say = readout(main), count = counts(root);
  root.append(h("div", { class: "nn-tools" }, h("p", { class: "nn-legend", html:
    `${sym("n")}: side of the picture; ${sym("m")} = ${M} hidden neurons; ${sym("c")} = 10 classes; `
    + `${sym("k")} = ${sym("n")}² + ${sym("m")}` }),
  h("div", { class: "nn-btns" }, button("Reset", () => put(model, get("start"))))));
  const paint = painter(root, () => {
    if (!A.lut || !A.W) return;
    const name = get("member"), n = get("side"), [, year, text] = FAMILY[name];
    A.clear();
    news.innerHTML = `<b>${name}</b>, ${year}. ${text}`;
    const moment = SHOW[name](A, n, get("progress")), [parameters] = count(name, n);
    set(A.svg, { "aria-label": `${name} at work. ${moment}` });
    say(`${moment} <b>${big(parameters)} parameters</b> for pictures of ${n} by ${n}.`);
    pick(name);
  });
  const offs = [
    tint(root, (colours) => { A.lut = colours; paint(); }),
    sized(A.box, (width) => { A.W = width; paint(); }),
    watch(model, ["member", "side", "progress"], paint),
  ];
  return () => offs.forEach((off) => off());
}
export default { render };
