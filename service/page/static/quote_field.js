// The field for a quote's words: typed, or taken from what is selected in the article, where they are lit up.

import { placeOf } from "./chosen_words.js";
import { element } from "./dom.js";

export class QuoteField {
  /** Keeps `draft.words` and `draft.place` (null where the words do not stand in the article). */
  constructor(draft, reading, article) {
    this.draft = draft;
    this.reading = reading;
    this.article = article;
    this.input = element("textarea", {
      id: "correct-words",
      name: "words",
      rows: "3",
      spellcheck: "false",
      "aria-describedby": "words-hint",
      oninput: () => this.#typed(),
    });
    this.input.value = draft.words;
    this.hint = element("p", { id: "words-hint", class: "hint", role: "status" });
    const label = element("label", { for: this.input.id }, "Quote");
    const properties = { type: "button", onclick: () => this.#takeSelected(), onmousedown: (event) => event.preventDefault() };
    const take = element("button", properties, "Use the selected words"); // which stay selected while it is pressed
    this.root = element("div", { class: "field" }, label, this.input, this.hint, element("div", { class: "actions" }, take));
    this.#show();
  }

  /** Take these words of the article. */
  take(place) {
    this.draft.place = place;
    this.draft.words = this.input.value = this.reading.text.slice(place.start, place.end);
    this.input.removeAttribute("aria-invalid");
    this.#show();
  }

  #typed() {
    const { draft } = this;
    draft.words = this.input.value;
    draft.place = placeOf(this.reading.text, draft.words, draft.near);
    this.#show();
  }

  #takeSelected() {
    const place = this.article.selected();
    if (place) this.take(place);
    else this.hint.textContent = "Nothing is selected: select the words in the article first.";
  }

  #show() {
    const { place, words } = this.draft;
    if (place) this.draft.near = place.start;
    this.article.light("draft", place);
    this.hint.textContent = place
      ? "These words are lit up in the article."
      : words.trim()
        ? "Not in the article: the words must be as they stand there, without a gap."
        : "Select the words in the article, or type them as they stand there.";
  }
}
