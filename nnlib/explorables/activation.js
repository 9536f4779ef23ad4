// activation.js: chapter 3. An activation f(kx) and its slope k f'(kx) side by side, with one x to drag.
import { h, s, set, fmt, paren, sym, put, watch, painter, sized, place, button, choice, readout } from "./base.js";
import { ACTIVATIONS, sigmoid } from "./math.js";

const NAMES = [
  ["sigmoid", "sigmoid"], ["tanh", "tanh"], ["relu", "ReLU"], ["leaky_relu", "leaky ReLU"], ["heaviside", "step"],
];
const KINKED = ["relu", "leaky_relu", "heaviside"]; // their slope, or their value, is in two pieces: x <= 0, x > 0
const R = 6, FLAT = 0.05; // the picture shows [-R, R]; a slope below FLAT of its peak counts as flat
const GUT = 34, FOOT = 24; // room for the numbers of the axes
const HALF = 120, XS = Array.from({ length: 2 * HALF + 1 }, (_, i) => { // dense around 0, where steep curves turn
  const t = (i - HALF) / HALF;
  return Math.sign(t) * R * Math.abs(t) ** 2.5;
});
const PAGE = { PageDown: -1, PageUp: 1, Home: -2 * R, End: 2 * R };
const KEYS = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1, ...PAGE };
const minus = (v) => String(Math.round(v * 100) / 100).replace("-", "−");
const K = sym("k"), KX = sym("k") + sym("x"), SLOPE = `${K} ${sym("f")} ′(${KX})`;

/** Value and slope of f(kx) at x, and the slope's peak. */
const at = (name, x, k) => ACTIVATIONS[name].map((f, i) => (i ? k : 1) * f(k * x));
const peakOf = (name, k) => at(name, KINKED.includes(name) ? 1 : 0, k)[1];

/** Value and slope: [formula, numbers] of each. */
const FORMULAS = {
  sigmoid: (z, f, k) => [[`1 / (1 + e<sup>−${KX}</sup>)`, `1 / (1 + e<sup>${fmt(-z)}</sup>) =`],
    [`${K} ${sym("f")} (1 − ${sym("f")})`, `${fmt(k)} · ${fmt(f)} · ${fmt(sigmoid(-z))} =`]],
  tanh: (z, f, k) => [[`tanh(${KX})`, `tanh(${fmt(z)}) =`],
    [`${K} (1 − ${sym("f")}<sup> 2</sup>)`, `${fmt(k)} · (1 − ${paren(f)}<sup>2</sup>) =`]],
  relu: (z, f, k) => [[`max(0, ${KX})`, `max(0, ${fmt(z)}) =`],
    [`${K} if ${sym("x")} > 0, else 0`, `${fmt(k)} · ${+(z > 0)} =`]],
  leaky_relu: (z, f, k) => [[`${KX} if ${sym("x")} > 0, else 0.1 ${KX}`, `${z > 0 ? 1 : 0.1} · ${paren(z)} =`],
    [`${K} if ${sym("x")} > 0, else 0.1 ${K}`, `${fmt(k)} · ${z > 0 ? 1 : 0.1} =`]],
  heaviside: (z) => [[`1 if ${KX} > 0, else 0`, `as ${fmt(z)} ${z > 0 ? "> 0" : "≤ 0"}`],
    ["0", "flat on both sides"]],
};

/** The window of each of the two pictures: [low, high] of the value and of the slope. */
function windows(name, k) {
  const roof = (v) => [0.15, 0.3, 0.6, 1.2, 2.5, 6, 12, 24, 60].find((t) => t >= v) || 120;
  const value = { sigmoid: [-0.12, 1.12], heaviside: [-0.12, 1.12], tanh: [-1.15, 1.15] }[name];
  const most = roof(R * k), high = name === "heaviside" ? 1.2 : roof(1.08 * peakOf(name, k));
  return [value || [-0.14 * most, 1.04 * most], [-0.1 * high, 1.06 * high]];
}

