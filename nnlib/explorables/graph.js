// graph.js: chapter 11. An expression that the reader types, as a graph. Forward mode carries a tangent with every
// value, reverse mode sends adjoints back; one node a click. Picture, words and table show the same numbers.
import {
  h, s, set, put, watch, fmt, paren, sym, label, painter, sized, place, button, choice, readout,
} from "./base.js";
import {
  parseExpression, expressionValues, expressionTangents, expressionAdjoints, expressionCost, expressionLayout,
  EXPRESSION_LIMITS,
} from "./math.js";

const KEYS = ["expression", "mode", "step", "x", "y"];
const MODES = [["x", "forward, by x"], ["y", "forward, by y"], ["reverse", "reverse"]];
const EXAMPLES = ["sin(x*y) + x**2", "(x + y) * (x - y)", "sigmoid(2*x - y + 1)", "exp(-x**2) * cos(3*y)", "x*x*x*x",
  "relu(x - y) + relu(y - x)", "sqrt(x**2 + y**2)", "tanh(x*y) / (1 + x**2)", "x * sin(x) * sin(y)"];

// ---- letters and formulas ------------------------------------------------------------------------------------

const SIGNS = { "+": "+", "-": "−", "*": "·", "/": "/" };
const fixed = (node) => node.op === "const";
/** A constant as it was typed, if it is short: 2, 0.5, 3.14. */
const plain = (v) => (String(v).length < 5 ? String(v).replace("-", "−") : fmt(v));
/** x, y, v_1, v_2, ...; a constant is its own name. */
function namesOf(nodes) {
  let k = 0;
  return nodes.map((n) => (fixed(n) ? plain(n.value) : n.args.length ? `v_${++k}` : n.op));
}
const html = (name) => (/^[xyv]/.test(name) ? sym(name) : name);
/** A letter with the mark of its derivative: a dot for tangents, a bar for adjoints. */
function marked(name, back) {
  const [a, k] = name.split("_");
  return `<i class="${back ? "nn-over" : "nn-dot"}">${a}</i>${k ? `<sub>${k}</sub>` : ""}`;
}
/** What stands in a node's box: its operation, with its constant if it has one. */
function boxed({ op, args }, nodes) {
  const [a, b] = args.map((j) => (fixed(nodes[j]) ? plain(nodes[j].value) : ""));
  if (op === "const") return "";
  if (op === "neg") return "−";
  if (op === "**") return b ? `( )^${b}` : a ? `${a}^( )` : "( )^( )";
  return SIGNS[op] ? `${a} ${op === "*" ? "×" : SIGNS[op]} ${b}`.trim() : op;
}
/** How a node is computed, as its row of the table says it; a and b name the arguments. */
function written(op, a, b) {
  if (op === "neg") return `−${a}`;
  if (op === "**") return `${a}<sup>${b}</sup>`;
  return SIGNS[op] ? `${a} ${SIGNS[op]} ${b}` : `${op} ${a}`;
}
/** The slopes of an operation as formulas; v is the node itself. */
const SLOPES = {
  "+": () => ["1", "1"],
  "-": () => ["1", "−1"],
  "*": (v, a, b) => [b, a],
  "/": (v, a, b) => [`1 / ${b}`, `−${v} / ${b}`],
  "**": (v, a, b) => [lowered(a, b), `${v} · log ${a}`],
  neg: () => ["−1"],
  sin: (v, a) => [`cos ${a}`],
  cos: (v, a) => [`−sin ${a}`],
  tan: (v) => [`1 + ${v}<sup>2</sup>`],
  exp: (v) => [v],
  log: (v, a) => [`1 / ${a}`],
  sqrt: (v) => [`1 / (2 ${v})`],
  tanh: (v) => [`1 − ${v}<sup>2</sup>`],
  sigmoid: (v) => [`${v} (1 − ${v})`],
  relu: (v, a) => [`1 if ${a} > 0, else 0`],
  abs: (v, a) => [`the sign of ${a}`],
};
/** The slope of a power by its base. */
function lowered(a, b) {
  const n = Number(b.replace("−", "-")) - 1;
  if (n === 1) return `2 ${a}`;
  return `${b} · ${a}<sup>${Number.isNaN(n) ? `${b} − 1` : plain(n)}</sup>`;
}

