// The panel while a quote is open: its stance, who said it, and why it was taken so.

import { element, foreign } from "./dom.js";
import { badge, bars } from "./probability_bars.js";
import { nameOf, statementsBeside } from "./reading.js";
import { ACTOR_TYPES, KINDS, stanceToward } from "./stances.js";

/**
 * `onQuote(index)` is called for another quote; `threshold` is the model's, or null where it is not known; `place` says
 * in words which of the quotes this is.
 */
export function quoteView(reading, targetIndex, statement, { threshold, place, onQuote }) {
  const stance = stanceToward(statement, targetIndex);
  const beside = statementsBeside(reading, statement);
  return [
    element("p", { class: "eyebrow" }, place),
    element("h2", { tabindex: "-1" }, foreign(nameOf(statement))),
    element("p", { class: "byline" }, ACTOR_TYPES[statement.actor_type] ?? "", " ", badge(stance)),
    element("blockquote", { class: stance ? `is-${stance.stance}` : "is-unknown" }, foreign(statement.quote)),
    stance ? bars(stance) : null,
    stance ? element("p", { class: "hint" }, sureness(stance, threshold)) : null,
    element("h3", {}, "Why"),
    reasons(reading, targetIndex, statement),
    beside.length ? sharing(beside, onQuote) : null,
  ].filter(Boolean);
}

function reasons(reading, targetIndex, statement) {
  const target = reading.targets[targetIndex];
  const rows = [
    ["Speaker as written", statement.speaker ? quoted(statement.speaker, "speaker") : "nobody is named"],
    ["Actor", resolution(statement)],
    ["Reporting words", statement.cue ? quoted(statement.cue, "cue") : "none"],
    ["Kind", KINDS[statement.kind] ?? statement.kind],
    ["Toward", target ? foreign(target.text) : "no strike was found in the article"],
  ];
  return element("dl", { class: "reasons" }, ...rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

function resolution(statement) {
  if (!statement.actor) return "not resolved: the text names no speaker";
  const how = !statement.resolved
    ? "not resolved: only the mention as written"
    : statement.speaker === statement.actor
      ? "resolved: named in full"
      : "resolved within the article";
  return element("span", {}, foreign(statement.actor), element("span", { class: "how" }, how));
}

function sureness(stance, threshold) {
  const limit = threshold ? ` of ${precise(threshold)}` : "";
  const reached = precise(stance.confidence);
  return stance.abstained
    ? `Abstained: ${reached} is less than the model’s threshold${limit}.`
    : `Sure enough: ${reached} is over the model’s threshold${limit}.`;
}

/** With a decimal, since the two that are compared may lie close together. */
function precise(probability) {
  return `${(100 * probability).toFixed(1)}\u00a0%`;
}

function sharing(beside, onQuote) {
  const buttons = beside.map((other) =>
    element("li", {}, element("button", { type: "button", class: "link", onclick: () => onQuote(other.index) }, foreign(nameOf(other)))),
  );
  return element("div", { class: "sharing" }, element("h3", {}, "The same words are also taken as said by"), element("ul", {}, ...buttons));
}

function quoted(text, name) {
  return element("span", { class: `lit-${name}` }, "“", foreign(text), "”");
}
