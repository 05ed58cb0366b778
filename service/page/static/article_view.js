// The article with every quote underlined and a mark before it; nothing of it is ever read as HTML.

import { countBelow, firstWhere } from "./code_points.js";
import { trimmed } from "./chosen_words.js";
import { element } from "./dom.js";
import { signParts } from "./probability_bars.js";
import { nameOf } from "./reading.js";
import { paragraphsOf, segmentsByParagraph, segmentsOf } from "./segments.js";
import { spokenStance, stanceToward } from "./stances.js";

const DEEPEST = 3; // quotes within quotes that get a line of their own
const LONGEST_WORD = 12; // UTF-16 units that are kept from breaking: they fit the narrowest screen

export class ArticleView {
  /** `onQuote(index)` is called when a quote or its mark is chosen. */
  constructor(container, onQuote) {
    this.container = container;
    container.addEventListener("click", (event) => this.#clicked(event, onQuote));
    for (const [type, near] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
      container.addEventListener(type, (event) => this.#setNear(event.target, near));
    }
  }

  show(reading, targetIndex) {
    this.text = reading.text;
    this.marks = new Map(); // of each statement, its button
    this.pieces = new Map(); // of each statement, the elements of its words
    this.starts = []; // of each text node in order, its offset
    this.nodes = [];
    const spans = reading.statements.map((statement) => statement.units);
    const paragraphs = paragraphsOf(reading.text);
    const parts = segmentsByParagraph(paragraphs, segmentsOf(reading.text.length, spans));
    const made = document.createDocumentFragment();
    for (const segments of parts) {
      const paragraph = element("p", { dir: "auto" });
      for (const segment of segments) paragraph.append(...this.#segment(segment, reading, targetIndex));
      made.append(paragraph);
    }
    this.container.replaceChildren(made);
  }

  /** Only these statements stand out, the rest steps back; null for all alike. */
  only(indices) {
    this.container.classList.toggle("only-some", indices !== null);
    const chosen = new Set(indices ?? []);
    for (const mark of this.marks.values()) mark.classList.remove("chosen");
    for (const pieces of this.pieces.values()) for (const piece of pieces) piece.classList.remove("chosen");
    for (const index of chosen) {
      this.marks.get(index)?.classList.add("chosen");
      for (const piece of this.pieces.get(index) ?? []) piece.classList.add("chosen");
    }
  }

  /** The open statement, with its speaker and cue lit up where the browser can; null for none. */
  open(statement) {
    for (const old of this.container.querySelectorAll(".open")) old.classList.remove("open");
    this.light("speaker", statement?.speakerUnits);
    this.light("cue", statement?.cueUnits);
    if (!statement) return;
    for (const piece of this.pieces.get(statement.index) ?? []) piece.classList.add("open");
    this.mark(statement.index)?.classList.add("open");
  }

  mark(index) {
    return this.marks.get(index) ?? null;
  }

  /** Words lit up where the browser can, under one of the names of the style sheet; none without a place. */
  light(name, place) {
    if (typeof Highlight === "undefined") return;
    CSS.highlights.delete(name);
    if (!place) return;
    const range = document.createRange();
    const [first, last] = [this.#position(place.start), this.#position(place.end)];
    if (!first || !last) return;
    range.setStart(...first);
    range.setEnd(...last);
    CSS.highlights.set(name, new Highlight(range));
  }

  /** The place of the words that are selected in the article, without white space at its ends; null where none are. */
  selected() {
    const selection = getSelection();
    if (selection.isCollapsed || !this.nodes?.length) return null;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(this.container)) return null;
    // of the nodes in order, the first that ends after the range's start, and the last that begins before its end
    const first = firstWhere(this.nodes, (node) => range.comparePoint(node, node.length) >= 0);
    const last = firstWhere(this.nodes, (node) => range.comparePoint(node, 0) > 0) - 1;
    if (first > last) return null;
    const within = (index, container, offset, otherwise) => this.starts[index] + (this.nodes[index] === container ? offset : otherwise);
    const start = within(first, range.startContainer, range.startOffset, 0);
    const end = within(last, range.endContainer, range.endOffset, this.nodes[last].length);
    return trimmed(this.text, { start, end });
  }

  words({ start, end }) {
    return this.text.slice(start, end);
  }

  #segment({ start, end, covering }, reading, targetIndex) {
    const fresh = covering.filter((index) => !this.marks.has(index));
    if (!fresh.length) return [this.#words(start, end, covering, reading, targetIndex)];
    // a mark and the first word after it never part at the end of a line
    const first = firstWord(reading.text, start, end);
    const marks = fresh.map((index) => this.#newMark(reading.statements[index], targetIndex));
    const lead = this.#words(start, first, covering, reading, targetIndex);
    const together = element("span", { class: "lead" }, ...marks, lead);
    return first < end ? [together, this.#words(first, end, covering, reading, targetIndex)] : [together];
  }

  #words(start, end, covering, reading, targetIndex) {
    const text = document.createTextNode(reading.text.slice(start, end));
    this.starts.push(start);
    this.nodes.push(text);
    if (!covering.length) return element("span", { class: "plain" }, text);
    const outermostFirst = covering.map((index) => reading.statements[index]);
    // from the innermost outward, so that each wraps those within it
    return outermostFirst.reduceRight((inner, statement, depth) => {
      return this.#piece(statement, stanceToward(statement, targetIndex), Math.min(depth, DEEPEST - 1), inner);
    }, text);
  }

  #piece(statement, stance, depth, inner) {
    const names = ["quote", `depth-${depth}`, stanceClass(stance), stance?.abstained ? "unsure" : ""];
    const properties = { class: names.filter(Boolean).join(" "), "data-statement": statement.index };
    const piece = element("span", { ...properties, title: `${nameOf(statement)}: ${spokenStance(stance)}` }, inner);
    const known = this.pieces.get(statement.index);
    if (known) known.push(piece);
    else this.pieces.set(statement.index, [piece]);
    return piece;
  }

  #newMark(statement, targetIndex) {
    const stance = stanceToward(statement, targetIndex);
    const label = `${nameOf(statement)}: ${spokenStance(stance)}. Details of quote ${statement.index + 1}`;
    const properties = { type: "button", class: `mark ${stanceClass(stance)}`, "data-statement": statement.index };
    const mark = element("button", { ...properties, "aria-label": label }, ...(stance ? signParts(stance) : ["“"]));
    this.marks.set(statement.index, mark);
    return mark;
  }

  #clicked(event, onQuote) {
    const hit = event.target.closest("[data-statement]");
    const selecting = !getSelection().isCollapsed; // someone copies words
    if (!hit || (selecting && !hit.classList.contains("mark"))) return;
    const chosen = this.container.classList.contains("only-some") ? hit.closest(".chosen") : hit;
    if (chosen) onQuote(Number(chosen.dataset.statement));
  }

  #setNear(target, near) {
    const hit = target.closest?.("[data-statement]");
    if (!hit) return;
    for (const piece of this.pieces.get(Number(hit.dataset.statement)) ?? []) piece.classList.toggle("near", near);
  }

  #position(offset) {
    const found = Math.max(0, countBelow(this.starts, offset) - 1);
    const node = this.nodes[found];
    // an offset that begins a node is found in the one before: as good, unless a blank line lies between
    return node ? [node, Math.min(offset - this.starts[found], node.length)] : null;
  }
}

function stanceClass(stance) {
  return stance ? `is-${stance.stance}` : "is-unknown";
}

/** Where the first word after `start` ends, at most `end`; never between the two units of one character. */
function firstWord(text, start, end) {
  const [word] = /^(?:\s*\S+|[^]*)/.exec(text.slice(start, Math.min(end, start + LONGEST_WORD)));
  const cut = start + word.length;
  return cut < end && text.codePointAt(cut - 1) > 0xffff ? cut + 1 : cut;
}
