// The form an article is entered in: typed, pasted, dropped, from a file, or the example.

import { articleFromFile } from "./article_file.js";
import { codePointLength } from "./code_points.js";
import { byId, element } from "./dom.js";
import { targetField, targetsUnderstood } from "./targets.js";

const SLOW = 4000; // milliseconds until the wait is explained

export class EntryForm {
  /** `onRead(article)` is called with a request's article, `onCancel()` while it is read, `onFile()` for a dropped one. */
  constructor(onRead, onCancel, onFile) {
    this.form = byId("article-form");
    this.text = byId("article-text");
    this.title = byId("article-title");
    this.target = byId("article-target");
    this.problem = byId("entry-problem");
    this.mostCharacters = null;
    this.onRead = onRead;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    // Enter in the target field sends the form as in any field of one line; with Shift it begins another target
    this.target.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing) return;
      event.preventDefault();
      this.submit();
    });
    this.target.addEventListener("input", () => this.#explainTargets());
    this.text.addEventListener("input", () => this.#count());
    byId("cancel").addEventListener("click", onCancel);
    byId("example").addEventListener("click", () => this.#useExample());
    byId("open-file").addEventListener("change", (event) => this.#useFiles(event.target.files, event.target));
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.submit();
    });
    acceptDrops((files) => {
      onFile();
      this.#useFiles(files);
    });
  }

  submit() {
    if (this.form.hasAttribute("aria-busy")) return;
    this.problem.replaceChildren();
    if (!this.text.value.trim()) {
      this.say("There is no article yet. Paste one, open a file, or try the example.");
      this.text.setAttribute("aria-invalid", "true");
      this.text.focus();
      return;
    }
    // a lone surrogate is no text that can be sent; what stands for it has the same length
    const article = { text: wellFormed(this.text.value) };
    if (this.title.value.trim()) article.title = wellFormed(this.title.value.trim());
    const target = targetField(wellFormed(this.target.value));
    if (target) article.target = target;
    this.onRead(article);
  }

  fill({ text, title, target }) {
    this.text.value = text;
    this.title.value = title ?? "";
    this.target.value = target ?? "";
    this.problem.replaceChildren();
    this.#count();
    this.#explainTargets();
  }

  /** Something to be said under the form, as a node or in words. */
  say(what) {
    const notice = typeof what === "string" ? element("p", { class: "notice notice-problem", role: "alert" }, what) : what;
    this.problem.replaceChildren(notice);
  }

  setBusy(busy) {
    this.form.toggleAttribute("aria-busy", busy);
    if (busy) this.form.setAttribute("aria-busy", "true");
    const hadFocus = document.activeElement;
    for (const field of [this.text, this.title, this.target]) field.readOnly = busy;
    for (const id of ["example", "open-label", "open-file"]) byId(id).hidden = busy;
    byId("cancel").hidden = !busy;
    byId("read").textContent = busy ? "Reading…" : "Read the article";
    byId("progress").textContent = busy ? "Reading the article." : "";
    clearTimeout(this.slow);
    if (busy) {
      const words = "Still reading. A long article takes a while: about a second for each thousand words.";
      this.slow = setTimeout(() => (byId("progress").textContent = words), SLOW);
    } else if (hadFocus === byId("cancel")) byId("read").focus();
  }

  async #useExample() {
    try {
      const response = await fetch("page/example.json");
      if (!response.ok) throw new Error(response.statusText);
      const { text, title } = await response.json();
      this.fill({ text, title });
      this.submit();
    } catch {
      this.say("The example could not be fetched from the server.");
    }
  }

  async #useFiles(files, input = null) {
    if (this.form.hasAttribute("aria-busy") || !files.length) return;
    try {
      this.fill(await articleFromFile(files[0]));
      this.text.focus();
      this.text.setSelectionRange(0, 0);
      this.text.scrollTop = 0;
      const more = files.length > 1 ? " Only the first of the files was taken." : "";
      byId("progress").textContent = `${files[0].name} is in the field.${more}`;
    } catch (error) {
      this.say(error.message);
    } finally {
      if (input) input.value = ""; // so that the same file can be chosen again
    }
  }

  #count() {
    this.text.removeAttribute("aria-invalid");
    const count = codePointLength(this.text.value);
    const over = this.mostCharacters !== null && count > this.mostCharacters;
    const limit = over ? `; this server takes ${this.mostCharacters.toLocaleString("en")}` : "";
    byId("article-count").textContent = count ? `${count.toLocaleString("en")} characters${limit}` : "";
    byId("article-count").classList.toggle("over", over);
  }

  #explainTargets() {
    const usual = "Several with commas between, or one a line";
    byId("target-hint").textContent = targetsUnderstood(this.target.value) || usual;
    this.target.rows = Math.min(6, this.target.value.split("\n").length);
  }
}

function wellFormed(text) {
  return text.toWellFormed ? text.toWellFormed() : text;
}

/** Files may be dropped anywhere on the page; other things go where they always go. */
function acceptDrops(useFiles) {
  const zone = byId("drop-zone");
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    zone.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) zone.hidden = true;
  });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // else the browser would leave the page for the file
    zone.hidden = true;
    useFiles(event.dataTransfer.files);
  });
}
