// An article from a file that was dropped or chosen: plain text, or JSON with `text` and, where known, `title`.

const LARGEST = 16 * 2 ** 20; // bytes; far above what a server takes, low enough not to stop the browser

/** `{text, title, target}`; the last two may be null. Throws Error whose message says what is wrong with the file. */
export async function articleFromFile(file) {
  if (file.size > LARGEST) throw new Error(`${file.name} is too large.`);
  const content = decoded(await file.arrayBuffer(), file.name);
  if (!/\.json$/i.test(file.name)) return { text: content, title: null, target: null };
  return articleFromJson(content, file.name);
}

function decoded(bytes, name) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${name} is not a text file in UTF-8.`);
  }
}

function articleFromJson(content, name) {
  let object;
  try {
    object = JSON.parse(content);
  } catch {
    throw new Error(`${name} is not valid JSON.`);
  }
  if (typeof object?.text !== "string") throw new Error(`${name} has no field “text”.`);
  return { text: object.text, title: stringOrNull(object.title), target: typedTargets(object.target) };
}

/** As the field has them: one a line, so that a comma within one does not part it. */
function typedTargets(value) {
  const all = (Array.isArray(value) ? value : [value]).map(stringOrNull).filter(Boolean);
  const lines = all.map((target) => target.replace(/\s+/g, " "));
  return lines.length ? lines.join("\n") + (lines.length === 1 && lines[0].includes(",") ? "\n" : "") : null;
}

function stringOrNull(value) {
  return typeof value === "string" && value.trim() ? value : null;
}
