// The words and signs of stances, the same as `quotestance read` prints.

/** From one end of the line to the other. */
export const STANCES = ["condemning", "neutral", "supportive"];

export const SYMBOLS = { condemning: "−", neutral: "·", supportive: "+" };

export const ACTOR_TYPES = {
  person: "person",
  government: "government",
  armed_group: "armed group",
  organisation: "organisation",
  group: "group",
};

export const KINDS = {
  direct: "direct: in quotation marks",
  mixed: "mixed: partly in quotation marks",
  indirect: "indirect: in the reporter’s words",
};

/** The stance of a statement or an actor toward the target of this index; null where there is none. */
export function stanceToward(item, targetIndex) {
  const stance = item.stances ? item.stances[targetIndex] : item;
  return stance && stance.stance ? stance : null;
}

/** "+", "−?"; a "?" where the model was not sure enough. Nothing where there is no stance. */
export function symbolOf(stance) {
  return stance ? SYMBOLS[stance.stance] + (stance.abstained ? "?" : "") : "";
}

/** "condemning, 48 %, not sure enough" */
export function spokenStance(stance) {
  if (!stance) return "no stance";
  const unsure = stance.abstained ? ", not sure enough" : "";
  return `${stance.stance}, ${percent(stance.confidence)}${unsure}`;
}

/** "condemning 48 %, neutral 6 %, supportive 46 %, not sure enough" */
export function spokenProbabilities(stance) {
  const probabilities = probabilitiesOf(stance);
  const figures = STANCES.map((name) => `${name} ${percent(probabilities[name])}`);
  return [...figures, ...(stance.abstained ? ["not sure enough"] : [])].join(", ");
}

/** The three probabilities. Of an actor the service gives score and confidence, from which they follow. */
export function probabilitiesOf({ stance, probabilities, score, confidence }) {
  if (probabilities) return probabilities;
  if (stance === "supportive") return complete({ supportive: confidence, condemning: confidence - score });
  if (stance === "condemning") return complete({ condemning: confidence, supportive: confidence + score });
  const rest = 1 - confidence;
  return complete({ supportive: (rest + score) / 2, condemning: (rest - score) / 2 });
}

/** "48 %"; never a rounded 0 or 100 for what is neither. */
export function percent(probability) {
  if (probability > 0.995 && probability < 1) return ">\u00a099\u00a0%";
  if (probability > 0 && probability < 0.005) return "<\u00a01\u00a0%";
  return `${Math.round(100 * probability)}\u00a0%`;
}

function complete({ supportive, condemning }) {
  const clear = { supportive: atLeastZero(supportive), condemning: atLeastZero(condemning) };
  return { ...clear, neutral: atLeastZero(1 - clear.supportive - clear.condemning) };
}

// the service rounds to four digits, so a difference may end just below zero
function atLeastZero(number) {
  return Math.max(0, number);
}
