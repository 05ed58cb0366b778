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
  const pattern = patternOf(typed);
  return pattern && nearestMatch(text, new RegExp(pattern, "g"), ({ start }) => Math.abs(start - near));
}

/** Where a name stands in `text` by itself, not within a word, nearest to the span `quote`; null where it does not. */
export function nameNear(text, name, quote) {
  const pattern = patternOf(name);
  const whole = pattern && new RegExp(`(?<![\\p{L}\\p{M}\\p{N}])${pattern}(?![\\p{L}\\p{M}\\p{N}])`, "gu");
  return whole && nearestMatch(text, whole, ({ start, end }) => Math.max(start - quote.end, quote.start - end));
}

function patternOf(typed) {
  const words = typed.split(/\s+/).filter(Boolean);
  return words.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("\\s+") || null;
}

function nearestMatch(text, pattern, distance) {
  let found = null;
  for (const match of text.matchAll(pattern)) {
    const place = { start: match.index, end: match.index + match[0].length };
    if (found === null || distance(place) < distance(found)) found = place;
  }
  return found;
}

export function samePlace(one, other) {
  return one?.start === other?.start && one?.end === other?.end;
}