/** One picture: axes that follow the window, and a clipped group for the marks. */
function chart(parent, title) {
  const svg = s("svg", { role: "img" }), axes = s("g", { class: "nn-axes" }), hole = s("rect", { x: GUT, y: 0 });
  const id = "nnk" + Math.random().toString(36).slice(2, 8), g = s("g", { "clip-path": `url(#${id})` });
  svg.append(s("clipPath", { id }, hole), axes, g);
  const box = h("div", { class: "nn-chart" }, svg);
  parent.append(h("div", {}, h("p", { class: "nn-head-line", html: title }), box));
  const part = (cls) => g.appendChild(s("path", { class: cls })), mark = { flat: part("nn-flat"), x: part("nn-x") };
  const C = {
    box, svg, g, part, W: 0, H: 0, low: 0, high: 1, mark: { ...mark, curve: part("nn-curve"), ends: s("g") },
    x: (v) => GUT + ((v + R) / (2 * R)) * (C.W - GUT),
    y: (v) => ((C.high - v) / (C.high - C.low)) * (C.H - FOOT),
    data(e) { // the x under a mouse or a finger
      const b = svg.getBoundingClientRect();
      return ((e.clientX - b.left - GUT) / (b.width - GUT)) * 2 * R - R;
    },
  };
  let drawn = "";
  C.frame = ([low, high]) => {
    const key = [low, high, C.W, C.H].join();
    if (key === drawn) return;
    [drawn, C.low, C.high] = [key, low, high];
    axes.replaceChildren(...numbers(C));
    set(hole, { width: C.W - GUT, height: C.H - FOOT });
    set(svg, { width: C.W, height: C.H, viewBox: `0 0 ${C.W} ${C.H}` });
  };
  return C;
}
function numbers({ x, y, W, H, low, high }) {
  const step = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50].find((t) => high / t <= 4.5), bottom = H - FOOT;
  const text = (px, py, anchor, v) => s("text", { x: px, y: py, "text-anchor": anchor, text: minus(v) }), marks = [];
  for (let v = -R; v <= R; v += 2) {
    marks.push(s("path", { class: v ? "grid" : "zero", d: `M${x(v)} 0V${bottom}` }));
    marks.push(text(x(v), H - 6, v === R ? "end" : "middle", v));
  }
  for (let j = Math.ceil(low / step); j * step <= high; j++) {
    marks.push(s("path", { class: j ? "grid" : "zero", d: `M${GUT} ${y(j * step)}H${W}` }));
    marks.push(text(GUT - 6, y(j * step) + 4, "end", j * step));
  }
  return [...marks, s("rect", { class: "frame", x: GUT + 0.5, y: 0.5, width: W - GUT - 1, height: bottom - 1 })];
}
/** The curve of value (0) or slope (1); where it jumps, a full and a hollow end. */
function curve(C, name, k, which) {
  const jumps = which ? KINKED.slice(0, 2).includes(name) : name === "heaviside";
  const points = XS.map((x) => [x, at(name, x, k)[which]]), right = [0, at(name, 1e-9, k)[which]];
  if (jumps) points.splice(HALF + 1, 0, right);
  const step = ([x, v], i) => `${!i || (jumps && i === HALF + 1) ? "M" : "L"}${C.x(x).toFixed(1)} ${C.y(v).toFixed(1)}`;
  set(C.mark.curve, { d: points.map(step).join("") });
  C.mark.ends.replaceChildren(...(jumps ? [["nn-closed", points[HALF]], ["nn-hollow", right]] : [])
    .map(([cls, [x, v]]) => place(s("circle", { class: cls, r: 4.5 }), C.x(x), C.y(v))));
}
/** Bands over the x where the slope is nearly nothing. */
function bands(C, name, k) {
  const peak = peakOf(name, k), steep = XS.map((x) => at(name, x, k)[1] > FLAT * peak);
  const band = (from, to) => `M${C.x(from)} 0H${C.x(to)}V${C.H}H${C.x(from)}z`;
  const a = steep.indexOf(true), b = steep.lastIndexOf(true);
  const left = a > 0 ? band(-R, XS[a - 1]) : "", right = b < 2 * HALF ? band(XS[b + 1], R) : "";
  set(C.mark.flat, { d: a < 0 ? band(-R, R) : left + right });
}