/** Everything that picture, table and words need, read from the model once a frame. */
function read(model, { nodes, cost, names }) {
  const [, mode, asked, x, y] = KEYS.map((k) => model.get(k)), last = nodes.length - 1, back = mode === "reverse";
  const run = expressionValues(nodes, { x, y }), inner = nodes.flatMap((n, i) => (n.args.length ? [i] : []));
  const step = Math.max(0, Math.min(asked, inner.length));
  const now = step ? inner[back ? inner.length - step : step - 1] : null;
  const slopes = back ? expressionAdjoints(nodes, run, step) : expressionTangents(nodes, run, mode);
  const passed = (i) => nodes[i].args.length > 0 && (back ? i >= now && step > 0 : i <= now && step > 0);
  const known = (i) => back || !nodes[i].args.length || passed(i); // has a value
  const gained = (i) => i === last || inner.some((k) => passed(k) && nodes[k].args.includes(i));
  const arrived = (i) => (back ? gained(i) : known(i)); // has a tangent or an adjoint
  const live = (i) => nodes[i].args.filter((j) => !fixed(nodes[j])).length;
  const count = inner.reduce((sum, i) => sum + (passed(i) ? live(i) : 0), 0);
  return { nodes, cost, names, run, slopes, back, mode, step, inner, now, last, x, y, passed, known, arrived, count };
}

// ---- the picture ---------------------------------------------------------------------------------------------

