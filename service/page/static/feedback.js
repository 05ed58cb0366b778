// The body of `POST /v1/feedback`: the statement as the model had it, and what the reader says it is.

import { nameNear, samePlace } from "./chosen_words.js";
import { codePointLength } from "./code_points.js";
import { stanceToward } from "./stances.js";

export const NOT_A_STATEMENT = "none";

/** What stands for the model's statement where a reader adds one that it missed. */
export const MISSED = { index: "missed", units: null };

/** What the model had predicted there. With it the server tells actors apart whose names the text does not have. */
const NOTHING = { confidence: 0 };

/** A correction as the form first shows it: what the model said. */
export function draftOf(reading, targetIndex, statement) {
  return {
    stance: stanceToward(statement, targetIndex)?.stance ?? null,
    actor: statement.actor ?? statement.speaker ?? "",
    actorType: statement.actor_type ?? "",
    target: reading.targets[targetIndex]?.text ?? "",
    comment: "",
    words: statement.quote ?? "",
    place: statement.units,
    near: statement.units?.start ?? 0, // of words that stand in several places, those here are meant
  };
}

/** What is missing in a draft, in words; null where nothing is. */
export function missingIn(draft) {
  if (!draft.place && draft.stance !== NOT_A_STATEMENT) return { field: "words", words: "Say which words are the quote." };
  if (!draft.stance) return { field: "stance", words: "Choose a stance, or “not a statement”." };
  if (!draft.actor.trim() && draft.stance !== NOT_A_STATEMENT) return { field: "actor", words: "Name the actor." };
  if (!draft.target.trim()) return { field: "target", words: "Name the target." };
  return null;
}

/** The body for a draft in which nothing is missing. Offsets are the service's own, in code points. */
export function feedbackBody(reading, targetIndex, statement, draft) {
  const { result } = reading;
  const stance = stanceToward(statement, targetIndex);
  const missed = statement === MISSED;
  const isStatement = draft.stance !== NOT_A_STATEMENT;
  const moved = isStatement && !samePlace(draft.place, statement.units);
  return withoutNulls({
    text: reading.text,
    actor: draft.actor.trim() || null,
    target: draft.target.trim(),
    stance: isStatement ? draft.stance : null,
    is_statement: isStatement,
    ...(moved ? partAt(reading.text, draft.place) : { quote: statement.quote, start: statement.start, end: statement.end }),
    ...(missed ? speakerNear(reading.text, draft) : speakerOf(statement)),
    cue: statement.cue || null,
    cue_start: statement.cue_start,
    cue_end: statement.cue_end,
    kind: moved ? null : statement.kind, // other words may be of another kind
    actor_type: draft.actorType || null,
    article_id: result.id,
    title: result.title,
    model: result.model,
    predicted: missed ? NOTHING : predictedIn(statement, stance),
    comment: draft.comment.trim() || null,
  });
}

/** Takes back what was sent before, where quote or target are others now: else both would be kept. null where they are not. */
export function takenBack(before, body) {
  if (!before?.is_statement || (samePlace(before, body) && before.target === body.target)) return null;
  const { stance, ...rest } = before;
  return { ...rest, is_statement: false };
}

function speakerOf({ speaker, speaker_start, speaker_end }) {
  return { speaker, speaker_start, speaker_end };
}

/** The actor's name as the speaker, where it stands in the text. */
function speakerNear(text, { actor, place }) {
  const named = nameNear(text, actor, place);
  if (!named) return {};
  const { quote: speaker, start, end } = partAt(text, named);
  return { speaker, speaker_start: start, speaker_end: end };
}

function predictedIn({ actor }, stance) {
  return actor && stance ? { actor, stance: stance.stance, confidence: stance.confidence } : null;
}

function partAt(text, { start, end }) {
  const before = codePointLength(text.slice(0, start));
  const quote = text.slice(start, end);
  return { quote, start: before, end: before + codePointLength(quote) };
}

function withoutNulls(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined));
}
