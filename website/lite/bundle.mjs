// Packs Python packages for the browser: node bundle.mjs PYODIDE OUT bundle.py TASK
// It runs bundle.py in Pyodide itself, so that the byte code is that of the browser's Python.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const [folder, out, script, task] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.join(folder, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ indexURL: folder + path.sep, packages: [], env: { PYTHONHASHSEED: "0" } });

pyodide.globals.set("TASK", fs.readFileSync(task, "utf8"));
pyodide.globals.set("read", (file) => new Uint8Array(fs.readFileSync(file)));
pyodide.runPython(fs.readFileSync(script, "utf8"));
const wheels = pyodide.globals.get("wheels").toJs({ create_proxies: false });
for (const [name, content] of wheels) fs.writeFileSync(path.join(out, name), content);

// A bundle: the length of a header, the header [[path, length], ...], and the files one after the other.
for (const [name, entries] of pyodide.globals.get("bundles").toJs({ create_proxies: false })) {
  const header = Buffer.from(JSON.stringify(entries.map(([file, content]) => [file, content.length])));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(header.length);
  const whole = Buffer.concat([size, header, ...entries.map(([, content]) => content)]);
  fs.writeFileSync(path.join(out, name), gzipSync(whole, { level: 9 }));
}
process.exit(0);
