// Builds what the pages load, into the folder named on the command line: node build.mjs OUT ANYWIDGET EXPLORABLES
//   page.js + chunks   question cards, landing figure, widgets        site.css + fonts/   the look
//   math.css + mathfonts/   for formulas typeset by math.mjs          icons.json          paths of the theme's icons
import fs from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { icon } from "@fortawesome/fontawesome-svg-core";
import * as solid from "@fortawesome/free-solid-svg-icons";
import * as brands from "@fortawesome/free-brands-svg-icons";
import { styleSheet } from "./math.mjs";

const [out, anywidget, explorables] = process.argv.slice(2).map((p) => path.resolve(p));

/** Modules that the bundle finds elsewhere than in node_modules, or leaves out. */
const places = {
  name: "places",
  setup({ onResolve, onLoad }) {
    // "explorables/*.css" stands for the style sheets of all explorables, the shared ones first.
    onResolve({ filter: /^explorables\/\*\.css$/ }, () => ({ path: "all", namespace: "explorables" }));
    onLoad({ filter: /.*/, namespace: "explorables" }, async () => {
      const first = ["tokens.css", "base.css"];
      const rest = (await fs.readdir(explorables)).filter((f) => f.endsWith(".css") && !first.includes(f)).sort();
      const contents = [...first, ...rest].map((f) => `@import "${path.join(explorables, f)}";`).join("\n");
      return { contents, loader: "css", resolveDir: explorables };
    });
    onResolve({ filter: /^explorables\// }, ({ path: name }) => ({ path: path.join(explorables, name.slice(12)) }));
    // anywidget's front end comes with the Python package, as an AMD module: make it an ES module. And it reports an error
    // when a figure takes more than two seconds to start, which it may on a slow telephone.
    onResolve({ filter: /^anywidget$/ }, () => ({ path: anywidget }));
    onLoad({ filter: /anywidget[\\/]nbextension[\\/]index\.js$/ }, async ({ path: file }) => {
      let contents = await fs.readFile(file, "utf8");
      for (const [found, instead] of [
        [/define\(\["@jupyter-widgets\/base"\], (\w+)\);\s*$/, "export default $1;"],
        ["AbortSignal.timeout(2e3)", "AbortSignal.timeout(12e4)"],
      ]) {
        const changed = contents.replace(found, instead);
        if (changed === contents) throw new Error(`${file} no longer holds ${found}: adapt build.mjs`);
        contents = changed;
      }
      return { contents, loader: "js" };
    });
    // Widgets of ipywidgets 7, and Node's modules behind checks that never hold in a browser.
    onResolve({ filter: /^@jupyter-widgets\/(base7|controls7)|^(path|url|util|fs)$/ }, ({ path: name }) => ({
      path: name,
      namespace: "absent",
    }));
    onLoad({ filter: /.*/, namespace: "absent" }, () => ({ contents: "export default {}", loader: "js" }));
  },
};

const common = {
  bundle: true,
  minify: true,
  legalComments: "none",
  logLevel: "warning",
  outdir: out,
  plugins: [places],
};

const scripts = () =>
  build({
    ...common,
    entryPoints: ["page.js"],
    format: "esm",
    splitting: true,
    target: "es2022",
    chunkNames: "chunk-[hash]",
    mainFields: ["browser", "module", "main"],
    define: { global: "globalThis", "process.env": "{}", __webpack_public_path__: "globalThis.__unused" },
    loader: { ".svg": "dataurl", ".css": "empty" },
    logOverride: { "import-is-undefined": "silent" },
  });

const styles = () =>
  build({
    ...common,
    entryPoints: ["styles/site.css"],
    assetNames: "fonts/[name]",
    loader: { ".woff2": "file", ".svg": "dataurl", ".woff": "empty", ".ttf": "empty", ".eot": "empty" },
  });

async function mathematics() {
  await fs.writeFile(path.join(out, "math.css"), styleSheet());
  const fonts = "node_modules/mathjax-full/es5/output/chtml/fonts/woff-v2";
  await fs.cp(fonts, path.join(out, "mathfonts"), { recursive: true });
}

async function icons() {
  const all = {};
  for (const set of [solid, brands]) {
    for (const definition of Object.values(set)) {
      if (!definition.iconName) continue;
      const {
        icon: [width, height, aliases, , d],
      } = icon(definition);
      for (const name of [definition.iconName, ...aliases.filter((a) => typeof a === "string")])
        all[name] ??= { width, height, d: [d].flat().join(" ") };
    }
  }
  await fs.writeFile(path.join(out, "icons.json"), JSON.stringify(all));
}

await fs.rm(out, { recursive: true, force: true });
await fs.mkdir(out, { recursive: true });
await Promise.all([scripts(), styles(), mathematics(), icons()]);
