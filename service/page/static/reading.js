// A scored article made ready to show: offsets in the browser's units, and who said which statement.

import { unitOffsets } from "./code_points.js";
import { stanceToward } from "./stances.js";

/** Everything the views need of one answer; `text` is exactly what was sent. */
export function readingOf(text, result) {
  const toUnits = unitOffsets(text);
  const span = (start, end) => (start == null || end == null ? null : { start: toUnits(start), end: toUnits(end) });
  const actorOf = new Map();
  result.actors.forEach((actor, index) => actor.statements.forEach((statement) => actorOf.set(statement, index)));
  return {
    text,
    result,
    targets: result.targets ?? (result.target ? [result.target] : []),
    statements: result.statements.map((statement, index) => ({
      ...statement,
      index,
      actorIndex: actorOf.get(index) ?? null,
      units: span(statement.start, statement.end),
      speakerUnits: span(statement.speaker_start, statement.speaker_end),
      cueUnits: span(statement.cue_start, statement.cue_end),
    })),
    actors: result.actors.map((actor, index) => ({ ...actor, index })),
  };
}

/** The actors from the most condemning to the most supportive; without stances, in the order of the text. */
export function actorsInLine({ actors }, targetIndex) {
  const score = (actor) => stanceToward(actor, targetIndex)?.score ?? 0;
  return [...actors].sort((a, b) => score(a) - score(b) || a.index - b.index);
}

/** The statements that share words with this one, itself left out. */
export function statementsBeside({ statements }, { index, units }) {
  return statements.filter((other) => other.index !== index && other.units.start < units.end && units.start < other.units.end);
}

/** The name to show for whoever said it. */
export function nameOf(statement) {
  return statement.actor ?? "unnamed speaker";
}
