// math.js: everything that the explorables compute. Pure functions of numbers and arrays, no page, no drawing.
// Names and conventions are those of nnlib; a test runs this file against nnlib on random inputs.

// ---- activations and their derivatives (nnlib.activations) ---------------------------------------------------

/** 1 where the sum is above zero, else 0 (also at 0). */
export const heaviside = (z) => (z > 0 ? 1 : z <= 0 ? 0 : NaN);
/** 1 / (1 + e^-z), written so that e^|z| never occurs. */
export function sigmoid(z) {
  const e = Math.exp(-Math.abs(z));
  return z < 0 ? e / (1 + e) : 1 / (1 + e);
}
export const tanh = (z) => Math.tanh(z);
export const relu = (z) => (z < 0 ? 0 : z);
export const leakyRelu = (z, slope = 0.1) => (z < 0 ? slope * z : z);
export const identity = (z) => z;

export const dHeaviside = (z) => 0 * heaviside(z);
/** f (1 - f), with 1 - f = sigmoid(-z) so that the far right does not round to 0. */
export const dSigmoid = (z) => sigmoid(z) * sigmoid(-z);
/** 1 - tanh^2 = 4 sigmoid(2z) sigmoid(-2z). */
export const dTanh = (z) => 4 * dSigmoid(2 * z);
export const dRelu = (z) => heaviside(z);
export const dLeakyRelu = (z, slope = 0.1) => slope + (1 - slope) * heaviside(z);
export const dIdentity = (z) => 1 + 0 * z;

/** Name -> [f, f']. The keys are nnlib's names. */
export const ACTIVATIONS = {
  heaviside: [heaviside, dHeaviside],
  sigmoid: [sigmoid, dSigmoid],
  tanh: [tanh, dTanh],
  relu: [relu, dRelu],
  leaky_relu: [leakyRelu, dLeakyRelu],
  identity: [identity, dIdentity],
};

// ---- one neuron (nnlib.Neuron) -------------------------------------------------------------------------------

/** The weighted sum z = w·x + b, added up from b on as nnlib does: a point on the line falls to the same side. */
export const affine = (w, x, b) => w.reduce((sum, v, i) => sum + v * x[i], b);
/** Signed distance of x from the line w·x + b = 0: z / |w|. */
export const distance = (w, x, b) => affine(w, x, b) / Math.hypot(...w);
/** The error signal delta = (y - f(z)) f'(z) of the squared error (y - f)^2 / 2. */
export const delta = ([f, df], z, y) => (y - f(z)) * df(z);
/** One step of stochastic gradient descent: w + alpha delta x, and the same for b with input 1. */
export function neuronStep(activation, { w, b }, x, y, alpha) {
  const d = delta(activation, affine(w, x, b), y);
  return { w: w.map((v, i) => v + alpha * d * x[i]), b: b + alpha * d, delta: d };
}

// ---- the perceptron rule (nnlib.Perceptron) ------------------------------------------------------------------

/** One point: w + alpha (y - yhat) x. `mistake` is y - yhat: 0 when nothing moves. */
export function perceptronStep({ w, b }, x, y, alpha = 1) {
  const mistake = y - heaviside(affine(w, x, b)), step = alpha * mistake;
  return { w: w.map((v, i) => v + step * x[i]), b: b + step, mistake };
}
/** Indices of the points that the line puts on the wrong side. */
export const mistakes = ({ w, b }, X, y) => X.flatMap((x, i) => (heaviside(affine(w, x, b)) === y[i] ? [] : [i]));
/**
 * A whole training from `start` = { w, b }: epoch after epoch, until one has no mistake. Every update is kept, with
 * how many points had been seen by then: { seen, i, guess, from, to }.
 */
export function perceptronRun(start, X, y, alpha = 1, epochs = 100) {
  const updates = [], counts = [];
  let now = start;
  while (X.length && counts.length < epochs && counts.at(-1) !== 0) {
    const before = updates.length;
    X.forEach((x, i) => {
      const { w, b, mistake } = perceptronStep(now, x, y[i], alpha);
      if (!mistake) return;
      updates.push({ seen: counts.length * X.length + i + 1, i, guess: y[i] - mistake, from: now, to: { w, b } });
      now = { w, b };
    });
    counts.push(updates.length - before);
  }
  return { updates, mistakes: counts, converged: counts.at(-1) === 0, seen: counts.length * X.length };
}
/** Where that training stands after `seen` of the points: `counts` of finished epochs, `open` of the one under way. */
export function perceptronAt(run, start, n, asked) {
  const seen = Math.min(asked, run.seen), whole = n ? Math.floor(seen / n) : 0;
  const made = run.updates.filter((u) => u.seen <= seen), last = made.at(-1);
  const counts = run.mistakes.slice(0, whole), total = made.length;
  const open = n && seen % n ? total - counts.reduce((a, b) => a + b, 0) : null;
  return { now: last ? last.to : start, last, total, counts, open };
}
/**
 * The first epoch that ends with the very weights of an earlier epoch's end: from there on the rule repeats itself.
 * null when it has not happened. `first` and `again` count epochs, `updates` is the length of the cycle.
 */
export function perceptronCycle(run, start, n) {
  const ends = new Map();
  for (let e = 0; e <= run.mistakes.length; e++) {
    const { now, total } = perceptronAt(run, start, n, e * n), key = String([...now.w, now.b]);
    if (ends.has(key) && run.mistakes[e - 1]) {
      const [first, before] = ends.get(key);
      return { first, again: e, updates: total - before };
    }
    ends.set(key, [e, total]);
  }
  return null;
}

// ---- logistic regression (nnlib.LogisticRegression) ----------------------------------------------------------

/** Cross-entropy of label y against sigmoid(z), from the sum itself: finite for every finite z. */
export const crossEntropy = (z, y) => Math.max(z, 0) - y * z + Math.log1p(Math.exp(-Math.abs(z)));
/** Mean cross-entropy over the points. */
export const logisticLoss = ({ w, b }, X, y) =>
  X.reduce((sum, x, i) => sum + crossEntropy(affine(w, x, b), y[i]), 0) / X.length;
