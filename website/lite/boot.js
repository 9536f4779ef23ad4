// The worker that runs Python. It stands in for the kernel's own worker script, and for pyodide.js: it fetches everything at
// once, side by side, and starts Python before the notebook asks for it.
//   new Worker("boot.js?kernel=URL")   starts Python, and runs the kernel's worker script at URL
//   importScripts("boot.js")           is what that script does to load Pyodide: by then everything is under way
// The page hears {nnBoot: stage}; {nnBoot: "failed", why} when Python can't start.
"use strict";
if (!self.nnBooted) {
  const FILES = {}; // replaced by the build: name of each file -> name with its hash
  const PARTS = []; // replaced by the build: the bundles of packages
  const SECONDS = 30; // that a server may keep silent before it is asked again
  const here = new URL(".", self.location.href).href;
  const say = (nnBoot, more = {}) => self.postMessage({ nnBoot, ...more });
  const sitePackages = "/lib/python3.12/site-packages/";

  /** Fetch a file of this folder; ask once more when the server breaks off or keeps silent. Resolves to its bytes, unpacked. */
  async function bytes(name) {
    for (let attempt = 0; ; attempt += 1) {
      const stop = new AbortController();
      let silence;
      const heard = () => {
        clearTimeout(silence);
        silence = setTimeout(() => stop.abort(new Error(`the server keeps silent about ${name}`)), SECONDS * 1000);
      };
      try {
        heard();
        const answer = await fetch(here + FILES[name], { signal: stop.signal, cache: attempt ? "reload" : "default" });
        if (!answer.ok) throw new Error(`the server answers ${answer.status} for ${name}`);
        const chunks = [];
        const reader = answer.body.getReader();
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          heard();
          chunks.push(part.value);
        }
        const packed = new Blob(chunks);
        // Some servers unpack on the way what looks packed.
        if (chunks[0]?.[0] !== 0x1f || chunks[0]?.[1] !== 0x8b) return new Uint8Array(await packed.arrayBuffer());
        const unpacked = packed.stream().pipeThrough(new DecompressionStream("gzip"));
        return new Uint8Array(await new Response(unpacked).arrayBuffer());
      } catch (error) {
        const why = stop.signal.aborted ? stop.signal.reason : error;
        if (attempt) throw new Error(`its file ${name} did not arrive (${why.message})`);
      } finally {
        clearTimeout(silence);
      }
    }
  }

  /** Write a bundle into Python's file system: see bundle.mjs for its form. */
  function unpack(FS, bundle) {
    const size = new DataView(bundle.buffer, bundle.byteOffset).getUint32(0, true);
    const entries = JSON.parse(new TextDecoder().decode(bundle.subarray(4, 4 + size)));
    const folders = new Set();
    let from = 4 + size;
    for (const [name, length] of entries) {
      const path = sitePackages + name;
      const folder = path.slice(0, path.lastIndexOf("/"));
      if (!folders.has(folder)) FS.mkdirTree(folder);
      folders.add(folder);
      FS.writeFile(path, bundle.subarray(from, from + length), { canOwn: true });
      from += length;
    }
  }

  async function start() {
    const packages = PARTS.map(bytes);
    const core = bytes("pyodide.asm.wasm");
    const script = bytes("pyodide.asm.js");
    for (const promise of [...packages, core, script]) promise.catch(() => {}); // whoever awaits them hears of it
    const stream = WebAssembly.instantiateStreaming;
    // Pyodide asks for its core by fetch: give it the one that is on its way.
    const ask = self.fetch;
    self.fetch = (what, options) =>
      String(what.url ?? what).endsWith("/pyodide.asm.wasm")
        ? core.then((body) => new Response(body, { headers: { "Content-Type": "application/wasm" } }))
        : ask(what, options);
    self.importScripts(here + FILES["pyodide.js"]);
    const load = self.loadPyodide; // before the last line of this file takes its name
    const glue = URL.createObjectURL(new Blob([await script], { type: "text/javascript" }));
    self.importScripts(glue);
    URL.revokeObjectURL(glue);
    say("scripts");
    // A file that does not come leaves Pyodide waiting without a word.
    const broken = new Promise((_, reject) => [core, ...packages].forEach((promise) => promise.catch(reject)));
    const refused = new Promise((_, reject) => {
      WebAssembly.instantiateStreaming = (...given) => {
        const done = stream.apply(WebAssembly, given);
        done.catch(reject);
        return done;
      };
    });
    const pyodide = await Promise.race([
      broken,
      refused,
      load({
        indexURL: here,
        lockFileURL: here + FILES["pyodide-lock.json"],
        stdLibURL: here + FILES["python_stdlib.zip"],
        packages: [],
        fsInit: async (FS) => {
          for (const bundle of packages) unpack(FS, await bundle);
        },
      }),
    ]);
    self.fetch = ask;
    WebAssembly.instantiateStreaming = stream;
    say("python");
    // The reader's folder is looked through last: each look into it asks the page.
    await pyodide.runPythonAsync(`
import sys
sys.path.remove("")
sys.path.append("")
import pyodide_kernel, piplite.piplite, numpy
`);
    say("ready");
    return pyodide;
  }

  self.nnBooted = start();
  self.nnBooted.catch((error) => say("failed", { why: String(error.message ?? error).trim().split("\n").at(-1) }));
  const kernel = new URL(self.location.href).searchParams.get("kernel");
  if (kernel) self.importScripts(kernel);
}
self.loadPyodide = () => self.nnBooted;
