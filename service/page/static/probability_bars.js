// Probabilities as bars: one in three parts for the line of actors, or three with their figures.

import { element } from "./dom.js";
import { percent, probabilitiesOf, STANCES, symbolOf } from "./stances.js";

/** One thin bar, from condemning to supportive. Only for the eye: what it shows is said in words beside it. */
export function strip(stance) {
  const probabilities = probabilitiesOf(stance);
  const parts = STANCES.map((name) => {
    const part = element("span", { class: `part is-${name}` });
    part.style.setProperty("--share", probabilities[name]);
    return part;
  });
  return element("span", { class: "strip", "aria-hidden": "true" }, ...parts);
}

/** A list of the three stances with bar and figure. */
export function bars(stance) {
  const probabilities = probabilitiesOf(stance);
  const rows = STANCES.map((name) => {
    const bar = element("span", { class: `bar is-${name}`, "aria-hidden": "true" });
    bar.style.setProperty("--share", probabilities[name]);
    return element(
      "li",
      { class: name === stance.stance ? "likeliest" : null },
      sign({ stance: name }),
      element("span", { class: "bar-name" }, name),
      element("span", { class: "bar-track" }, bar),
      element("span", { class: "bar-figure" }, percent(probabilities[name])),
    );
  });
  return element("ul", { class: "bars", "aria-label": "Probabilities" }, ...rows);
}

/** The sign of a stance as children of an element; the middle dot, smallest of them, is one that can be enlarged. */
export function signParts(stance) {
  const [symbol, ...rest] = symbolOf(stance);
  return [element("span", { class: `sign-${stance.stance}` }, symbol), ...rest];
}

/** "−?" in the stance's colour; what it stands for is said beside it. */
export function sign(stance) {
  return element("span", { class: `symbol is-${stance.stance}`, "aria-hidden": "true" }, ...signParts(stance));
}

/** "− condemning", as a label; with what is behind the "?" where the model was not sure. */
export function badge(stance) {
  if (!stance) return element("span", { class: "badge is-unknown" }, "no stance");
  const unsure = stance.abstained ? element("span", { class: "badge-unsure" }, "? not sure enough") : null;
  return element("span", { class: `badge is-${stance.stance}` }, sign({ stance: stance.stance }), element("span", {}, stance.stance), unsure);
}
