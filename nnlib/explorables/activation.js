// activation.js: chapter 3. An activation f(kx) and its slope k f'(kx) side by side, with one x to drag.
import { h, s, set, fmt, paren, sym, put, watch, painter, sized, place, button, choice, readout } from "./base.js";
import { ACTIVATIONS } from "./math.js";

const NAMES = [["sigmoid", "sigmoid"], ["tanh", "tanh"], ["relu", "ReLU"], ["leaky_relu", "leaky ReLU"], ["heaviside", "step"]];
const R = 6, FLAT = 0.05; // the picture shows [-R, R]; a slope below FLAT of its peak counts as flat
const XS = Array.from({ length: 241 }, (_, i) => Math.sign(i - 120) * R * Math.abs((i - 120) / 120) ** 2.5); // dense at 0
const neat = (v) => [0.15, 0.3, 0.6, 1.2, 2.5, 6, 12, 24, 60].find((t) => t >= v) || 120;
const KINKED = new Set(["relu", "leaky_relu", "heaviside"]);

/** The formula of the value and of the slope, each with its numbers. */
const FORMULAS = {
  sigmoid: (z, f, k) => [["1 / (1 + e<sup>−<i>k</i><i>x</i></sup>)", `1 / (1 + e<sup>${fmt(-z)}</sup>)`],
    ["<i>k</i> <i>f</i> (1 − <i>f</i>)", `${fmt(k)} · ${fmt(f)} · ${fmt(1 - f)}`]],
  tanh: (z, f, k) => [["tanh(<i>k</i><i>x</i>)", `tanh(${fmt(z)})`],
    ["<i>k</i> (1 − <i>f</i><sup> 2</sup>)", `${fmt(k)} · (1 − ${paren(f)}<sup>2</sup>)`]],
  relu: (z, f, k) => [["max(0, <i>k</i><i>x</i>)", `max(0, ${fmt(z)})`],
    ["<i>k</i> if <i>x</i> > 0, else 0", `${fmt(k)} · ${z > 0 ? 1 : 0}`]],
  leaky_relu: (z, f, k) => [["<i>k</i><i>x</i> if <i>x</i> > 0, else 0.1 <i>k</i><i>x</i>", z > 0 ? fmt(z) : `0.1 · ${paren(z)}`],
    ["<i>k</i> if <i>x</i> > 0, else 0.1 <i>k</i>", `${fmt(k)} · ${z > 0 ? 1 : 0.1}`]],
  heaviside: (z) => [["1 if <i>k</i><i>x</i> > 0, else 0", `as ${fmt(z)} ${z > 0 ? "> 0" : "≤ 0"}`], ["0", "flat on both sides"]],
};
/** Value and slope of f(kx) at x. */
const at = (name, x, k) => { const [f, df] = ACTIVATIONS[name]; return [f(k * x), k * df(k * x)]; };

/** The window of each of the two pictures: [low, high] of the value and of the slope. */
function windows(name, k) {
  const peak = name === "heaviside" ? 0.8 : at(name, KINKED.has(name) ? 1 : 0, k)[1], high = neat(1.08 * peak);
  const value = { sigmoid: [-0.12, 1.12], heaviside: [-0.12, 1.12], tanh: [-1.15, 1.15] }[name];
  return [value || [-0.14 * neat(R * k), 1.04 * neat(R * k)], [-0.1 * high, 1.06 * high]];
}

/** One picture: axes that follow the window, and a clipped group for the curve. */
function chart(parent, title) {
  const svg = s("svg", { role: "img" }), axes = s("g", { class: "nn-axes" }), hole = s("rect");
  const id = "nnk" + Math.random().toString(36).slice(2, 8), g = s("g", { "clip-path": `url(#${id})` });
  svg.append(s("clipPath", { id }, hole), axes, g);
  const box = h("div", { class: "nn-chart" }, svg), C = { box, svg, g, W: 0, H: 0, low: 0, high: 1,
    x: (v) => 34 + ((v + R) / (2 * R)) * (C.W - 34), y: (v) => ((C.high - v) / (C.high - C.low)) * (C.H - 24),
    data: (e) => { const b = svg.getBoundingClientRect(); return ((e.clientX - b.left - 34) / (b.width - 34)) * 2 * R - R; } };
  parent.append(h("div", {}, h("p", { class: "nn-head-line", html: title }), box));
  let drawn = "";
  C.frame = ([low, high]) => {
    const key = [low, high, C.W, C.H].join();
    if (key === drawn) return;
    [drawn, C.low, C.high] = [key, low, high];
    const step = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100].find((t) => high / t <= 4.5), marks = [];
    for (let v = -R; v <= R; v += 2) marks.push(s("path", { class: v ? "grid" : "zero", d: `M${C.x(v)} 0V${C.H - 24}` }),
      s("text", { x: C.x(v), y: C.H - 6, "text-anchor": v === R ? "end" : "middle", text: String(v).replace("-", "−") }));
    for (let j = Math.ceil(low / step); j * step <= high; j++) marks.push(
      s("path", { class: j ? "grid" : "zero", d: `M34 ${C.y(j * step)}H${C.W}` }),
      s("text", { x: 28, y: C.y(j * step) + 4, "text-anchor": "end", text: String(Math.round(j * step * 100) / 100).replace("-", "−") }));
    axes.replaceChildren(...marks, s("rect", { class: "frame", x: 34.5, y: 0.5, width: C.W - 35, height: C.H - 25 }));
    set(hole, { x: 34, y: 0, width: C.W - 34, height: C.H - 24 });
    set(svg, { width: C.W, height: C.H, viewBox: `0 0 ${C.W} ${C.H}` });
  };
  return C;
}

