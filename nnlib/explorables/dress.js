// dress.js: a widget that shows nothing. Its style sheet dresses the explorable that it stands in, and it tells who
// can't see a slider what the slider is: ipywidgets leaves the handle without a name, and its value with 16 digits.

/** Give a handle the name that stands beside it, and keep the value that it speaks short. */
function speakable(handle, label) {
  const shorten = () => {
    const text = handle.getAttribute("aria-valuetext"), short = String(+(+text).toFixed(3));
    if (text !== short && !Number.isNaN(+text)) handle.setAttribute("aria-valuetext", short);
  };
  const name = () => handle.setAttribute("aria-label", label.textContent);
  new MutationObserver(name).observe(label, { childList: true, characterData: true, subtree: true });
  name();
  new MutationObserver(shorten).observe(handle, { attributeFilter: ["aria-valuetext"] });
  shorten();
}
/** The sliders arrive after this widget, one by one: look again for a while. */
function nameSliders(el, tries = 100) {
  for (const slider of el.closest(".nn-explorable")?.querySelectorAll(".widget-slider") ?? []) {
    const handle = slider.querySelector(".noUi-handle:not([aria-label])");
    const label = slider.querySelector(".widget-label");
    if (handle && label) speakable(handle, label);
  }
  if (tries) setTimeout(() => nameSliders(el, tries - 1), 50);
}

function render({ el }) {
  el.hidden = true;
  el.style.display = "none";
  nameSliders(el);
}
export default { render };