const BOX = 66, TALL = 70, GAP = 84;
/** A box: which operation, its value, and on the band below its tangent or adjoint. */
function box(svg, node, name, isRoot, nodes) {
  const inner = node.args.length > 0, w = BOX / 2, b = TALL / 2, r = inner ? 10 : 21;
  const frame = { x: -w, y: -b, width: BOX, height: TALL, rx: inner ? 10 : 24 };
  const value = s("text", { class: "num", y: 7 }), slope = s("text", { class: "num slope", y: 27 });
  const band = `M${-w} 13H${w}V${b - r}Q${w} ${b} ${w - r} ${b}H${r - w}Q${-w} ${b} ${-w} ${b - r}z`;
  const title = inner ? operation(boxed(node, nodes)) : label(fixed(node) ? "" : name, { class: "nn-sym in", y: -14 });
  const g = s("g", { class: "nn-op" }, s("rect", { ...frame, class: "paper" }), s("path", { class: "band", d: band }),
    s("rect", { ...frame, class: "ring" }), title, value, slope);
  if (inner) g.append(label(name, { x: -w, y: -b - 5, class: "nn-sym tag" }));
  if (isRoot && inner) g.append(s("text", { class: "nn-sym tag f", x: w, y: -b - 5, text: "f" }));
  svg.append(g);
  return (v, d, [x, y], shrink, cls) => {
    const transform = `translate(${x.toFixed(1)},${y.toFixed(1)}) scale(${shrink.toFixed(3)})`;
    set(g, { class: `nn-op ${cls}`, transform });
    set(value, { text: v == null ? "" : fmt(v) });
    set(slope, { text: d == null ? "" : fmt(d) });
  };
}
function operation(text) {
  const [base, power] = text.split("^"), cls = "op" + (text.length > 5 ? " small" : "");
  const el = s("text", { class: cls, y: -14 }, base);
  if (power) el.append(s("tspan", { dy: "-.45em", class: "nn-sub", text: power }));
  return el;
}
/** An edge with room for its slope; the head points the way that numbers travel. */
function wire(under, over) {
  const line = under.appendChild(s("path")), head = under.appendChild(s("path"));
  const text = s("text", { class: "num", y: 5 }), pill = s("rect", { height: 24, rx: 12, y: -12 });
  const tag = over.appendChild(s("g", {}, pill, text));
  return ({ points, aside }, flat, back, cls, slope) => {
    // Curves are computed with the layers along the first axis, and turned for a graph that runs down.
    const turn = (q) => (flat ? q : [q[1], q[0]]), out = (q) => turn(q).map((v) => v.toFixed(1)).join(" ");
    const p = points.map(turn), tip = back ? p[0] : p.at(-1), c = back ? -9 : 9;
    let d = `M${out(p[0])}`;
    for (let k = 1; k < p.length; k++) {
      const mid = (p[k - 1][0] + p[k][0]) / 2;
      d += `C${out([mid, p[k - 1][1]])} ${out([mid, p[k][1]])} ${out(p[k])}`;
    }
    const wing = (side) => out([tip[0] - c, tip[1] + side * 4.5]);
    set(line, { d, class: `nn-wire ${cls}` });
    set(head, { d: `M${out(tip)}L${wing(-1)}L${wing(1)}z`, class: `nn-wire-head ${cls}` });
    set(tag, { class: `nn-slope-tag ${back ? "back" : ""}`, visibility: slope == null ? "hidden" : null });
    if (slope == null) return;
    const w = 22 + 7.6 * slope.length, a = p.at(-2), b = p.at(-1);
    place(tag, ...turn([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + aside * (flat ? 0.3 : 2.2)]));
    set(pill, { x: -w / 2, width: w });
    set(text, { text: `× ${slope}` });
  };
}
/** How large the graph is in W pixels: from left to right where there is room, else from top to bottom. */
function arranged({ depth, span }, W) {
  const long = depth ? (W - BOX) / depth : 0, flat = !depth || long >= BOX + 34;
  const along = flat ? Math.min(long, 160) : TALL + 52;
  const across = flat ? GAP + 12 : Math.min(GAP, (W - BOX) / (span || 1));
  const length = depth * along, width = span * across, top = TALL / 2 + 24;
  const spot = flat ? ([layer, k]) => [(W - length) / 2 + layer * along, top + k * across]
    : ([layer, k]) => [(W - width) / 2 + k * across, top + layer * along];
  return { flat, spot, shrink: Math.min(1, (across - 5) / BOX), height: (flat ? width : length) + TALL + 36 };
}
/** Where an edge leaves and enters: two arguments of one node arrive side by side, in the order of their places. */
function ends({ from, to, arg, via }, { nodes, layout }, { flat, spot, shrink }) {
  const here = layout.edges.filter((e) => e.to === to), reach = (flat ? BOX : TALL) / 2 * shrink + 2;
  const place = (e) => e.via.at(-1)?.[1] ?? layout.at[e.from][1];
  here.sort((p, q) => place(p) - place(q) || p.arg - q.arg);
  const aside = here.length > 1 ? (here.findIndex((e) => e.arg === arg) - 0.5) * 20 * shrink : 0;
  const twice = nodes[to].args[0] === nodes[to].args[1];
  const move = ([x, y], on, side) => (flat ? [x + on, y + side] : [x + side, y + on]);
  const a = move(spot(layout.at[from]), reach, twice ? aside : 0), b = move(spot(layout.at[to]), -reach, aside);
  return { points: [a, ...via.map(spot), b], aside };
}
/** The whole graph. Returns { build(graph), resize(width), draw(values), ready() }. */
function drawing(parent) {
  const svg = parent.appendChild(s("svg", { role: "img" }));
  let graph, boxes, wires, W = 0, at;
  const arrange = () => {
    if (!W || !graph) return;
    at = arranged(graph.layout, W);
    set(svg, { width: W, height: at.height, viewBox: `0 0 ${W} ${at.height}` });
  };
  const build = (g) => {
    const under = s("g"), middle = s("g"), over = s("g"), { nodes, layout, names } = (graph = g);
    svg.replaceChildren(under, middle, over);
    wires = layout.edges.map(() => wire(under, over));
    boxes = nodes.map((n, i) => layout.at[i] && box(middle, n, names[i], i === nodes.length - 1, nodes));
    arrange();
  };
  const draw = (v) => {
    const { back, now, run } = v;
    graph.layout.edges.forEach((e, k) => {
      const travels = v.passed(e.to), way = travels ? (back ? "back" : "done") : "idle", current = e.to === now;
      const slope = current ? fmt(run.slopes[e.to][e.arg]) : null;
      wires[k](ends(e, graph, at), at.flat, back && travels, `${way}${current ? " now" : ""}`, slope);
    });
    boxes.forEach((update, i) => {
      const dress = `${back ? "back" : ""}${i === now ? " now" : ""}${v.known(i) ? "" : " pale"}`;
      const value = v.known(i) ? run.values[i] : null, slope = v.arrived(i) ? v.slopes[i] : null;
      update?.(value, slope, at.spot(graph.layout.at[i]), at.shrink, dress);
    });
    set(svg, { "aria-label": spoken(v) });
  };
  return { build, draw, resize: (w) => { W = w; arrange(); }, ready: () => !!at };
}
/** The picture in words, for who can't see it. */
function spoken(v) {
  const kind = v.back ? "adjoint" : "tangent";
  const parts = v.nodes.flatMap((n, i) => {
    if (fixed(n) || !v.known(i)) return [];
    const slope = v.arrived(i) ? `, ${kind} ${fmt(v.slopes[i])}` : "";
    return [`${v.names[i].replace("_", "")} = ${fmt(v.run.values[i])}${slope}`];
  });
  return `The graph of the expression, ${v.back ? "reverse" : "forward"} mode: ${parts.join("; ")}.`;
}