function render({ model, el }) {
  const get = (k) => model.get(k), root = h("div", { class: "nn nn-activation" }), duo = h("div", { class: "nn-duo" });
  root.append(duo);
  el.append(root);
  const charts = [chart(duo, `The output ${sym("f")}(${sym("k")}${sym("x")}) and its tangent`), chart(duo, `The slope ${sym("k")} ${sym("f")} ′(${sym("k")}${sym("x")}), nearly 0 where it is grey`)];
  const [F, D] = charts, parts = charts.map(({ g }) => ["nn-flat", "nn-x", "nn-curve"].map((c) => g.appendChild(s("path", { class: c }))));
  const rise = F.g.appendChild(s("path", { class: "nn-rise" })), tangent = F.g.appendChild(s("path", { class: "nn-tangent" }));
  const stem = D.g.appendChild(s("path", { class: "nn-tangent" })), ends = charts.map(({ g }) => g.appendChild(s("g")));
  const dot = D.g.appendChild(s("circle", { class: "nn-here", r: 6.5 }));

  // the one x: a handle on the curve, and a press anywhere on either picture
  const handle = F.box.appendChild(h("button", { type: "button", class: "nn-handle", role: "slider", "aria-valuemin": -R, "aria-valuemax": R }));
  const move = (x) => put(model, { x: Math.max(-R, Math.min(R, Math.round(x * 10) / 10)) || 0 });
  const KEYS = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1, PageDown: -1, PageUp: 1, Home: -2 * R, End: 2 * R };
  set(handle, { onkeydown: (e) => {
    if (!(e.key in KEYS)) return;
    e.preventDefault();
    move(get("x") + KEYS[e.key] * (e.shiftKey ? 5 : 1));
  } });
  let live = false;
  for (const [target, C] of [[handle, F], [F.svg, F], [D.svg, D]]) {
    const end = () => { live = false; };
    set(target, { onpointermove: (e) => live && move(C.data(e)), onpointerup: end, onpointercancel: end,
      onclick: (e) => e.detail && target !== handle && move(C.data(e)),
      onpointerdown: (e) => {
        if (e.button || (e.pointerType === "touch" && target !== handle)) return; // a finger may scroll; its tap moves x
        live = true;
        e.preventDefault();
        target.setPointerCapture(e.pointerId);
        handle.focus({ preventScroll: true });
        if (target !== handle) move(C.data(e));
      } });
  }
  const rows = ["f(kx)", "slope"].map((t, i) => {
    const f = h("span", { class: "f" }), n = h("span", { class: "n" }), v = h("b");
    return { f, n, v, el: h("div", {}, f, n, v), head: i ? `${sym("k")} ${sym("f")} ′(${sym("k")}${sym("x")}) = ` : `${sym("f")}(${sym("k")}${sym("x")}) = ` };
  });
  root.append(h("div", { class: "nn-rule", role: "group", "aria-label": "Value and slope, with their numbers" }, ...rows.map((r) => r.el)));
  const say = readout(root), pick = choice("Activation", NAMES, get("activation"), (activation) => put(model, { activation }));
  root.append(h("div", { class: "nn-tools" }, pick.el, h("div", { class: "nn-btns" }, button("Reset", () => put(model, get("start"))))));

  const curve = (C, name, k, which) => {
    const jump = name === "heaviside" ? !which : which && KINKED.has(name); // two pieces: x <= 0, x > 0
    const ys = XS.map((x) => at(name, x, k)[which]);
    if (jump) ys.splice(121, 0, at(name, 1e-9, k)[which]);
    const xs = jump ? [...XS.slice(0, 121), 0, ...XS.slice(121)] : XS;
    set(C.line, { d: xs.map((x, i) => `${!i || (jump && i === 121) ? "M" : "L"}${C.x(x).toFixed(1)} ${C.y(ys[i]).toFixed(1)}`).join("") });
    C.ends.replaceChildren(...(jump ? [["nn-closed", ys[120]], ["nn-hollow", ys[121]]] : [])
      .map(([c, v]) => place(s("circle", { class: c, r: 4.5 }), C.x(0), C.y(v))));
  };
  charts.forEach((C, i) => Object.assign(C, { line: parts[i][2], ends: ends[i] }));

  const draw = () => {
    if (!F.W || !D.W) return;
    const name = get("activation"), k = get("steepness"), x = get("x"), [f, df] = at(name, x, k), views = windows(name, k);
    const peak = at(name, KINKED.has(name) ? 1 : 0, k)[1], flat = XS.map((v) => at(name, v, k)[1] <= FLAT * peak);
    const left = flat.indexOf(false), right = flat.lastIndexOf(false);
    charts.forEach((C, i) => {
      C.frame(views[i]);
      curve(C, name, k, i);
      const band = (a, b) => `M${C.x(a)} 0H${C.x(b)}V${C.H}H${C.x(a)}z`;
      set(parts[i][0], { d: left < 0 ? band(-R, R) : (left > 0 ? band(-R, XS[left - 1]) : "") + (right < 240 ? band(XS[right + 1], R) : "") });
      set(parts[i][1], { d: `M${C.x(x)} 0V${C.H}` });
    });
    // the tangent, as long on the screen whatever its slope; and the rise over a run of 1, where there is room
    const ux = F.x(1) - F.x(0), uy = (F.y(0) - F.y(1)) * df, t = 62 / Math.hypot(ux, uy), px = F.x(x), py = F.y(f);
    set(tangent, { d: `M${px - t * ux} ${py + t * uy}L${px + t * ux} ${py - t * uy}` });
    const to = t < 1 ? t : 1;
    set(rise, { d: df ? `M${px} ${py}h${to * ux}v${-to * uy}` : "" });
    set(stem, { d: `M${D.x(x)} ${D.y(0)}V${D.y(df)}` });
    place(dot, D.x(x), D.y(df));
    handle.style.transform = `translate(${px}px,${py}px)`;
    set(handle, { "aria-label": "x", "aria-valuenow": x, "aria-valuetext": `x = ${fmt(x)}, output ${fmt(f)}, slope ${fmt(df)}` });
    FORMULAS[name](k * x, f, k).forEach(([formula, numbers], i) => {
      set(rows[i].v, { text: fmt([f, df][i]) });
      rows[i].f.innerHTML = rows[i].head + formula;
      rows[i].n.innerHTML = numbers + (name === "heaviside" ? "" : " =");
    });
    const title = NAMES.find(([n]) => n === name)[1];
    set(F.svg, { "aria-label": `${title} with steepness ${fmt(k)}: the output at x = ${fmt(x)} is ${fmt(f)}.` });
    set(D.svg, { "aria-label": `The slope of ${title} at x = ${fmt(x)} is ${fmt(df)}.` });
    pick.set(name);
    say(words(name, x, k, f, df, peak));
  };
  const paint = painter(root, draw), offs = charts.map((C) => sized(C.box, (W) => { C.W = W; C.H = C.box.clientHeight; paint(); }));
  offs.push(watch(model, ["activation", "x", "steepness"], paint));
  return () => offs.forEach((off) => off());
}

