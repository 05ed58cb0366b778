// What stands above a result: headline, target or targets, what to be careful with, and what can be done with it.

import { element, foreign } from "./dom.js";
import { download } from "./download.js";

/** `on` has `edit()`, `fresh()`, `nameTarget()` and `target(index)`. */
export function resultHead(reading, targetIndex, on) {
  const { result, statements, actors, targets } = reading;
  const counts = `${counted(statements.length, "statement")} by ${counted(actors.length, "actor")}`;
  return [
    element(
      "div",
      { class: "result-title" },
      element("p", { class: "eyebrow" }, counts),
      element("h1", { id: "result-heading", tabindex: "-1" }, foreign(result.title ?? "Untitled article")),
    ),
    element(
      "div",
      { class: "actions" },
      button("Edit", on.edit),
      button("Download JSON", () => download(result, reading.text)),
      button("New article", on.fresh),
    ),
    targetPart(targets, targetIndex, on),
    ...cautions(reading),
  ].filter(Boolean);
}

function targetPart(targets, targetIndex, on) {
  if (!targets.length) {
    return element(
      "div",
      { class: "notice target" },
      element("p", {}, "No strike was found in this article: the statements are listed without a stance."),
      element("div", { class: "actions" }, button("Name a target", on.nameTarget)),
    );
  }
  if (targets.length === 1) {
    const source = targets[0].source === "found" ? element("span", { class: "how" }, " (found in the article)") : null;
    return element("p", { class: "target" }, element("span", { class: "target-label" }, "Stance toward"), " ", foreign(targets[0].text), source);
  }
  const choices = targets.map((target, index) =>
    element(
      "label",
      { class: "choice" },
      element("input", { type: "radio", name: "shown-target", checked: index === targetIndex, onchange: () => on.target(index) }),
      foreign(target.text),
    ),
  );
  return element("fieldset", { class: "target choices" }, element("legend", {}, "Stance toward"), ...choices);
}

function cautions({ result, statements }) {
  const words = [];
  if (!statements.length) words.push("No statement was found in this text. The reader knows English news articles best.");
  if (result.truncated) words.push("Some passages were too long for the model and were cut.");
  for (const warning of result.warnings ?? []) words.push(warning);
  return words.map((text) => element("p", { class: "notice" }, foreign(text)));
}

function button(words, onclick) {
  return element("button", { type: "button", onclick }, words);
}

function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
