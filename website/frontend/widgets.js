// The widgets of a static page: reads the state that the notebook saved, and shows every ipywidget where its cell stands.
import * as base from "@jupyter-widgets/base";
import { HTMLManager } from "@jupyter-widgets/html-manager/lib/htmlmanager";
import anywidget from "anywidget";

const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';
const json = (script) => JSON.parse(script.textContent);

// One factory call a page: its models and its views find each other through a map that the call makes.
const { AnyModel, AnyView } = anywidget(base);

async function load(name) {
  if (name === "anywidget") return { AnyModel, AnyView };
  throw new Error(`The page holds a widget of the module "${name}", which this site does not carry.`);
}

/** Show every widget of the page; resolves when the last one stands. */
export async function showWidgets() {
  for (const script of document.querySelectorAll(STATE)) {
    const manager = new HTMLManager({ loader: load });
    const models = new Map((await manager.set_state(json(script))).map((model) => [model.model_id, model]));
    for (const place of document.querySelectorAll(VIEW)) {
      const model = models.get(json(place).model_id);
      if (!model) continue;
      const box = document.createElement("div");
      box.className = "widget-subarea";
      place.before(box);
      await manager.display_view(manager.create_view(model), box);
    }
  }
}