// ---- the table and the words ---------------------------------------------------------------------------------

/** One row a node: how it is computed, its value, and its tangent or adjoint. */
function tape(parent) {
  const body = h("tbody"), third = h("th", { scope: "col" });
  const head = h("thead", {}, h("tr", {}, ...["Step", "Value"].map((text) => h("th", { scope: "col", text })), third));
  const table = h("table", { class: "nn-tape" }, head, body);
  const fold = h("details", { class: "nn-steps-list" }, h("summary", { text: "The steps as a list" }), table);
  parent.append(fold);
  const resize = (W) => { fold.open = W > 640; }; // on a phone the sliders stay near the picture
  let rows = [];
  const build = ({ nodes, names }) => {
    rows = nodes.flatMap((n, i) => {
      if (fixed(n) && nodes.length > 1) return [];
      const f = n.args.length ? ` = ${written(n.op, ...n.args.map((j) => html(names[j])))}` : "";
      const value = h("td"), slope = h("td"), head = h("th", { scope: "row", html: html(names[i]) + f });
      return [{ i, row: h("tr", {}, head, value, slope), value, slope }];
    });
    body.replaceChildren(...rows.map((r) => r.row));
  };
  const draw = (v) => {
    set(third, { text: v.back ? "Adjoint" : `Tangent by ${v.mode}`, class: v.back ? "back" : null });
    for (const { i, row, value, slope } of rows) {
      set(row, { class: i === v.now ? "now" : null });
      set(value, { text: v.known(i) ? fmt(v.run.values[i]) : "" });
      set(slope, { text: v.arrived(i) ? fmt(v.slopes[i]) : "", class: v.back ? "back" : null });
    }
  };
  return { build, draw, resize };
}
/** What both modes cost for all slopes. */
function bill(parent) {
  const list = ["forward", "reverse"].map((mode) => [mode, h("td"), h("td"), h("td")]);
  const titles = ["Slopes by all inputs", "Edges", "Runs", "Multiply-adds"];
  const head = h("thead", {}, h("tr", {}, ...titles.map((text) => h("th", { scope: "col", text }))));
  const rows = list.map(([mode, ...cells]) => h("tr", {}, h("th", { scope: "row", text: `${mode} mode` }), ...cells));
  parent.append(h("table", { class: "nn-tape nn-bill" }, head, h("tbody", {}, ...rows)));
  return ({ cost }) => list.forEach(([mode, edges, runs, total]) => {
    set(edges, { text: String(cost.edges) });
    set(runs, { text: String(mode === "forward" ? cost.inputs : Math.min(1, cost.inputs)) });
    set(total, { text: String(cost[mode]) });
  });
}
/** The step that was just made, in words and numbers; at the end, the result. */
function sentence(v) {
  const { nodes, names, run, back, mode, step, inner, slopes, last } = v, f = sym("f");
  const at = `at ${sym("x")} = ${fmt(v.x)}, ${sym("y")} = ${fmt(v.y)}`, by = (op) => `∂${f}/∂${sym(op)}`;
  if (!inner.length) return `There is no operation to step through: ${f} = ${fmt(run.values[last])} ${at}.`;
  const broken = inner.find((i) => Number.isNaN(run.values[i]));
  if (broken !== undefined) return `<b>${html(names[broken])} is not a real number</b> ${at}. Move a slider.`;
  if (!step && back) {
    return `The run forward has stored every value ${at}. Reverse mode starts at the end: `
      + `the adjoint of ${html(names[last])} is <b>1</b>.`;
  }
  if (!step) {
    return `The start ${at}: the tangent of ${sym(mode)} is <b>1</b>, `
      + `the tangent of ${sym(mode === "x" ? "y" : "x")} is <b>0</b>.`;
  }
  const told = back ? backWords(v) : forwardWords(v);
  if (step < inner.length) return told;
  if (!back) return `${told} <b>Done: ${by(mode)} = ${fmt(slopes[last])}</b> ${at}.`;
  const found = nodes.flatMap((n, i) => (n.args.length || fixed(n) ? [] : [`${by(n.op)} = ${fmt(slopes[i])}`]));
  return `${told} <b>Done: ${found.join(" and ")}</b> ${at}.`;
}
/** The arguments of the current node that are not constants, each with its slope as a formula. */
function parts({ nodes, names, now }) {
  const { op, args } = nodes[now], formulas = SLOPES[op](html(names[now]), ...args.map((j) => html(names[j])));
  return args.flatMap((j, p) => (fixed(nodes[j]) ? [] : [{ j, p, formula: formulas[p] }]));
}
const slopesAre = (list) =>
  `slope${list.length > 1 ? "s" : ""} ${list.map(({ formula }) => formula).join(" and ")}`;
