// Every page loads this one script: it brings question cards, the landing figure and the widgets to life.
// What is heavy comes in chunks of its own, after the first paint, and only on pages that use it.
import { enhance } from "explorables/question.js";

const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';

/** Resolves once the page has been painted. */
const painted = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));

/** The math of the page reads itself; a formula wider than the screen must be reachable by keyboard to scroll. */
function scrollable() {
  for (const box of document.querySelectorAll("div.math, div.highlight pre")) {
    if (box.scrollWidth > box.clientWidth + 1) {
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", box.matches("pre") ? "Code, scrolls sideways" : "Formula, scrolls sideways");
    } else if (box.getAttribute("role") === "region") {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
    }
  }
}

async function start() {
  enhance(document);
  scrollable();
  addEventListener("resize", scrollable);
  await painted();
  for (const place of document.querySelectorAll("[data-explorable='hero']")) {
    const { default: hero } = await import("explorables/hero.js");
    hero.render({ model: null, el: place });
  }
  if (document.querySelector(VIEW)) {
    const { showWidgets } = await import("./widgets.js");
    await showWidgets();
  }
  document.documentElement.dataset.live = "";
}

start();