/** Its gradient: the mean of (f - y) x, and of (f - y) for the bias. */
export function logisticGradient({ w, b }, X, y) {
  const g = { w: w.map(() => 0), b: 0 };
  X.forEach((x, i) => {
    const e = (sigmoid(affine(w, x, b)) - y[i]) / X.length;
    g.b += e;
    x.forEach((v, j) => (g.w[j] += e * v));
  });
  return g;
}

// ---- random numbers that are the same everywhere -------------------------------------------------------------

/** A generator of uniform numbers in [0, 1): mulberry32. */
export const uniform = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};
/** A standard normal number out of two uniform ones (Box and Muller). */
export const normal = (u) => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u());
/** Two spirals with `m` points each, as rows [x1, x2, class]. */
export function spirals(seed, m = 75, { turns = 1.7, noise = 0.022 } = {}) {
  const u = uniform(seed), rows = [];
  for (let k = 0; k < m; k++) {
    for (const c of [0, 1]) {
      const r = Math.sqrt((k + 0.5) / m), a = r * turns * 2 * Math.PI + c * Math.PI;
      rows.push([r * Math.cos(a) + noise * normal(u), r * Math.sin(a) + noise * normal(u), c]);
    }
  }
  return rows;
}

// ---- a 2-n-n-1 network: tanh, tanh, sigmoid ------------------------------------------------------------------

/** Where each weight lies in the flat parameter array of a network with two hidden layers of n neurons. */
export const slots = (n) => ({
  W1: 0, b1: 2 * n, W2: 3 * n, b2: 3 * n + n * n, w3: 4 * n + n * n, b3: 5 * n + n * n, size: 5 * n + n * n + 1,
});
/** Random first weights. */
export function networkStart(seed, n) {
  const u = uniform(seed), at = slots(n), p = new Float64Array(at.size);
  const scale = (i) => (i < at.b1 ? 1.1 : i < at.W2 ? 0.6 : i < at.b2 ? 0.5 : i < at.w3 ? 0 : i < at.b3 ? 0.4 : 0);
  return p.map((_, i) => scale(i) && scale(i) * normal(u));
}
/** The output's weighted sum at (x1, x2); h1 and h2 receive the hidden outputs. */
export function networkSum(p, x1, x2, h1, h2) {
  const n = h1.length, { b1, W2, b2, w3, b3 } = slots(n);
  for (let j = 0; j < n; j++) h1[j] = Math.tanh(p[2 * j] * x1 + p[2 * j + 1] * x2 + p[b1 + j]);
  let out = p[b3];
  for (let j = 0; j < n; j++) {
    let z = p[b2 + j];
    for (let i = 0; i < n; i++) z += p[W2 + j * n + i] * h1[i];
    h2[j] = Math.tanh(z);
    out += p[w3 + j] * h2[j];
  }
  return out;
}
/** Mean cross-entropy over rows [x1, x2, class], and how many are right; g receives the gradient. */
export function networkGradient(p, rows, g, n) {
  const h1 = new Float64Array(n), h2 = new Float64Array(n), share = 1 / rows.length;
  let loss = 0, right = 0;
  g.fill(0);
  for (const [x1, x2, c] of rows) {
    const z = networkSum(p, x1, x2, h1, h2);
    loss += share * crossEntropy(z, c);
    right += heaviside(z) === c;
    networkBackward(p, g, x1, x2, share * (sigmoid(z) - c), h1, h2);
  }
  return { loss, right };
}
/** Add one row's gradient to g; e is dE/dz at the output. */
export function networkBackward(p, g, x1, x2, e, h1, h2) {
  const n = h1.length, { b1, W2, b2, w3, b3 } = slots(n), d1 = new Float64Array(n);
  g[b3] += e;
  for (let j = 0; j < n; j++) {
    g[w3 + j] += e * h2[j];
    const d2 = e * p[w3 + j] * (1 - h2[j] * h2[j]);
    g[b2 + j] += d2;
    for (let i = 0; i < n; i++) {
      g[W2 + j * n + i] += d2 * h1[i];
      d1[i] += d2 * p[W2 + j * n + i];
    }
  }
  for (let i = 0; i < n; i++) {
    const d = d1[i] * (1 - h1[i] * h1[i]);
    g[2 * i] += d * x1;
    g[2 * i + 1] += d * x2;
    g[b1 + i] += d;
  }
}
/** One step of Adam (Kingma and Ba, 2015) in place. `state` holds m, v and the count k of steps made. */
export function adamStep(p, g, state, rate = 0.02) {
  const k = ++state.k, c1 = 1 - 0.9 ** k, c2 = 1 - 0.999 ** k;
  for (let i = 0; i < p.length; i++) {
    state.m[i] += 0.1 * (g[i] - state.m[i]);
    state.v[i] += 0.001 * (g[i] * g[i] - state.v[i]);
    p[i] -= (rate * state.m[i]) / c1 / (Math.sqrt(state.v[i] / c2) + 1e-8);
  }
}

// ---- lines and level lines -----------------------------------------------------------------------------------

const CASES = [[], "LB", "BR", "LR", "TR", "LTBR", "TB", "LT", "LT", "TB", "LBTR", "TR", "LR", "BR", "LB", []];
/** The level line of an n x n grid as an SVG path (marching squares). X and Y map columns and rows to the picture. */
export function contour(f, n, level, X, Y) {
  let d = "";
  for (let r = 0; r < n - 1; r++) {
    for (let c = 0; c < n - 1; c++) {
      const k = r * n + c, corners = [f[k], f[k + 1], f[k + n + 1], f[k + n]];
      const code = corners.reduce((bits, v) => bits * 2 + (v > level), 0);
      if (code !== 0 && code !== 15) d += cell(CASES[code], corners, level, c, r, X, Y);
    }
  }
  return d;
}
/** One square's part of the level line; a, b, e, g are its corners, clockwise from the top left. */
function cell(sides, [a, b, e, g], level, c, r, X, Y) {
  const cut = (from, to) => (level - from) / (to - from);
  const ends = { T: () => [c + cut(a, b), r], R: () => [c + 1, r + cut(b, e)],
    B: () => [c + cut(g, e), r + 1], L: () => [c, r + cut(a, g)] };
  const at = (side) => ((p) => `${X(p[0]).toFixed(1)} ${Y(p[1]).toFixed(1)}`)(ends[side]());
  return sides.replace(/(.)(.)/g, (_, from, to) => `M${at(from)}L${at(to)}`);
}

