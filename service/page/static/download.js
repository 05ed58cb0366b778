// The JSON object of a result as a file, the same as `quotestance read --json` prints.

import { element } from "./dom.js";

export function download(result) {
  const content = new Blob([JSON.stringify(result, null, 1), "\n"], { type: "application/json" });
  const address = URL.createObjectURL(content);
  element("a", { href: address, download: `${fileName(result)}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // once the browser has surely begun to read it
}

function fileName({ title, id }) {
  const words = (title ?? "").toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return ["quotestance", ...words.slice(0, 6), ...(words.length ? [] : [id.replace(/[^\w-]/g, "")])].join("-");
}
