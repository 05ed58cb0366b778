// The JSON object of a result as a file: what `quotestance read --json` prints, and the text that its offsets count.

import { element } from "./dom.js";

/** `text` goes along, since a text field has other line ends than the file may have had. */
export function download(result, text) {
  const content = new Blob([JSON.stringify({ ...result, text }, null, 1), "\n"], { type: "application/json" });
  const address = URL.createObjectURL(content);
  element("a", { href: address, download: `${fileName(result)}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // once the browser has surely begun to read it
}

function fileName({ title, id }) {
  const words = (title ?? "").toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return ["quotestance", ...words.slice(0, 6), ...(words.length ? [] : [id.replace(/[^\w-]/g, "")])].join("-");
}