// ---- a network of any depth and width (nnlib.Sequential of nnlib.Dense) --------------------------------------

/** The sizes from the inputs to the output: 2, then depth - 1 hidden layers of `width` neurons, then 1. */
export const layerSizes = (depth, width) => [2, ...Array(depth - 1).fill(width), 1];
/** How many weights and biases a network of these sizes has, layer by layer. */
export const layerParameters = (sizes) => sizes.slice(1).map((m, k) => m * sizes[k] + m);
/** Random layers { W, b }: normal weights of spread s / sqrt(inputs), normal biases of spread s / 2. */
export function randomLayers(sizes, seed, s) {
  const u = uniform(seed), some = (n, spread) => Array.from({ length: n }, () => spread * normal(u));
  return sizes.slice(1).map((m, k) => {
    const W = Array.from({ length: m }, () => some(sizes[k], s / Math.sqrt(sizes[k])));
    return { W, b: some(m, s / 2) };
  });
}
/** What every neuron of every layer answers at many points, given as one array of values an input. */
export function layerFields(layers, f, inputs) {
  let h = inputs;
  return layers.map(({ W, b }, k) => {
    const g = k < layers.length - 1 ? f : sigmoid;
    return (h = W.map((w, j) => {
      const z = new Float64Array(h[0].length).fill(b[j]);
      w.forEach((weight, i) => {
        const values = h[i];
        for (let p = 0; p < z.length; p++) z[p] += weight * values[p];
      });
      return z.map((v) => g(v));
    }));
  });
}
/** What every layer answers at one point: f(W h + b) in the hidden ones, sigmoid in the last. */
export const layerOutputs = (layers, f, x) =>
  layerFields(layers, f, x.map((v) => [v])).map((layer) => layer.map(([v]) => v));

// ---- chapter 8: a line y = w x + b, fitted by gradient descent (nnlib.explorables.descent) ---------------------

/** E at (w, b): the mean of half the squared errors of the line over the points. */
export const lineLoss = ([w, b], x, y) =>
  x.reduce((sum, v, i) => sum + (y[i] - (w * v + b)) ** 2, 0) / (2 * x.length);
/** Its gradient (dE/dw, dE/db), averaged over the points that `picks` names. */
export function lineGradient([w, b], x, y, picks) {
  let dw = 0, db = 0;
  for (const i of picks) {
    const e = w * x[i] + b - y[i];
    dw += e * x[i];
    db += e;
  }
  return [dw / picks.length, db / picks.length];
}
/**
 * The bowl that E is: its lowest place and value, and its two curvatures. `angle` is the direction of the sharper
 * one, `sharp`; along the valley it is `flat`. Gradient descent runs away where alpha > 2 / sharp.
 */