function forwardWords(v) {
  const { names, run, now, slopes } = v, list = parts(v);
  const products = list.map(({ j, p }) => `${paren(run.slopes[now][p])} · ${paren(slopes[j])}`).join(" + ");
  return `${html(names[now])} = ${fmt(run.values[now])}, with the ${slopesAre(list)}: `
    + `${marked(names[now])} = ${products} = <b>${fmt(slopes[now])}</b>.`;
}
function backWords(v) {
  const { names, run, now, slopes } = v, list = parts(v);
  const gains = list.map(({ j, p }) => {
    const slope = run.slopes[now][p], gain = `${paren(slopes[now])} · ${paren(slope)}`;
    return `${marked(names[j], true)} gains ${gain} = <b>${fmt(slopes[now] * slope)}</b>`;
  });
  return `${html(names[now])} passes its adjoint on, times its ${slopesAre(list)}: `
    + `${gains.join(", and ")}.`;
}

// ---- the text field ------------------------------------------------------------------------------------------

/** The mistake in its place, what is wrong with it, and what the picture shows meanwhile. */
function complaint({ at, length, say }, text, shown) {
  const end = at + length, wrong = text.slice(at, end).trim() ? text.slice(at, end) : "\u2423"; // an open box: a gap
  const where = at < text.length ? `(At character ${at + 1}.) ` : "";
  return [h("code", {}, text.slice(0, at), h("mark", { text: wrong }), text.slice(end)),
    h("p", {}, h("b", { text: say }), ` ${where}The picture still shows ${shown}.`)];
}
/**
 * The field and its message. What can be read shows at once; a mistake is marked where it stands, half a second after
 * the last key, or on Enter. Returns { show(), off() }: `show` puts the model's expression into the field.
 */
