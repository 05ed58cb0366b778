// The body of `POST /v1/feedback`: the statement as the model had it, and what the reader says it is.

import { stanceToward } from "./stances.js";

export const NOT_A_STATEMENT = "none";

/** A correction as the form first shows it: what the model said. */
export function draftOf(reading, targetIndex, statement) {
  return {
    stance: stanceToward(statement, targetIndex)?.stance ?? null,
    actor: statement.actor ?? statement.speaker ?? "",
    actorType: statement.actor_type ?? "",
    target: reading.targets[targetIndex]?.text ?? "",
    comment: "",
  };
}

/** What is missing in a draft, in words; null where nothing is. */
export function missingIn(draft) {
  if (!draft.stance) return { field: "stance", words: "Choose a stance, or “not a statement”." };
  if (!draft.actor.trim() && draft.stance !== NOT_A_STATEMENT) return { field: "actor", words: "Name the actor." };
  if (!draft.target.trim()) return { field: "target", words: "Name the target." };
  return null;
}

/** The body for a draft in which nothing is missing. Offsets are the service's own, in code points. */
export function feedbackBody(reading, targetIndex, statement, draft) {
  const { result } = reading;
  const stance = stanceToward(statement, targetIndex);
  const isStatement = draft.stance !== NOT_A_STATEMENT;
  return withoutNulls({
    text: reading.text,
    actor: draft.actor.trim() || null,
    target: draft.target.trim(),
    stance: isStatement ? draft.stance : null,
    is_statement: isStatement,
    quote: statement.quote,
    start: statement.start,
    end: statement.end,
    speaker: statement.speaker,
    speaker_start: statement.speaker_start,
    speaker_end: statement.speaker_end,
    cue: statement.cue || null,
    cue_start: statement.cue_start,
    cue_end: statement.cue_end,
    kind: statement.kind,
    actor_type: draft.actorType || null,
    article_id: result.id,
    title: result.title,
    model: result.model,
    predicted: statement.actor && stance ? { actor: statement.actor, stance: stance.stance, confidence: stance.confidence } : null,
    comment: draft.comment.trim() || null,
  });
}

function withoutNulls(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined));
}
