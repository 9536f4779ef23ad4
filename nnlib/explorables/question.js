// question.js: predictions and quizzes. The page carries each card as a plain form; this file judges the answers.
// A press on an option answers at once. Arrow keys only move the choice, as radio buttons do: Enter, the space bar or
// the Check button answers. A prediction locks the next explorable of the page until any answer is given.
import { h } from "./base.js";

const TITLES = { predict: "Predict", quiz: "Check yourself" };
const memory = { // this device's memory of answers; private windows may refuse it
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* the answer lives as long as the page */ } },
};

// ---- the lock ------------------------------------------------------------------------------------------------

/** The first explorable's cell after the card, in the order of the document. */
const nextCell = (card) => [...document.querySelectorAll(".tag_explorable")]
  .find((cell) => card.compareDocumentPosition(cell) & Node.DOCUMENT_POSITION_FOLLOWING);

/** Blur a cell and take it out of reach. `skip` is called by the button that shows it anyway. Returns the way back. */
function lock(cell, skip) {
  const inside = [...cell.children];
  const message = h("div", { class: "nn-lockmsg", role: "group", "aria-label": "Locked figure" },
    h("span", { text: "Choose an answer above, then play" }),
    h("button", { type: "button", text: "Show anyway", onclick: skip }));
  for (const child of inside) child.inert = true;
  cell.classList.add("nn-gate");
  cell.dataset.locked = "";
  cell.tabIndex = -1;
  cell.prepend(message);
  return () => {
    message.remove();
    delete cell.dataset.locked;
    for (const child of inside) child.inert = false;
  };
}

// ---- the card ------------------------------------------------------------------------------------------------

function judge(card, input, feedback) {
  const right = input.hasAttribute("data-right"), again = card.dataset.kind === "quiz" && !right;
  for (const label of card.querySelectorAll("label")) label.classList.remove("yes", "no");
  input.closest("label").classList.add(right ? "yes" : "no");
  const say = card.querySelector(`template[data-for="${CSS.escape(input.value)}"]`);
  feedback.replaceChildren(
    h("b", { class: right ? "yes" : "no", text: right ? "Yes. " : "Not quite. " }),
    ...(say ? [h("div", {}, say.content.cloneNode(true))] : []),
    ...(again ? [h("span", { class: "nn-dim", text: " Try another answer." })] : []),
  );
}
/** Show a remembered answer without speaking it. */
function restore(feedback, show) {
  feedback.setAttribute("aria-live", "off");
  show();
  setTimeout(() => feedback.removeAttribute("aria-live"), 1000);
}
function wake(card) {
  card.dataset.awake = "";
  const feedback = card.querySelector(".nn-feedback"), key = card.id && `nn:${location.pathname}#${card.id}`;
  const check = h("button", { type: "submit", class: "nn-btn", text: "Check", hidden: true });
  const cell = card.dataset.kind === "predict" && nextCell(card), old = key && memory.get(key);
  const chosen = () => card.querySelector("input:checked");
  let open = null, byArrow = false;
  const unlock = () => { open?.(); open = null; };
  const answer = (input) => {
    check.hidden = true;
    judge(card, input, feedback);
    if (open) feedback.append(h("span", { class: "nn-hear", text: " The figure below is unlocked." }));
    unlock();
    if (key) memory.set(key, input.value);
  };
  const skip = () => {
    unlock();
    cell.focus({ preventScroll: true });
    feedback.textContent = "The figure is open. Answer whenever you like.";
    if (key) memory.set(key, "open");
  };

  if (cell && !("locked" in cell.dataset) && old === null) open = lock(cell, skip);
  feedback.dataset.empty = open ? "Choose one. Any answer unlocks the figure below." : "Choose one.";
  feedback.after(check);
  card.addEventListener("keydown", (e) => {
    byArrow = e.key.startsWith("Arrow");
    if (e.key === " " && e.target === chosen()) answer(e.target); // pressing a chosen radio makes no click
  });
  card.addEventListener("keyup", () => { byArrow = false; });
  card.addEventListener("click", (e) => { if (e.target.matches("input") && !byArrow) answer(e.target); });
  card.addEventListener("change", () => { check.hidden = !byArrow; });
  card.addEventListener("submit", (e) => {
    e.preventDefault();
    if (chosen()) answer(chosen());
  });
  const input = old && old !== "open" && card.querySelector(`input[value="${CSS.escape(old)}"]`);
  if (input) restore(feedback, () => { input.checked = true; judge(card, input, feedback); });
}
/** Bring every card below `root` to life. */
export function enhance(root = document) {
  for (const card of root.querySelectorAll("form.nn-card:not([data-awake])")) wake(card);
}

// ---- the same card in a notebook -----------------------------------------------------------------------------

function build({ prompt, options, kind }) {
  const name = "nn" + Math.random().toString(36).slice(2);
  const option = ([html, right], i) => h("label", {},
    h("input", { type: "radio", name, value: i, "data-right": right }), h("span", { class: "nn-opt", html }));
  const say = ([, , html], i) => h("template", { class: "nn-say", "data-for": i, html });
  return h("form", { class: `nn-card nn-${kind}`, "data-kind": kind },
    h("fieldset", {}, h("legend", {}, h("small", { text: TITLES[kind] }), h("span", { html: prompt })),
      h("div", { class: "nn-opts" }, ...options.map(option))),
    h("div", { class: "nn-feedback", role: "status" }), ...options.map(say));
}
function render({ model, el }) {
  const [prompt, options, kind] = ["prompt", "options", "kind"].map((k) => model.get(k));
  el.append(build({ prompt, options, kind }));
  enhance(el);
}
export default { render };
