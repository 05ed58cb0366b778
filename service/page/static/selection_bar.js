// What can be done with words that are selected in the article: a bar at the foot of the screen while any are.

import { byId, element } from "./dom.js";

const LINGER = 250; // milliseconds: a tap on the bar may end the selection before it is a click
const SHOWN = 60; // characters of the words

export class SelectionBar {
  /** `on` has `add(place)`, `use(place)`, `mayAdd()` and `mayUse()`: whether a form for a quote is open. */
  constructor(article, on) {
    this.article = article;
    this.on = on;
    this.root = byId("selection-bar");
    this.words = element("p", { class: "selected-words", dir: "auto" });
    this.use = element("button", { type: "button", onclick: () => this.#done(on.use) }, "Use as the quote");
    const add = element("button", { type: "button", class: "primary", onclick: () => this.#done(on.add) }, "Add as a statement");
    this.root.replaceChildren(this.words, element("div", { class: "actions" }, this.use, add));
    // the words stay selected while the bar is pressed
    this.root.addEventListener("mousedown", (event) => event.preventDefault());
    document.addEventListener("selectionchange", () => this.#changed());
    document.addEventListener("keydown", (event) => this.#escaped(event), { capture: true });
  }

  #changed() {
    clearTimeout(this.hiding);
    const place = this.article.selected();
    if (!place || !this.on.mayAdd()) {
      this.hiding = setTimeout(() => this.#hide(), LINGER);
      return;
    }
    this.place = place;
    this.use.hidden = !this.on.mayUse();
    this.words.textContent = excerpt(this.article.words(place));
    if (!this.root.hidden) return;
    this.root.hidden = false;
    byId("announcement").textContent = "Words selected. Buttons for them are after the article.";
  }

  #hide() {
    // the keyboard may be within: what it is on must not vanish
    if (!this.root.contains(document.activeElement)) this.root.hidden = true;
  }

  #done(action) {
    clearTimeout(this.hiding);
    this.root.hidden = true;
    getSelection().removeAllRanges();
    action(this.place);
  }

  #escaped(event) {
    if (event.key !== "Escape" || this.root.hidden) return;
    event.preventDefault();
    getSelection().removeAllRanges();
    this.root.hidden = true;
  }
}

function excerpt(words) {
  const line = [...words.replace(/\s+/g, " ")];
  return line.length > SHOWN ? `${line.slice(0, SHOWN / 2).join("")} … ${line.slice(-SHOWN / 2).join("")}` : line.join("");
}
