// The line of actors, from condemning to supportive: each a button placed at its score, in lanes above the axis.

import { element, foreign } from "./dom.js";
import { badge, sign, strip } from "./probability_bars.js";
import { actorsInLine } from "./reading.js";
import { percent, spokenProbabilities, stanceToward } from "./stances.js";

const GAP = 8; // pixels between two actors of a lane
const LANE = 44; // pixels from one lane to the next
const RISE = 16; // pixels from the axis to the lowest lane
const INSET = 14; // pixels from the side of an actor to where its stem may stand
const MOST_LANES = 7; // above that, and on narrow screens, the actors stand in a list instead
const NARROWEST = 720; // pixels

export class ActorLine {
  /** `onActor(index)` is called when an actor is chosen, or chosen again. */
  constructor(container, onActor) {
    this.container = container;
    this.onActor = onActor;
    this.chips = [];
    this.watcher = new ResizeObserver(() => this.#place());
    this.watcher.observe(container);
  }

  show(reading, targetIndex) {
    this.chips = actorsInLine(reading, targetIndex).map((actor) => this.#chip(actor, stanceToward(actor, targetIndex)));
    const items = this.chips.map(({ button, stem, dot }) => element("li", {}, stem, dot, button));
    this.list = element("ul", { class: "chips", "aria-label": "Actors, from condemning to supportive" }, ...items);
    const scored = this.chips.some(({ score }) => score !== null);
    this.axis = scored ? axis() : null;
    this.container.replaceChildren(element("h2", { class: "visually-hidden" }, "Actors"), this.list);
    if (this.axis) this.container.append(this.axis);
    this.scored = scored;
    this.container.classList.toggle("unscored", !scored);
    this.#place();
  }

  /** Mark the actor that is chosen; null for none. */
  choose(index) {
    for (const { button, actor } of this.chips) button.setAttribute("aria-pressed", String(actor.index === index));
    this.container.classList.toggle("has-choice", index !== null);
  }

  button(index) {
    return this.chips.find(({ actor }) => actor.index === index)?.button ?? null;
  }

  #chip(actor, stance) {
    const count = actor.statements.length;
    const said = count === 1 ? "1 statement" : `${count} statements`;
    const spoken = `${actor.actor}: ${stance ? spokenProbabilities(stance) : "no stance"}; ${said}`;
    const names = ["chip", stance ? `is-${stance.stance}` : "is-unknown", stance?.abstained ? "unsure" : ""];
    const properties = { type: "button", class: names.filter(Boolean).join(" "), "aria-pressed": "false", title: spoken };
    const button = element(
      "button",
      { ...properties, "aria-label": spoken, onclick: () => this.onActor(actor.index) },
      stance ? sign(stance) : null,
      foreign(actor.actor, { class: "chip-name" }),
      stance ? element("span", { class: "chip-figure" }, percent(stance.confidence)) : null,
      stance ? strip(stance) : null,
    );
    const hidden = { "aria-hidden": "true" };
    return {
      actor,
      button,
      score: stance ? stance.score : null,
      stem: element("span", { class: "stem", ...hidden }),
      dot: element("span", { class: stance ? `dot is-${stance.stance}` : "dot", ...hidden }),
    };
  }

  #place() {
    if (!this.list) return;
    const width = this.container.clientWidth;
    this.container.classList.add("on-axis"); // chips are measured as they would stand there
    const lanes = this.scored && width >= NARROWEST ? laneOfEach(this.chips, width) : null;
    const fits = lanes !== null && lanes.count <= MOST_LANES;
    this.container.classList.toggle("on-axis", fits);
    if (!fits) return;
    this.list.style.setProperty("--height", `${RISE + lanes.count * LANE}px`);
    this.chips.forEach(({ button, stem, dot }, i) => {
      const { left, centre, lane } = lanes.places[i];
      button.style.setProperty("left", `${left}px`);
      button.style.setProperty("bottom", `${RISE + lane * LANE}px`);
      stem.style.setProperty("left", `${centre}px`);
      stem.style.setProperty("height", `${RISE + lane * LANE}px`);
      dot.style.setProperty("left", `${centre}px`);
    });
  }
}

/**
 * Where each chip stands in a line of this width, and in how many lanes. Each takes the lowest lane with room for it,
 * in the middle over its score or pushed to the right as far as its stem still reaches it.
 */
function laneOfEach(chips, width) {
  const widths = chips.map(({ button }) => button.offsetWidth);
  const ends = []; // of each lane, where it is taken up to
  const places = chips.map(({ score }, i) => {
    const centre = ((score + 1) / 2) * width;
    const wanted = Math.max(0, centre - widths[i] / 2);
    const furthest = Math.min(Math.max(wanted, centre - INSET), width - widths[i]);
    let lane = ends.findIndex((end) => end + GAP <= furthest);
    if (lane < 0) lane = ends.push(-GAP) - 1;
    const left = Math.min(Math.max(wanted, ends[lane] + GAP), furthest);
    ends[lane] = left + widths[i];
    return { left, centre, lane };
  });
  return { places, count: ends.length };
}

function axis() {
  const ends = ["condemning", "neutral", "supportive"];
  const labels = ends.map((stance) => badge({ stance, abstained: false }));
  return element("div", { class: "axis", "aria-hidden": "true" }, ...labels);
}
