// The panel while nothing is chosen: how the words are marked, and how many there are of each.

import { element } from "./dom.js";
import { signParts } from "./probability_bars.js";
import { STANCES, stanceToward } from "./stances.js";

/** `onAdd()` is called to add a statement that was missed; null where none can be. */
export function overview(reading, targetIndex, onAdd) {
  const stances = reading.statements.map((statement) => stanceToward(statement, targetIndex)).filter(Boolean);
  const unsure = stances.filter((stance) => stance.abstained).length;
  const rows = STANCES.map((name) => {
    const count = stances.filter(({ stance }) => stance === name).length;
    return legendRow(`is-${name}`, signParts({ stance: name }), name, count);
  });
  return [
    element("h2", {}, "How the words are marked"),
    stances.length
      ? element("ul", { class: "legend" }, ...rows, legendRow("unsure", ["?"], "not sure enough", unsure))
      : element("ul", { class: "legend" }, legendRow("is-unknown", ["“"], "a statement", reading.statements.length)),
    stances.length
      ? element("p", { class: "hint" }, "Where the model is not sure enough it abstains: the likeliest stance is shown, with a “?” and a thinner line.")
      : null,
    element("p", { class: "hint" }, "Choose an actor to see only that actor’s words, or a quote to see who said it and to correct it."),
    onAdd && element("p", { class: "hint" }, "A statement was missed? Select its words in the article, or:"),
    onAdd && element("button", { type: "button", class: "add-statement", onclick: onAdd }, "Add a statement"),
  ].filter(Boolean);
}

function legendRow(name, sign, words, count) {
  return element(
    "li",
    {},
    element("span", { class: `mark ${name}`, "aria-hidden": "true" }, ...sign),
    element("span", { class: `quote ${name}` }, words),
    element("span", { class: "count" }, String(count)),
  );
}