/** The one x: a green handle on the curve; a press on either picture moves it too. A finger may still scroll. */
function grip(charts, get, move) {
  const [F] = charts, b = h("button", { type: "button", class: "nn-handle", role: "slider", "aria-label": "x" });
  F.box.append(set(b, { "aria-valuemin": -R, "aria-valuemax": R }));
  set(b, { onkeydown: (e) => {
    if (!(e.key in KEYS)) return;
    e.preventDefault();
    move(get() + KEYS[e.key] * (e.shiftKey ? 5 : 1));
  } });
  let live = false;
  const end = () => { live = false; };
  for (const [target, C] of [[b, F], ...charts.map((c) => [c.svg, c])]) {
    const onpointerdown = (e) => {
      if (e.button || (e.pointerType === "touch" && target !== b)) return;
      live = true;
      e.preventDefault();
      target.setPointerCapture(e.pointerId);
      b.focus({ preventScroll: true });
      if (target !== b) move(C.data(e));
    };
    const onpointermove = (e) => live && move(C.data(e));
    set(target, { onpointerdown, onpointermove, onpointerup: end, onpointercancel: end });
    if (target !== b) set(target, { onclick: (e) => move(C.data(e)) });
  }
  return (px, py, x, f, df) => {
    b.style.transform = `translate(${px}px,${py}px)`;
    set(b, { "aria-valuenow": x, "aria-valuetext": `x = ${fmt(x)}, output ${fmt(f)}, slope ${fmt(df)}` });
  };
}
/** The two formulas with their numbers. */
function formulas(parent) {
  const rows = [`${sym("f")}(${KX}) = `, `${SLOPE} = `].map((head) => {
    const f = h("span", { class: "f" }), n = h("span", { class: "n" }), v = h("b");
    return { head, f, n, v, el: h("div", {}, f, n, v) };
  });
  const group = { class: "nn-rule", role: "group", "aria-label": "Value and slope, with their numbers" };
  parent.append(h("div", group, ...rows.map((r) => r.el)));
  return (name, z, k, values) => FORMULAS[name](z, values[0], k).forEach(([formula, nums], i) => {
    const { head, f, n, v } = rows[i];
    f.innerHTML = head + formula;
    n.innerHTML = nums;
    set(v, { text: fmt(values[i]) });
  });
}

