// The panel while an actor is chosen: the actor's stance, and only that actor's words.

import { element, foreign } from "./dom.js";
import { badge, bars, signParts } from "./probability_bars.js";
import { ACTOR_TYPES, spokenStance, stanceToward } from "./stances.js";

/** `onQuote(index)` is called when one of the quotes is chosen. */
export function actorView(reading, targetIndex, actor, onQuote) {
  const stance = stanceToward(actor, targetIndex);
  const count = actor.statements.length;
  const quotes = actor.statements.map((index) => quoteItem(reading.statements[index], targetIndex, onQuote));
  return [
    element("h2", { tabindex: "-1" }, foreign(actor.actor)),
    element("p", { class: "byline" }, ACTOR_TYPES[actor.actor_type] ?? actor.actor_type, " ", stance ? badge(stance) : null),
    stance ? bars(stance) : null,
    stance && count > 1
      ? element("p", { class: "hint" }, "Over all of the actor’s statements: the further one is from neutral, the more it weighs.")
      : null,
    element("h3", {}, count === 1 ? "1 statement" : `${count} statements`),
    element("ol", { class: "quotes" }, ...quotes),
  ].filter(Boolean);
}

function quoteItem(statement, targetIndex, onQuote) {
  const stance = stanceToward(statement, targetIndex);
  const button = element(
    "button",
    { type: "button", class: "quote-item", onclick: () => onQuote(statement.index) },
    stance
      ? element("span", { class: `mark is-${stance.stance}`, "aria-hidden": "true" }, ...signParts(stance))
      : null,
    foreign(statement.quote, { class: "quote-text" }),
    element("span", { class: "visually-hidden" }, `, ${spokenStance(stance)}`),
  );
  return element("li", {}, button);
}
