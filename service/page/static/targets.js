// The target field: none, one, or several.

/** The targets in what was typed: one a line, or, where it is one line, with commas between. */
export function targetsIn(typed) {
  const parts = typed.includes("\n") ? typed.split("\n") : typed.split(",");
  return [...new Set(parts.map((part) => part.trim()).filter(Boolean))];
}

/** As a request has it: a string, a list, or undefined where the target is to be found. */
export function targetField(typed) {
  const targets = targetsIn(typed);
  return targets.length > 1 ? targets : targets[0];
}

/** How the field is understood, in words; empty where that is plain. */
export function targetsUnderstood(typed) {
  const targets = targetsIn(typed);
  if (targets.length < 2) return "";
  return `${targets.length} targets: ${targets.map((target) => `“${target}”`).join(", ")}`;
}
