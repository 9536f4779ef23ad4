// Typesets mathematics while the site is built, so that no page has to. One JSON request a line on standard input,
// { tex, display }; one JSON answer a line on standard output, { html } or { error }.
import readline from "node:readline";
import { mathjax } from "mathjax-full/js/mathjax.js";
import { TeX } from "mathjax-full/js/input/tex.js";
import { CHTML } from "mathjax-full/js/output/chtml.js";
import { liteAdaptor } from "mathjax-full/js/adaptors/liteAdaptor.js";
import { RegisterHTMLHandler } from "mathjax-full/js/handlers/html.js";
import { AssistiveMmlHandler } from "mathjax-full/js/a11y/assistive-mml.js";
import { AllPackages } from "mathjax-full/js/input/tex/AllPackages.js";

// Letters of Source Serif stand a little taller than TeX's: the scale makes x as tall in a formula as in the text.
const SCALE = 1.08;
// A wrong formula must stop the build, not be printed in red.
const packages = AllPackages.filter((name) => !["noerrors", "noundefined", "bussproofs"].includes(name));

const adaptor = liteAdaptor();
AssistiveMmlHandler(RegisterHTMLHandler(adaptor));
const formatError = (_, error) => {
  throw error;
};
const tex = new TeX({ packages, formatError });
const chtml = new CHTML({ fontURL: "mathfonts", adaptiveCSS: false, scale: SCALE });
const page = mathjax.document("", { InputJax: tex, OutputJax: chtml });

/** The style sheet that every typeset formula needs. */
export const styleSheet = () => adaptor.textContent(chtml.styleSheet(page));

/** One formula as HTML: glyphs for the eye, MathML for a screen reader. */
export const typeset = (formula, display) =>
  adaptor.outerHTML(page.convert(formula, { display, em: 18, ex: 8.6, containerWidth: 1e6 }));

if (process.argv[2] === "serve") {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let answer;
    try {
      const { tex: formula, display } = JSON.parse(line);
      answer = { html: typeset(formula, display) };
    } catch (error) {
      answer = { error: error.message };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
}