export function lineBowl(x, y) {
  const n = x.length, mean = (f) => x.reduce((sum, v, i) => sum + f(v, y[i]), 0) / n;
  const xx = mean((v) => v * v), mx = mean((v) => v), xy = mean((v, t) => v * t), my = mean((_, t) => t);
  const det = xx - mx * mx, at = [(xy - mx * my) / det, (xx * my - mx * xy) / det];
  const half = Math.hypot((xx - 1) / 2, mx), sharp = (xx + 1) / 2 + half;
  return { at, least: lineLoss(at, x, y), sharp, flat: det / sharp, angle: Math.atan2(sharp - xx, mx) };
}
/** The first `count` of an endless stream: the points 0 .. n - 1 in random order, then in another, and so on. */
export function shuffles(seed, n, count) {
  const u = uniform(seed), out = [];
  while (out.length < count) {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(u() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    out.push(...order);
  }
  return out.slice(0, count);
}
/** The way from `start` under (w, b) <- (w, b) - alpha gradient, each over the next `size` points of `order`. */
export function descentPath({ start, x, y, alpha, size, updates, order, far = 1e6 }) {
  const path = [start];
  for (let k = 0; k < updates && !(Math.max(...path[k].map(Math.abs)) > far); k++) {
    const g = lineGradient(path[k], x, y, order.slice(k * size, (k + 1) * size));
    path.push(path[k].map((v, j) => v - alpha * g[j]));
  }
  return path;
}

// ---- backpropagation through a layer of sigmoidal neurons into one (nnlib.backprop) --------------------------

/**
 * One step of learning without biases, from inputs x through the rows of W and the weights w to one output f.
 * E = (y - f)^2 / 2; d0 and d are the deltas of the output and of the hidden neurons, -dE/dz; W2 and w2 are the
 * weights after w <- w + alpha delta (input of w).
 */
export function backpropagation({ W, w, x, y, alpha }) {
  const z = W.map((row) => affine(row, x, 0)), hidden = z.map(sigmoid), zo = affine(w, hidden, 0), f = sigmoid(zo);
  const d0 = delta(ACTIVATIONS.sigmoid, zo, y), d = z.map((sum, j) => d0 * w[j] * dSigmoid(sum));
  const W2 = W.map((row, j) => row.map((v, i) => v + alpha * d[j] * x[i]));
  return { z, h: hidden, zo, f, E: (y - f) ** 2 / 2, d0, d, W2, w2: w.map((v, j) => v + alpha * d0 * hidden[j]) };
}
/** The weights after n such steps on the same example. */
export function backpropagationRun(net, n) {
  let now = net;
  for (let k = 0; k < n; k++) {
    const { W2, w2 } = backpropagation(now);
    now = { ...now, W: W2, w: w2 };
  }
  return now;
}

// ---- folding the plane: h = f(W x + c), y = w·h (nnlib.Sequential) ---------------------------------------------
// f is leaky ReLU with the slope 1 - fold below 0: fold 0 leaves the plane flat, fold 1 is ReLU.

/** Where the hidden layer { W, c, fold } carries x. */
export const foldPoint = ({ W, c, fold }, x) => W.map((row, j) => leakyRelu(affine(row, x, c[j]), 1 - fold));
/** The network's output at x. */
export const foldOutput = (net, x) => affine(net.w, foldPoint(net, x), 0);
/** A straight way from `from` to `to`, carried to hidden space: the corners of the bent way, its two ends included. */
export function foldPath(net, from, to) {
  const bends = net.W.map((row, j) => {
    const start = affine(row, from, net.c[j]), end = affine(row, to, net.c[j]);
    return start / (start - end);
  }).filter((t) => t > 0 && t < 1).sort((a, b) => a - b);
  return [0, ...bends, 1].map((t) => foldPoint(net, from.map((v, i) => v + t * (to[i] - v))));
}
/**
 * Where the output is `level`, inside the square from low to high: at most one straight piece on each side of each
 * crease, [[x1, x2], [x1, x2]]. On a side, the output is one weighted sum of x.
 */
export function foldBoundary(net, low, high, level = 0.5) {
  const pieces = [];
  for (const signs of [[1, 1], [1, -1], [-1, 1], [-1, -1]]) {
    const g = net.w.map((v, j) => (signs[j] > 0 ? v : v * (1 - net.fold))); // slope of y by each sum
    const a = [0, 1].map((i) => affine(g, net.W.map((row) => row[i]), 0)), d = affine(g, net.c, -level);
    const aa = a[0] * a[0] + a[1] * a[1];
    if (aa < 1e-18) continue; // flat here: all of it is above the level, or below
    const at = (t) => [(-d * a[0]) / aa - t * a[1], (-d * a[1]) / aa + t * a[0]], p = at(0), q = at(1);
    const walls = [...net.W.map((row, j) => (x) => signs[j] * affine(row, x, net.c[j])),
      ...[0, 1].flatMap((i) => [(x) => x[i] - low, (x) => high - x[i]])];
    let from = -Infinity, to = Infinity;
    for (const wall of walls) { // along the line each wall is v + t k, and must not be negative
      const v = wall(p), k = wall(q) - v;
      if (Math.abs(k) < 1e-12) { if (v < -1e-9) to = -Infinity; }
      else if (k > 0) from = Math.max(from, -v / k);
      else to = Math.min(to, -v / k);
    }
    if (from < to) pieces.push([at(from), at(to)]);
  }
  return pieces;
}

// ---- expressions in x and y, and their derivatives one node at a time (nnlib.grad, nnlib.jvp) -----------------

const powerOf = (a, b) => (a === 1 ? 1 : a ** b); // as in NumPy, also where b is infinite or no number
/** Name -> [value of the arguments, slopes towards them]; v is the value. At a kink the slope is nnlib's. */
const OPERATIONS = {
  "+": [(a, b) => a + b, () => [1, 1]],
  "-": [(a, b) => a - b, () => [1, -1]],
  "*": [(a, b) => a * b, (v, a, b) => [b, a]],
  "/": [(a, b) => a / b, (v, a, b) => [1 / b, -v / b]],
  "**": [powerOf, (v, a, b) => [b && b * powerOf(a, b - 1), v * Math.log(a || 1)]],
  neg: [(a) => -a, () => [-1]],
  sin: [Math.sin, (v, a) => [Math.cos(a)]],
  cos: [Math.cos, (v, a) => [-Math.sin(a)]],
  tan: [Math.tan, (v) => [1 + v * v]],
  exp: [Math.exp, (v) => [v]],
  log: [Math.log, (v, a) => [1 / a]],
  sqrt: [Math.sqrt, (v) => [0.5 / v]],
  tanh: [tanh, (v) => [1 - v * v]],
  sigmoid: [sigmoid, (v, a) => [dSigmoid(a)]],
  relu: [relu, (v, a) => [dRelu(a)]],
  abs: [Math.abs, (v, a) => [Math.sign(a)]],
};
/** The functions that an expression may name. */
export const EXPRESSION_NAMES = Object.keys(OPERATIONS).filter((name) => /^[a-z]/.test(name) && name !== "neg");
/** The most operations and characters that a picture has room for. */
export const EXPRESSION_LIMITS = { operations: 12, characters: 80 };

/** The text cut into words, each with its kind and place; the last one is the end. */
function expressionWords(text) {
  const cut = /\s*(?:(\.?\d[\d.]*(?:e[+-]?\d+)?)|([a-zπ_][a-z0-9_]*)|(\*\*|[-+*/()−×·÷])|(\S))/giuy;
  const words = [], same = new Map([["−", "-"], ["×", "*"], ["·", "*"], ["÷", "/"], ["π", "pi"]]);
  for (let m; (m = cut.exec(text)); ) {
    const kind = ["number", "name", "sign", "other"][[1, 2, 3, 4].findIndex((k) => m[k])], raw = m[0].trimStart();
    words.push({ kind, text: same.get(raw) ?? raw, at: cut.lastIndex - raw.length, length: raw.length });
  }
  return [...words, { kind: "end", text: "", at: text.trimEnd().length, length: 1 }];
}
/** Stop reading: `say` is what the reader is told, at the word's place. */
function expressionStop({ at, length }, say) {
  throw { at, length, say };
}
/** Why a name means nothing here, in words that help. */
function unknownName(name) {
  const small = name.toLowerCase(), start = EXPRESSION_NAMES.find((f) => small.startsWith(f) && small !== f);
  const others = new Map([["ln", "log"], ["e", "exp(1)"], ["root", "sqrt"], ["pow", "**"], ["square", "**2"]]);
  const other = others.get(small);
  const rest = start && small.slice(start.length), known = ["x", "y", "pi", ...EXPRESSION_NAMES].includes(small);
  if (small === "np" || small === "math") return `Leave ${name} and the point away: write sin(x).`;
  if (small !== name && known) return `Write ${small} in small letters.`;
  if (/^[xy]+$/.test(name)) return `Between two letters a sign is missing: write ${[...name].join("*")}.`;
  if (rest === "x" || rest === "y") return `Brackets are missing: write ${start}(${rest}).`;
  if (other) return `There is no ${name} here. Try ${other}.`;
  return `There is no ${name} here. The inputs are x and y, and the functions ${EXPRESSION_NAMES.join(", ")}.`;
}
/** Why a word can't stand where a sign or the end was expected. */
function strayWord({ text, kind }, before) {
  if (text === ")") return "This bracket closes nothing: no ( belongs to it.";
  if (/^[\^⁰¹²³⁴-⁹]$/.test(text)) return "For a power write **, as in x**2.";
  if (text === "=") return "Leave the = away: only what stands to its right is needed.";
  if (text === "," && before.kind === "number") return "Write decimals with a point, as in 1.5.";
  if (text === ",") return "A comma means nothing here: each function takes one number.";
  if (kind === "other") return `The sign ${text} means nothing here. There are + - * / ** and brackets.`;
  const plain = before.kind !== "sign" && kind !== "sign";
  return `A sign is missing here. To multiply, write ${plain ? `${before.text}*${text}` : "a * before this"}.`;
}
/** Why no number, letter or bracket begins here. */
function missingPart(word, before, owner) {
  const { text, kind } = word;
  if (kind === "other") return strayWord(word, before ?? word);
  if (!before && kind === "end") return "Type an expression, for example sin(x*y) + x**2.";
  if (kind === "end") return `Something is missing after ${before.text}.`;
  if (before?.text === "(" && owner) return `${owner} needs something in its brackets, as in ${owner}(x).`;
  if (before?.text === "(" && text === ")") return "These brackets are empty.";
  if (!before || before.text === "(") return `Something is missing before ${text}.`;
  return `Something is missing between ${before.text} and ${text}.`;
}
/**
 * Read an expression by recursive descent, with Python's rules of precedence. Returns { nodes } in the order in which
 * they are computed, inputs first, or { error: { at, length, say } }. A node is { op, args }: `op` is "x", "y",
 * "const" (with its value), or an operation; `args` are places in the list. What holds no input is computed at once.
 */
export function parseExpression(text) {
  const words = expressionWords(text), nodes = [], inputs = {};
  let k = 0;
  const is = (...texts) => words[k].kind === "sign" && texts.includes(words[k].text);
  const constant = (value) => nodes.push({ op: "const", args: [], value }) - 1;
  const node = (op, word, ...args) => {
    const fixed = args.every((i) => nodes[i].op === "const");
    if (fixed) return constant(OPERATIONS[op][0](...args.map((i) => nodes[i].value)));
    return nodes.push({ op, args, at: word.at, length: word.length }) - 1;
  };
  const left = (part, ...signs) => { // a chain of signs of one rank, from the left
    let a = part();
    while (is(...signs)) {
      const word = words[k++];
      a = node(word.text, word, a, part());
    }
    return a;
  };
  const sum = () => left(product, "+", "-"), product = () => left(signed, "*", "/");
  const signed = () => {
    if (!is("+", "-")) return power();
    const word = words[k++], a = signed();
    return word.text === "-" ? node("neg", word, a) : a;
  };
  const power = () => {
    const a = atom();
    if (!is("**")) return a;
    const word = words[k++];
    return node("**", word, a, signed());
  };
  const bracket = (owner) => {
    const open = words[k++];
    if (is(")")) expressionStop(words[k], missingPart(words[k], open, owner));
    const a = sum();
    if (words[k].kind === "end") expressionStop(open, "This bracket is never closed.");
    if (!is(")")) expressionStop(words[k], strayWord(words[k], words[k - 1]));
    k++;
    return a;
  };
  const number = (word) => {
    const value = Number(word.text);
    if (Number.isNaN(value) || /^0\d/.test(word.text)) expressionStop(word, `${word.text} is no number.`);
    if (!Number.isFinite(value)) expressionStop(word, "This number is too large.");
    return constant(value);
  };
  const name = (word) => {
    if (word.text === "pi") return constant(Math.PI);
    const { text: op } = word;
    if (op === "x" || op === "y") return (inputs[op] ??= nodes.push({ op, args: [] }) - 1);
    if (!EXPRESSION_NAMES.includes(op)) expressionStop(word, unknownName(op));
    if (!is("(")) expressionStop(word, `After ${op} comes a bracket, as in ${op}(x).`);
    return node(op, word, bracket(op));
  };
  const atom = () => {
    const word = words[k];
    if (is("(")) return bracket();
    if (word.kind !== "number" && word.kind !== "name") expressionStop(word, missingPart(word, words[k - 1]));
    k++;
    return word.kind === "number" ? number(word) : name(word);
  };
  try {
    const { characters, operations } = EXPRESSION_LIMITS, over = text.length - characters;
    if (over > 0) expressionStop({ at: characters, length: over }, `This is too long: ${characters} characters fit.`);
    const root = sum();
    if (words[k].kind !== "end") expressionStop(words[k], strayWord(words[k], words[k - 1]));
    const found = expressionOrder(nodes, root), inner = found.filter((n) => n.args.length), many = inner.length;
    if (many > operations) {
      expressionStop(inner[operations], `These are ${many} operations. The picture has room for ${operations}.`);
    }
    return { nodes: found };
  } catch (error) {
    if (!error.say) throw error;
    return { error };
  }
}
/** The nodes that the root needs: x, y, then the others in order; the root is the last. */
function expressionOrder(nodes, root) {
  const needed = new Set([root]);
  for (let i = root; i >= 0; i--) if (needed.has(i)) nodes[i].args.forEach((j) => needed.add(j));
  const rank = (i) => ({ x: 0, y: 1 })[nodes[i].op] ?? 2;
  const order = [...needed].sort((a, b) => rank(a) - rank(b) || a - b);
  return order.map((i) => ({ ...nodes[i], args: nodes[i].args.map((j) => order.indexOf(j)) }));
}
/** The values of all nodes at a point { x, y }, and their slopes towards their arguments. */
export function expressionValues(nodes, point) {
  const values = [], slopes = [];
  for (const { op, args, value } of nodes) {
    const [f, slope] = OPERATIONS[op] ?? [], a = args.map((j) => values[j]);
    const v = f ? f(...a) : op === "const" ? value : point[op];
    values.push(v);
    slopes.push(f ? (Number.isNaN(v) ? a.map(() => NaN) : slope(v, ...a)) : []);
  }
  return { values, slopes };
}
/** Forward mode: every node's tangent, its slope by the chosen input. What does not hold that input has exactly 0. */
export function expressionTangents(nodes, { slopes }, input) {
  const tangents = [], holds = [];
  nodes.forEach(({ op, args }, i) => {
    holds.push(op === input || args.some((j) => holds[j]));
    const share = (j, p) => (holds[j] ? slopes[i][p] * tangents[j] : 0);
    tangents.push(args.reduce((sum, j, p) => sum + share(j, p), op === input ? 1 : 0));
  });
  return tangents;
}
/** Reverse mode: the adjoints once the last `passed` operations have passed theirs on; all by default. */
export function expressionAdjoints(nodes, { slopes }, passed = Infinity) {
  const adjoints = nodes.map((_, i) => (i === nodes.length - 1 ? 1 : 0));
  for (let i = nodes.length - 1; i >= 0 && passed > 0; i--) {
    if (!nodes[i].args.length) continue;
    nodes[i].args.forEach((j, p) => { if (nodes[j].op !== "const") adjoints[j] += slopes[i][p] * adjoints[i]; });
    passed--;
  }
  return adjoints;
}
/** What both modes do: one multiplication and addition an edge; forward mode once for each input. */
export function expressionCost(nodes) {
  const operations = nodes.filter((n) => n.args.length).length;
  const inputs = nodes.filter(({ op }) => op === "x" || op === "y").length;
  const edges = nodes.reduce((sum, { args }) => sum + args.filter((j) => nodes[j].op !== "const").length, 0);
  return { operations, inputs, edges, forward: inputs * edges, reverse: edges };
}
/**
 * Places for the graph: each node in the last layer that its users allow, inputs in layer 0. An edge over several
 * layers runs through free places between (`via`). Places count from 0; two nodes are at least 1 apart.
 */
export function expressionLayout(nodes) {
  const last = nodes.length - 1, seen = (i) => nodes[i].op !== "const" || i === last, far = nodes.map(() => 0);
  for (let i = last; i >= 0; i--) nodes[i].args.forEach((j) => { far[j] = Math.max(far[j], far[i] + 1); });
  const depth = Math.max(...far.filter((_, i) => seen(i)));
  const layer = nodes.map(({ op }, i) => (op === "x" || op === "y" ? 0 : depth - far[i]));
  const rows = Array.from({ length: depth + 1 }, () => []), item = new Map(), ways = [];
  const put = (i, at, wide) => {
    const key = `${i}/${at}`;
    if (!item.has(key)) rows[at].push(item.set(key, { wide, near: [[], []], place: 0 }).get(key));
    return item.get(key);
  };
  const walk = (i) => { // from the output back, so that the first order follows the text
    if (item.has(`${i}/${layer[i]}`)) return;
    const here = put(i, layer[i], 1);
    nodes[i].args.forEach((j, p) => {
      if (!seen(j)) return;
      walk(j);
      const via = [];
      let from = put(j, layer[j], 1);
      for (let at = layer[j] + 1; at <= layer[i]; at++) {
        const to = at === layer[i] ? here : put(j, at, 0.4);
        from.near[1].push(to);
        to.near[0].push(from);
        if (to !== here) via.push([at, to]);
        from = to;
      }
      ways.push({ from: j, to: i, arg: p, via });
    });
  };
  walk(last);
  const mean = (list, other) => (list.length ? list.reduce((sum, n) => sum + n.place, 0) / list.length : other);
  rows.forEach((row) => row.forEach((n, k) => { n.place = k; }));
  for (let sweep = 0; sweep < 12; sweep++) { // fewer crossings: everyone towards its neighbours of one side
    for (const row of sweep % 2 ? rows : [...rows].reverse()) {
      const want = new Map(row.map((n) => [n, mean(n.near[1 - (sweep % 2)], n.place)]));
      row.sort((a, b) => want.get(a) - want.get(b)).forEach((n, k) => { n.place = k; });
    }
  }
  for (let sweep = 0; sweep < 24; sweep++) {
    for (const row of sweep % 2 ? rows : [...rows].reverse()) spreadRow(row, mean);
  }
  const places = [...item.values()].map((n) => n.place), low = Math.min(...places), at = (n) => n.place - low;
  const own = nodes.map((_, i) => item.get(`${i}/${layer[i]}`));
  return {
    depth,
    span: Math.max(...places) - low,
    at: own.map((n, i) => (n ? [layer[i], at(n)] : null)),
    edges: ways.map(({ via, ...way }) => ({ ...way, via: via.map(([k, n]) => [k, at(n)]) })),
  };
}
/** Move a row's items towards their neighbours, in their order and far enough apart: half pushed right, half left. */
function spreadRow(row, mean) {
  const want = row.map((n) => mean([...n.near[0], ...n.near[1]], n.place)), right = [], left = [];
  const gap = (k) => (row[k].wide + row[k + 1].wide) / 2, end = row.length - 1;
  for (let k = 0; k <= end; k++) right[k] = k ? Math.max(want[k], right[k - 1] + gap(k - 1)) : want[k];
  for (let k = end; k >= 0; k--) left[k] = k < end ? Math.min(want[k], left[k + 1] - gap(k)) : want[k];
  row.forEach((n, k) => { n.place = (left[k] + right[k]) / 2; });
}

// ---- the family of architectures: what each one counts and does (nnlib.explorables.family) -------------------

/**
 * The parameters and the multiply-adds of an architecture that has m hidden neurons and looks at an n x n picture of
 * c classes: two lists of terms [formula, value]. Hopfield and Boltzmann: for one sweep over all neurons.
 */
export function familyTerms(name, n, m = 32, c = 10) {
  const N = n * n, K = N + m, out = ["c m + c", c * m + c], last = ["c m", c * m];
  const gates = (g) => {
    const times = g > 1 ? `${g} ` : "";
    return [[[`${times}m n`, g * m * n], [`${times}m²`, g * m * m], [`${times}m`, g * m], out],
      [[`${times}m n²`, g * m * N], [`${times}m² n`, g * m * m * n], last]];
  };
  return {
    MLP: () => [[["m n²", m * N], ["m", m], out], [["m n²", m * N], last]],
    CNN: () => [[["9 m", 9 * m], ["m", m], out], [["9 m n²", 9 * m * N], last]],
    RNN: () => gates(1),
    LSTM: () => gates(4),
    GRU: () => gates(3),
    Transformer: () => [[["m n + m", m * n + m], ["4 (m² + m)", 4 * (m * m + m)], ["8 m² + 5 m", 8 * m * m + 5 * m],
      ["4 m", 4 * m], out], [["m n²", m * N], ["12 m² n", 12 * m * m * n], ["2 m n²", 2 * m * N], last]],
    GAN: () => [[["m² + m", m * m + m], ["m n² + n²", m * N + N], ["m n² + m", m * N + m], ["m + 1", m + 1]],
      [["m²", m * m], ["2 m n²", 2 * m * N], ["m", m]]],
    Hopfield: () => [[["n² (n² − 1) / 2", (N * (N - 1)) / 2]], [["n² (n² − 1)", N * (N - 1)]]],
    Boltzmann: () => [[["k (k − 1) / 2", (K * (K - 1)) / 2], ["k", K]], [["k (k − 1)", K * (K - 1)]]],
  }[name]();
}
/** An n x n picture of 0 and 1, first row on top: a ring, or a cross. */
export const familyPicture = (n, cross = false) => Array.from({ length: n * n }, (_, k) => {
  const x = ((k % n) + 0.5) / n - 0.5, y = (Math.floor(k / n) + 0.5) / n - 0.5;
  return +(cross ? Math.min(Math.abs(x - y), Math.abs(x + y)) < 0.17 : Math.abs(Math.hypot(x, y) - 0.32) < 0.13);
});
/** ReLU of the picture under a 3 x 3 kernel at each place; beyond the picture's border are zeros. */
export function familyMap(picture, n, kernel) {
  const at = (r, c) => (r < 0 || c < 0 || r >= n || c >= n ? 0 : picture[r * n + c]);
  return picture.map((_, k) => {
    const r = Math.floor(k / n), c = k % n;
    return relu(kernel.reduce((sum, w, i) => sum + w * at(r + Math.floor(i / 3) - 1, c + (i % 3) - 1), 0));
  });
}
/**
 * What n steps remember of a 1 that arrives at the first one, and the gate at each. RNN: h = tanh(0.9 h + x). LSTM:
 * c = f c + i g, and f is 0 at step k. GRU: h = (1 - z) h + z g, and z is 1 at steps 1 and k, where g is -0.6.
 */
export function familyMemory(name, n, k) {
  const values = [], gates = [];
  for (let step = 1, h = 0; step <= n; step++) {
    const first = step === 1, now = step === k && !first;
    const gate = name === "LSTM" ? +!now : name === "GRU" ? +(first || now) : 1;
    if (name === "RNN") h = tanh(0.9 * h + +first);
    else if (name === "LSTM") h = gate * h + +first;
    else h = (1 - gate) * h + gate * (first ? 1 : -0.6);
    values.push(h);
    gates.push(gate);
  }
  return { values, gates };
}
/** The attention of token i to all tokens: softmax of 3 for the same letter, 0 for another one. */
export function familyAttention(letters, i) {
  const scores = letters.map((a) => Math.exp(a === letters[i] ? 3 : 0)), sum = scores.reduce((a, b) => a + b);
  return scores.map((v) => v / sum);
}
/** The letters of n tokens, the same everywhere. */
export const familyLetters = (n) => {
  const u = uniform(5);
  return Array.from({ length: n }, () => "abcd"[Math.floor(4 * u())]);
};
/** The ring as signs -1 and 1, with one sign in five turned round. */
export function familyDamage(n, seed = 3) {
  const u = uniform(seed);
  return familyPicture(n).map((v) => (2 * v - 1) * (u() < 0.2 ? -1 : 1));
}
/**
 * A Hopfield network that stores ring and cross: w_ij = (sum of p_i p_j) / n², w_ii = 0. Its neurons answer one by
 * one, `count` of them. With `heat` they answer by chance, 1 with probability sigmoid(2 z / heat). Also the energy.
 */
export function familyRecall(n, count, heat = 0, seed = 11) {
  const N = n * n, s = familyDamage(n), u = uniform(seed), patterns = [false, true].map((cross) =>
    familyPicture(n, cross).map((v) => 2 * v - 1));
  const overlaps = patterns.map((p) => p.reduce((sum, v, i) => sum + v * s[i], 0));
  const energy = () => (patterns.length - overlaps.reduce((sum, v) => sum + (v * v) / N, 0)) / 2;
  const energies = [energy()], mean = s.map(() => 0);
  for (let k = 0; k < count; k++) {
    const i = (k * (n % 7 ? 7 : 11)) % N; // in steps that reach all neurons, so that the picture heals all over
    const z = patterns.reduce((sum, p, j) => sum + p[i] * overlaps[j], -patterns.length * s[i]) / N;
    const next = heat ? (u() < sigmoid((2 * z) / heat) ? 1 : -1) : z > 0 ? 1 : z < 0 ? -1 : s[i];
    patterns.forEach((p, j) => { overlaps[j] += p[i] * (next - s[i]); });
    s[i] = next;
    mean[i] += (next + 1) / 2;
    energies.push(energy());
  }
  return { s, energies, mean: mean.map((v) => v / Math.max(1, count / N)) };
}
/** The density of the real data, of the fakes when a share t of the game is played, and the best judge of x. */
export function familyGame(x, t) {
  const bell = (mean, spread) => Math.exp(-(((x - mean) / spread) ** 2) / 2) / (spread * Math.sqrt(2 * Math.PI));
  const real = bell(1, 0.5), fake = bell(2 * t - 1, 0.9 - 0.4 * t);
  return [real, fake, real / (real + fake)];
}

// ---- chapter 9: the chain rule for one sigmoidal neuron, factor by factor (nnlib.Neuron) -----------------------

/**
 * One step of stochastic gradient descent on E = (y - f(sum))^2 / 2, with every factor of the chain rule by name. The
 * bias is w[0], with x[0] = 1. `after` is the error with the new weights.
 */
export function chainRule(w, x, y, alpha) {
  const sum = affine(w, x, 0), f = sigmoid(sum), dE = -(y - f), df = dSigmoid(sum), delta = -dE * df;
  const next = w.map((v, j) => v + alpha * delta * x[j]), sumAfter = affine(next, x, 0);
  return { sum, f, E: (y - f) ** 2 / 2, dE, df, delta, slopes: x.map((v) => -delta * v), next, sumAfter,
    after: (y - sigmoid(sumAfter)) ** 2 / 2 };
}
/** The weights after `steps` such steps on one example. */
export function chainSteps(w, x, y, alpha, steps) {
  let now = w;
  for (let k = 0; k < steps; k++) now = chainRule(now, x, y, alpha).next;
  return now;
}

// ---- chapter 13: four optimisers on a surface over two weights (nnlib.optim) -----------------------------------

/** Surfaces with 0 as lowest value: the error at (w1, w2), and its slopes. */
export const SURFACES = {
  ravine: ([x, y]) => [x * x / 4 + 10 * y * y, [x / 2, 20 * y]], // curvatures 1/2 and 20
  turned([x, y]) {
    const c = Math.SQRT1_2, [E, [du, dv]] = SURFACES.ravine([c * (x + y), c * (y - x)]);
    return [E, [c * (du - dv), c * (du + dv)]];
  },
  bend([x, y]) {
    const far = y + 2 - x * x, along = x - 1.5; // the valley is y = x² - 2
    return [far * far + along * along / 20, [along / 10 - 4 * x * far, 2 * far]];
  },
  saddle: ([x, y]) => [2 * x * x + (y * y - 4) ** 2 / 16, [4 * x, y * (y * y - 4) / 4]],
  network([a, b]) { // b tanh(a x) learns 2 tanh(1.2 x) from nine points
    let E = 0, da = 0, db = 0;
    for (let k = -4; k <= 4; k++) {
      const x = k / 2, h = Math.tanh(a * x), e = b * h - 2 * Math.tanh(1.2 * x);
      E += e * e / 18;
      da += e * b * (1 - h * h) * x / 9;
      db += e * h / 9;
    }
    return [E, [da, db]];
  },
};
/** One step of "sgd", "momentum", "rmsprop" or "adam" from w with slopes g; m, v and t are what it remembers. */
export function optimiserStep(name, { w, m, v, t }, g, { alpha, beta1, beta2 }) {
  const mixed = name === "adam" ? 1 - beta1 : 1, keep = name === "sgd" ? 0 : beta1;
  const next = { t: t + 1, m: g.map((d, j) => keep * m[j] + mixed * d),
    v: g.map((d, j) => beta2 * v[j] + (1 - beta2) * d * d) };
  const size = (j, share) => Math.sqrt(next.v[j] / share) + 1e-8;
  const step = {
    sgd: (j) => g[j],
    momentum: (j) => next.m[j],
    rmsprop: (j) => g[j] / size(j, 1),
    adam: (j) => next.m[j] / (1 - beta1 ** next.t) / size(j, 1 - beta2 ** next.t),
  }[name];
  return { ...next, w: w.map((x, j) => x - alpha * step(j)) };
}
/** The places of so many steps from `start`, start first; it ends where a weight is beyond `far`. */
export function optimiserPath(name, { surface, start, steps, far = 1e6, ...rates }) {
  const places = [start];
  let now = { w: start, m: [0, 0], v: [0, 0], t: 0 };
  for (let k = 0; k < steps && !(Math.max(...now.w.map(Math.abs)) > far); k++) {
    now = optimiserStep(name, now, SURFACES[surface](now.w)[1], rates);
    places.push(now.w);
  }
  return places;
}

// ---- one training in several libraries (nnlib.explorables.libraries) -----------------------------------------

/** How far each curve lies from the first one, step by step: one list for each curve but the first. */
export const curveGaps = ([first, ...others]) => others.map((curve) => curve.map((v, t) => Math.abs(v - first[t])));
/** The largest gap in the first `steps` steps, and where it was first reached; { gap: 0 } where all agree. */
export function largestGap(gaps, steps) {
  let found = { gap: 0, curve: null, at: null };
  for (let t = 0; t < steps; t++) {
    gaps.forEach((of, curve) => { if (of[t] > found.gap) found = { gap: of[t], curve, at: t }; });
  }
  return found;
}
/** Where two numbers, written alike, begin to differ; the length of the text where they don't. */
export function firstDifference(text, other) {
  for (let k = 0; k < text.length; k++) if (text[k] !== other[k]) return k;
  return text.length;
}