/** What value and slope mean at this x. */
function words(name, x, k, f, df, peak) {
  const dim = (t) => ` <span class="nn-dim">${t}</span>`, here = `At ${sym("x")} = ${fmt(x)} `;
  if (name === "heaviside") {
    return x === 0 ? `<b>At 0 the step jumps</b> and has no slope.${dim("Here, as in nnlib, the value at 0 is 0, and the slope is taken as 0.")}`
      : `${here}the step is <b>flat</b>: the slope is 0, and says nothing about which way to move.`;
  }
  if (x === 0 && KINKED.has(name)) {
    return `<b>At 0 there is a kink</b> and no slope.${dim(`Here, as in nnlib, the slope at 0 is taken from the left: ${fmt(df)}.`)}`;
  }
  if (df === 0) return `${here}the neuron is <b>off</b>: output 0, slope 0. A small change of ${sym("x")} changes nothing.`;
  if (name === "relu" || name === "leaky_relu") {
    return `${here}a small change of ${sym("x")} changes the output ${fmt(df)} times as much`
      + (x > 0 ? `, however large ${sym("x")} is: it <b>never saturates</b>.` : ": little, but <b>never nothing</b>.");
  }
  const share = `${Math.round((100 * df) / peak)}`;
  if (df <= FLAT * peak) {
    return `${here}the neuron is <b>saturated</b>: the output is ${fmt(Math.abs(f - (x > 0 ? 1 : name === "tanh" ? -1 : 0)))} away from ${x > 0 ? 1 : name === "tanh" ? "−1" : 0}, `
      + `and the slope is ${share > 0 ? `${share}%` : "less than 1%"} of its peak. It hardly learns here.`;
  }
  return `${here}a small change of ${sym("x")} changes the output <b>${fmt(df)} times</b> as much`
    + (x === 0 ? ": the slope is at its peak." : `: ${share}% of the peak slope, ${fmt(peak)}.`);
}
export default { render };
