// A result: its head, the line of actors, the marked article and the panel, and what is chosen in them.

import { ActorLine } from "./actor_line.js";
import { actorView } from "./actor_view.js";
import { ArticleView } from "./article_view.js";
import { Corrections } from "./correction_form.js";
import { byId, element, reveal } from "./dom.js";
import { MISSED } from "./feedback.js";
import { overview } from "./overview.js";
import { quoteView } from "./quote_view.js";
import { resultHead } from "./result_head.js";
import { SelectionBar } from "./selection_bar.js";

export class ResultView {
  /** `on` has `edit()`, `fresh()`, `nameTarget()` and `askKey(retry)`. */
  constructor(on) {
    this.on = on;
    this.root = byId("result");
    this.panel = byId("panel");
    this.article = new ArticleView(byId("article"), (index) => this.openQuote(index));
    this.line = new ActorLine(byId("actor-line"), (index) => this.#toggleActor(index));
    this.corrections = new Corrections(this.article, { askKey: on.askKey, closeMissed: () => this.#stepBack() });
    new SelectionBar(this.article, {
      add: (place) => this.#addStatement(place),
      use: (place) => this.corrections.use(place),
      mayAdd: () => this.corrections.offered,
      mayUse: () => this.corrections.isOpen,
    });
    this.threshold = null;
    this.reading = null;
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.root.hidden && !event.defaultPrevented) this.#stepBack();
    });
  }

  show(reading) {
    this.reading = reading;
    this.corrections.forget();
    this.root.hidden = false;
    this.#showTarget(0);
    byId("result-heading").focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  openQuote(index) {
    this.quote = index;
    this.adding = false;
    this.#refresh();
    const statement = this.reading.statements[index];
    this.article.open(statement);
    this.panel.querySelector("h2").focus({ preventScroll: true });
    const mark = this.article.mark(index);
    if (mark) reveal(mark);
  }

  #showTarget(index) {
    this.targetIndex = index;
    this.actor = null;
    this.quote = null;
    this.adding = false;
    const on = { ...this.on, target: (chosen) => this.#changeTarget(chosen) };
    byId("result-head").replaceChildren(...resultHead(this.reading, index, on));
    this.line.show(this.reading, index);
    this.article.show(this.reading, index);
    this.#refresh();
  }

  #changeTarget(index) {
    this.#showTarget(index);
    byId("result-head").querySelector("input:checked")?.focus();
  }

  #toggleActor(index) {
    this.actor = this.actor === index && this.quote === null && !this.adding ? null : index;
    this.quote = null;
    this.adding = false;
    this.#refresh();
    byId("announcement").textContent = this.actor === null ? "Everyone’s words" : `Only the words of ${this.reading.actors[index].actor}`;
  }

  /** A statement that was missed, of these words; null where they are still to be chosen. */
  #addStatement(place) {
    this.corrections.startMissed(this.reading, this.targetIndex, place);
    this.actor = null;
    this.quote = null;
    this.adding = true;
    this.#refresh();
    this.panel.querySelector("h2").focus({ preventScroll: true });
  }

  /** Show what is chosen: a quote, an actor, a statement to add, or nothing. */
  #refresh() {
    const { quote } = this;
    // a quote of somebody else, opened from the panel, ends the choice of an actor
    if (quote !== null && !this.#shown().includes(quote)) this.actor = null;
    this.line.choose(this.actor);
    this.article.only(this.actor === null ? null : this.#shown());
    if (quote === null) this.article.open(null);
    this.article.light("draft", null);
    this.panel.dataset.shows = quote !== null ? "quote" : this.adding ? "missed" : this.actor !== null ? "actor" : "overview";
    this.root.classList.toggle("has-detail", this.panel.dataset.shows !== "overview");
    this.panel.replaceChildren(...this.#panelParts());
    this.panel.scrollTop = 0;
  }

  #panelParts() {
    const { reading, targetIndex, actor, quote } = this;
    const open = (index) => this.openQuote(index);
    if (quote !== null) {
      const statement = reading.statements[quote];
      const parts = quoteView(reading, targetIndex, statement, { threshold: this.threshold, place: this.#place(), onQuote: open });
      return [this.#bar(), ...parts, this.corrections.section(reading, targetIndex, statement)];
    }
    if (this.adding) {
      const heading = element("h2", { tabindex: "-1" }, "Add a statement that was missed");
      return [this.#bar(), heading, this.corrections.section(reading, targetIndex, MISSED)];
    }
    if (actor !== null) return [this.#bar(), ...actorView(reading, targetIndex, reading.actors[actor], open)];
    return overview(reading, targetIndex, this.corrections.offered ? () => this.#addStatement(null) : null);
  }

  #bar() {
    const steps = this.quote === null ? [] : this.#steps();
    const words = this.quote !== null && this.actor !== null ? "Back to the actor" : "Close";
    const close = element("button", { type: "button", class: "close", onclick: () => this.#stepBack() }, words);
    return element("div", { class: "panel-bar" }, ...steps, close);
  }

  /** The statements gone through: all, or the chosen actor's. */
  #shown() {
    return this.actor === null ? this.reading.statements.map(({ index }) => index) : this.reading.actors[this.actor].statements;
  }

  #place() {
    const shown = this.#shown();
    const whose = this.actor === null ? "" : " by this actor";
    return `Quote ${shown.indexOf(this.quote) + 1} of ${shown.length}${whose}`;
  }

  #steps() {
    const shown = this.#shown();
    const place = shown.indexOf(this.quote);
    const step = (words, symbol, index) => {
      const go = () => {
        this.openQuote(index);
        this.panel.querySelector(`[aria-label="${words}"]:enabled`)?.focus({ preventScroll: true }); // to go on from there
      };
      const properties = { type: "button", class: "step", "aria-label": words, disabled: index === undefined, onclick: go };
      return element("button", properties, symbol);
    };
    return [step("Previous quote", "←", shown[place - 1]), step("Next quote", "→", shown[place + 1])];
  }

  /** From a quote to the actor or to the text, from all else to everyone; the focus goes where one came from. */
  #stepBack() {
    const { quote, actor } = this;
    if (this.adding) {
      this.adding = false;
      this.#refresh();
      this.panel.querySelector(".add-statement")?.focus({ preventScroll: true });
    } else if (quote !== null) {
      this.quote = null;
      this.#refresh();
      this.article.mark(quote)?.focus({ preventScroll: true });
    } else if (actor !== null) {
      this.actor = null;
      this.#refresh();
      this.line.button(actor)?.focus({ preventScroll: true });
    }
  }
}
