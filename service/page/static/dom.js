// Elements, built only from text and properties: nothing here ever parses HTML.

/**
 * A new element. Keys of `properties` that begin with "on" are listeners, others attributes; `true` sets an empty
 * attribute, `false`, null and undefined none. Children are nodes or strings; null ones are left out.
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Text that others wrote, kept apart from what stands around it whichever way it runs. */
export function foreign(text, properties = {}) {
  return element("bdi", properties, text);
}

export function byId(id) {
  return document.getElementById(id);
}

/** Scroll no further than it takes to see an element, softly unless the reader asked for less motion. */
export function reveal(target) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  target.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
}
