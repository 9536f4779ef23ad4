// Stands first in the notebook's page. It starts Python while the page itself still loads, hands the worker over when the
// notebook asks for one, and says in a sentence what goes wrong, where JupyterLite would only show [*].
"use strict";
{
  const WORKER = ""; // replaced by the build: the kernel's own worker script, below lite/
  const SILENCE = 90; // seconds without a sign of life after which the reader is told
  const lite = new URL("..", document.currentScript.src);
  const notebook = new URLSearchParams(location.search).get("path") ?? "";
  const file = new URL(`../notebooks/${notebook}`, lite).href;

  /** Show a sentence above the notebook; it stays until it is closed. */
  function say(id, text, { again = false, download = true } = {}) {
    const show = () => {
      if (document.getElementById(id)) return;
      const box = document.createElement("div");
      box.id = id;
      box.className = "nn-notice";
      box.setAttribute("role", "alert");
      const words = document.createElement("p");
      words.textContent = text;
      box.append(words);
      const act = (label, action) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = label;
        button.onclick = action;
        box.append(button);
      };
      if (again) act("Try again", () => location.reload());
      if (download && notebook) {
        const link = document.createElement("a");
        link.href = file;
        link.download = "";
        link.textContent = "Download this notebook";
        box.append(link);
      }
      act("Close", () => box.remove());
      document.body.append(box);
    };
    if (document.body) show();
    else addEventListener("DOMContentLoaded", show);
  }

  const cannot = (why, more) =>
    say("nn-no-python", `Python did not start: ${why}. The notebook can be read, but its cells do not run. ${more}`, {
      again: true,
    });
  const ELSEWHERE = "Reload the page to try again, or download the notebook and run it on your computer or in Colab.";

  /** A worker that runs Python; whatever stops it is told to the reader. */
  function boot(kernel) {
    const url = new URL("pyodide/boot.js", lite);
    url.searchParams.set("kernel", kernel);
    const worker = new Worker(url);
    worker.nnKernel = kernel;
    let timer;
    worker.nnWatch = () => {
      clearTimeout(timer);
      timer = setTimeout(
        () => cannot(`nothing has been heard of it for ${SILENCE} seconds`, `The network may be slow: wait. ${ELSEWHERE}`),
        SILENCE * 1000,
      );
    };
    const stop = (why) => {
      clearTimeout(timer);
      worker.nnFailed = true;
      if (worker.nnTaken) cannot(why, ELSEWHERE);
    };
    worker.nnWatch();
    worker.addEventListener("error", (event) => stop(event.message || "its files can't be loaded"));
    worker.addEventListener("message", ({ data }) => {
      const stage = data?.nnBoot;
      if (!stage) return;
      if (stage === "failed") return stop(data.why);
      if (stage === "ready") {
        clearTimeout(timer);
        document.documentElement.dataset.python = "ready";
      } else worker.nnWatch();
    });
    return worker;
  }

  let early = null;
  globalThis.nnKernel = {
    /** The worker that the notebook's kernel asks for: the one that is under way, or a fresh one if that failed or is taken. */
    worker(kernel) {
      const worker = early && !early.nnFailed && new URL(early.nnKernel).pathname === new URL(kernel).pathname ? early : boot(kernel);
      early = null;
      worker.nnTaken = true;
      return worker;
    },
    /** Whatever else stops the kernel on its way. */
    failed(error) {
      cannot(error.message ?? String(error), ELSEWHERE);
    },
  };

  if (typeof WebAssembly !== "object" || typeof DecompressionStream !== "function" || typeof Worker !== "function") {
    cannot(
      "this browser lacks what Python needs (WebAssembly, and unpacking of files)",
      "Use a current Firefox, Chrome, Edge or Safari, or download the notebook and run it on your computer or in Colab.",
    );
  } else {
    try {
      if (notebook) early = boot(new URL(WORKER, lite).href);
    } catch {
      early = null; // the notebook asks for one of its own, and hears what is wrong
    }
  }

  // Without a service worker everything runs but input() and files that Python writes beside the notebook.
  const noService = () =>
    say(
      "nn-no-service",
      "The cells run, but input() and files that your code writes do not: this browser offers no service worker here. " +
        "That is so in some private windows, and on addresses that do not begin with https. Open an ordinary window to have them.",
      { download: false },
    );
  if (!("serviceWorker" in navigator)) noService();
  else {
    const register = navigator.serviceWorker.register.bind(navigator.serviceWorker);
    navigator.serviceWorker.register = (...given) => {
      const done = register(...given);
      done.then((found) => found || noService(), noService);
      return done;
    };
  }

  const KEEP = "Download it to keep your changes: File, then Download.";
  const forgets = () =>
    say("nn-no-storage", `This browser keeps nothing here, as in a private window: your changes are lost when you leave. ${KEEP}`, {
      download: false,
    });
  const full = () =>
    say("nn-full", `The browser's storage is full: your latest changes are not saved. ${KEEP} Then free some space.`, {
      download: false,
    });
  try {
    const open = indexedDB.open("nn-course-probe");
    open.onerror = forgets;
    open.onsuccess = () => open.result.close();
  } catch {
    forgets();
  }
  addEventListener("unhandledrejection", ({ reason }) => {
    if (/quota/i.test(`${reason?.name} ${reason?.message}`)) full();
  });
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...given) {
    let request;
    try {
      request = put.apply(this, given);
    } catch (error) {
      if (error.name === "QuotaExceededError") full();
      throw error;
    }
    this.transaction.addEventListener("abort", () => {
      if (this.transaction.error?.name === "QuotaExceededError") full();
    });
    return request;
  };
}