function render({ model, el }) {
  const get = (k) => model.get(k), root = h("div", { class: "nn nn-activation" }), duo = h("div", { class: "nn-duo" });
  root.append(duo);
  el.append(root);
  const F = chart(duo, `The output ${sym("f")}(${KX}) and its tangent`);
  const D = chart(duo, `The slope ${SLOPE}, nearly 0 where it is grey`), charts = [F, D];
  const rise = F.part("nn-rise"), tangent = F.part("nn-tangent"), stem = D.part("nn-tangent");
  charts.forEach((C) => C.g.append(C.mark.ends));
  const dotted = D.g.appendChild(s("circle", { class: "nn-here", r: 6.5 }));
  const move = (x) => put(model, { x: Math.max(-R, Math.min(R, Math.round(x * 10) / 10)) || 0 });
  const held = grip(charts, () => get("x"), move), rows = formulas(root), say = readout(root);
  const pick = choice("Activation", NAMES, get("activation"), (activation) => put(model, { activation }));
  const reset = button("Reset", () => put(model, get("start")));
  root.append(h("div", { class: "nn-tools" }, pick.el, h("div", { class: "nn-btns" }, reset)));

  /** The tangent, of one length on the screen; the rise over a run of 1, or as far as the tangent goes. */
  const slope = (x, f, df) => {
    const ux = F.x(1) - F.x(0), uy = (F.y(0) - F.y(1)) * df, t = 62 / Math.hypot(ux, uy), px = F.x(x), py = F.y(f);
    set(tangent, { d: `M${px - t * ux} ${py + t * uy}L${px + t * ux} ${py - t * uy}` });
    const to = Math.min(t, 1);
    set(rise, { d: df ? `M${px} ${py}h${to * ux}v${-to * uy}` : "" });
    set(stem, { d: `M${D.x(x)} ${D.y(0)}V${D.y(df)}` });
    place(dotted, D.x(x), D.y(df));
    held(px, py, x, f, df);
  };
  const draw = () => {
    if (!F.W || !D.W) return;
    const name = get("activation"), k = get("steepness"), x = get("x"), values = at(name, x, k), [f, df] = values;
    const views = windows(name, k), title = NAMES.find(([n]) => n === name)[1];
    charts.forEach((C, i) => {
      C.frame(views[i]);
      curve(C, name, k, i);
      bands(C, name, k);
      set(C.mark.x, { d: `M${C.x(x)} 0V${C.H}` });
    });
    slope(x, f, df);
    rows(name, k * x, k, values);
    set(F.svg, { "aria-label": `${title} of steepness ${fmt(k)}: the output at x = ${fmt(x)} is ${fmt(f)}.` });
    set(D.svg, { "aria-label": `The slope of ${title} at x = ${fmt(x)} is ${fmt(df)}.` });
    pick.set(name);
    say(words(name, x, k, f, df));
  };
  const paint = painter(root, draw);
  const offs = charts.map((C) => sized(C.box, (W) => { C.W = W; C.H = C.box.clientHeight; paint(); }));
  offs.push(watch(model, ["activation", "x", "steepness"], paint));
  return () => offs.forEach((off) => off());
}

/** What value and slope mean at this x. */
function words(name, x, k, f, df) {
  const dim = (t) => ` <span class="nn-dim">${t}</span>`, kinked = KINKED.includes(name);
  const here = `At ${sym("x")} = ${fmt(x)}`;
  if (x === 0 && name === "heaviside") {
    return "<b>At 0 the step jumps</b> and has no slope."
      + dim("Here, as in nnlib, the value at 0 is 0, and the slope is taken as 0.");
  }
  if (name === "heaviside") {
    return `${here} the step is <b>flat</b>: the slope is 0, and does not say which way to move.`;
  }
  if (x === 0 && kinked) {
    return "<b>At 0 there is a kink</b> and no slope."
      + dim(`Here, as in nnlib, the slope at 0 is taken from the left: ${fmt(df)}.`);
  }
  if (kinked && df === 0) {
    return `${here} the neuron is <b>off</b>: output 0, slope 0. A small change of ${sym("x")} changes nothing.`;
  }
  const change = `${here} a small change of ${sym("x")} changes the output <b>${fmt(df)} times</b> as much`;
  if (kinked) {
    return change + (x > 0 ? ". So it is for every larger one: it never saturates." : ": little, but never nothing.");
  }
  const peak = peakOf(name, k), percent = Math.round((100 * df) / peak);
  if (x === 0) return `${change}: the slope is at its peak.`;
  if (df > FLAT * peak) return `${change}: ${percent}% of the peak, ${fmt(peak)}.`;
  return `${here} the neuron is <b>saturated</b>: ${nearness(name, k * x)}, and the slope is `
    + `${percent ? `${percent}%` : "less than 1%"} of its peak. It hardly learns here.`;
}
/** How far a saturated output is from its limit. */
function nearness(name, z) {
  const gap = name === "tanh" ? 2 * sigmoid(-2 * Math.abs(z)) : sigmoid(-Math.abs(z));
  const limit = z > 0 ? "1" : name === "tanh" ? "−1" : "0";
  return gap < 1e-6 ? `the output is ${limit} to six decimals` : `the output is ${fmt(gap)} away from ${limit}`;
}
export default { render };
