// The article cut where a quote begins or ends, so that quotes may overlap, nest or share their words.

/**
 * Segments `{start, end, covering}` that cover `length` in order; `covering` lists the indices of the spans over it,
 * the outermost first. A span is `{start, end}`; empty ones and those outside cover nothing.
 */
export function segmentsOf(length, spans) {
  const usable = spans
    .map(({ start, end }, index) => ({ start: Math.max(0, start), end: Math.min(length, end), index }))
    .filter(({ start, end }) => start < end)
    .sort((a, b) => a.start - b.start || b.end - a.end || a.index - b.index);
  const cuts = new Set([0, length]);
  for (const { start, end } of usable) cuts.add(start).add(end);
  const ordered = [...cuts].sort((a, b) => a - b);
  const segments = [];
  let active = [];
  let next = 0;
  for (let i = 0; i + 1 < ordered.length; i += 1) {
    const start = ordered[i];
    active = active.filter((span) => span.end > start);
    while (next < usable.length && usable[next].start === start) active.push(usable[next++]);
    segments.push({ start, end: ordered[i + 1], covering: active.map((span) => span.index) });
  }
  return segments;
}

/** The paragraphs of a text as `{start, end}`: what stands between blank lines. */
export function paragraphsOf(text) {
  const paragraphs = [];
  let start = 0;
  for (const gap of text.matchAll(/\n\s*\n/g)) {
    if (gap.index > start) paragraphs.push({ start, end: gap.index });
    start = gap.index + gap[0].length;
  }
  if (start < text.length) paragraphs.push({ start, end: text.length });
  return paragraphs;
}

/** For each paragraph, in order, the parts of the segments within it. Both lists ascend; what lies between is left out. */
export function segmentsByParagraph(paragraphs, segments) {
  let first = 0;
  return paragraphs.map((paragraph) => {
    while (first < segments.length && segments[first].end <= paragraph.start) first += 1;
    const parts = [];
    for (let i = first; i < segments.length && segments[i].start < paragraph.end; i += 1) {
      const { start, end, covering } = segments[i];
      parts.push({ start: Math.max(start, paragraph.start), end: Math.min(end, paragraph.end), covering });
    }
    return parts;
  });
}