function textField(parent, model) {
  const id = `nn-expression-${Math.random().toString(36).slice(2, 9)}`, say = h("div", { class: "nn-mistake", id });
  const input = h("input", { type: "text", autocomplete: "off", autocapitalize: "off", autocorrect: "off",
    spellcheck: "false", maxlength: 2 * EXPRESSION_LIMITS.characters, "aria-describedby": id,
    "aria-label": "Expression f(x, y)", "data-lm-suppress-shortcuts": "true" });
  const name = h("span", { "aria-hidden": "true", html: `${sym("f")}(${sym("x")}, ${sym("y")}) =` });
  parent.append(h("div", { class: "nn-field" }, name, input), set(say, { "aria-live": "polite" }));
  let timer;
  const show = (error) => {
    set(input, { "aria-invalid": error ? "true" : null });
    say.replaceChildren(...(error ? complaint(error, input.value, model.get("expression")) : []));
  };
  const test = (now) => {
    clearTimeout(timer);
    const { error } = parseExpression(input.value), expression = input.value.trim();
    if (error && !now) timer = setTimeout(() => show(error), 600);
    else show(error);
    if (!error && expression !== model.get("expression")) put(model, { expression, step: 0 });
  };
  set(input, { oninput: () => test(false), onchange: () => test(true),
    onkeydown: (e) => { if (e.key === "Enter") test(true); } });
  return { off: () => clearTimeout(timer), show: () => {
    clearTimeout(timer);
    if (input.value.trim() !== model.get("expression")) input.value = model.get("expression");
    show(null);
  } };
}

/** Another of the examples, at another point; the point lies on the sliders' grid. */
function surprise(shown) {
  const others = EXAMPLES.filter((e) => e !== shown), some = () => Math.round(Math.random() * 80 - 40) / 20;
  return { expression: others[Math.floor(Math.random() * others.length)], step: 0, x: some(), y: some() };
}

function render({ model, el }) {
  const root = h("div", { class: "nn nn-graph" }), flow = h("div"), legend = h("p", { class: "nn-head-line" });
  root.append(flow);
  el.append(root);
  const text = textField(flow, model);
  const modes = choice("Mode", MODES, model.get("mode"), (mode) => put(model, { mode, step: 0 }));
  flow.append(h("div", { class: "nn-tools" }, modes.el), legend);
  const picture = drawing(flow), say = readout(flow);
  let graph, source;
  const follow = () => { // a new expression: a new graph
    if (source === model.get("expression")) return;
    const { nodes, error } = parseExpression((source = model.get("expression")));
    if (error) return;
    graph = { nodes, names: namesOf(nodes), cost: expressionCost(nodes), layout: expressionLayout(nodes) };
    picture.build(graph);
    rows.build(graph);
    text.show();
  };
  const go = (step) => put(model, { step: Math.max(0, Math.min(graph.cost.operations, step)) });
  const back = button("Back", () => go(model.get("step") - 1));
  const next = button("Next node", () => go(model.get("step") + 1), "go");
  const all = button("To the end", () => go(Infinity));
  const other = button("Surprise me", () => put(model, surprise(source)));
  const reset = button("Reset", () => { put(model, model.get("start")); text.show(); });
  flow.append(h("div", { class: "nn-tools" }, h("div", { class: "nn-btns" }, back, next, all),
    h("div", { class: "nn-btns" }, other, reset)));
  const tables = flow.appendChild(h("div", { class: "nn-graph-tables" })), rows = tape(tables), costs = bill(tables);

  const paint = painter(root, () => {
    follow();
    if (!picture.ready()) return;
    const v = read(model, graph), end = v.step === v.inner.length;
    const below = v.back ? "its adjoint, the slope of f by it" : `its tangent, its slope by ${v.mode}`;
    modes.set(v.mode);
    set(legend, { text: `In each box: the operation, its value, and below ${below}.` });
    picture.draw(v);
    rows.draw(v);
    costs(v);
    say(`${sentence(v)} <span class="nn-dim">${v.count} of ${v.cost.edges} multiply-adds of this run.</span>`);
    set(back, { "aria-disabled": v.step ? null : "true" });
    for (const b of [next, all]) set(b, { "aria-disabled": end ? "true" : null });
  });
  const resize = (W) => { picture.resize(W); rows.resize(W); paint(); };
  const offs = [sized(flow, resize), watch(model, KEYS, paint), text.off];
  return () => offs.forEach((off) => off());
}
export default { render };
