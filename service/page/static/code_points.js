// The service counts characters in code points, as Python does; a JavaScript string counts UTF-16 units.

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;

/**
 * A function from an offset in code points to one in UTF-16 units of `text`. A lone surrogate is one code point, as in
 * Python. Linear once, then a binary search among the characters that take two units for each call.
 */
export function unitOffsets(text) {
  const pairs = []; // of each two-unit character, its offset in code points
  for (const match of text.matchAll(PAIR)) pairs.push(match.index - pairs.length);
  return (offset) => offset + countBelow(pairs, offset);
}

/** How many characters of `text`, counted as the service counts them. */
export function codePointLength(text) {
  let pairs = 0;
  for (const _ of text.matchAll(PAIR)) pairs += 1;
  return text.length - pairs;
}

/** How many of the ascending `numbers` are less than `limit`. */
export function countBelow(numbers, limit) {
  return firstWhere(numbers, (number) => number >= limit);
}

/** The index of the first item for which this holds, as it does for all after it; the length where for none. */
export function firstWhere(items, holds) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
