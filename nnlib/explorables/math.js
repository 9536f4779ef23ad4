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
