// Words of the article that a reader chose: selected there, or typed as they stand there. Spans are in UTF-16 units.

/** The span without white space at its ends; null where nothing is left. */
export function trimmed(text, { start, end }) {
  const words = text.slice(start, end);
  const kept = words.trim();
  if (!kept) return null;
  const first = start + words.indexOf(kept);
  return { start: first, end: first + kept.length };
}

/**
 * Where the typed words stand in `text`, with whatever white space between them; of several places the one that begins
 * nearest to `near`. null where they do not stand there.
 */
export function placeOf(text, typed, near) {
  const words = typed.split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  const pattern = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("\\s+");
  let found = null;
  for (const match of text.matchAll(new RegExp(pattern, "g"))) {
    const closer = found === null || Math.abs(match.index - near) < Math.abs(found.start - near);
    if (closer) found = { start: match.index, end: match.index + match[0].length };
  }
  return found;
}

export function samePlace(one, other) {
  return one?.start === other?.start && one?.end === other?.end;
}
