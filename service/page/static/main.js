// The page: an article goes in, its result is shown, and one may go back and change it.

import { modelFacts, Problem, readArticle } from "./api.js";
import { byId, element } from "./dom.js";
import { EntryForm } from "./entry_form.js";
import { KeyForm } from "./key_form.js";
import { problemNotice } from "./problems.js";
import { readingOf } from "./reading.js";
import { ResultView } from "./result_view.js";

let underWay = null; // what aborts the request for the article
let factsOf = null; // the version whose facts are known

const keyForm = new KeyForm();
const entry = new EntryForm(read, () => underWay?.abort(), () => showEntry(true));
const result = new ResultView({ edit, fresh, nameTarget, askKey });

byId("back").addEventListener("click", () => showEntry(false));
learnFacts();

async function read(article) {
  underWay = new AbortController();
  offerBack();
  entry.setBusy(true);
  try {
    const answer = await readArticle(article, underWay.signal);
    entry.setBusy(false);
    showEntry(false);
    result.show(readingOf(article.text, answer));
    showVersion(answer.model);
    if (factsOf !== answer.model) {
      result.threshold = null;
      learnFacts();
    }
  } catch (error) {
    entry.setBusy(false);
    if (error.name === "AbortError") return;
    refused(error instanceof Problem ? error : new Problem(500, String(error)));
  } finally {
    underWay = null;
    offerBack();
  }
}

function refused(problem) {
  const again = () => entry.submit();
  const canRetry = problem.status === 0 || problem.status === 429 || problem.status >= 500;
  const actions = canRetry ? [element("button", { type: "button", onclick: again }, "Try again")] : [];
  entry.say(problemNotice(problem, { actions }));
  if (problem.status === 401) keyForm.ask(again);
}

function showEntry(shown) {
  byId("entry").hidden = !shown;
  result.root.hidden = shown;
  offerBack();
}

/** While an article is read there is no way back: its answer would take the place of what is typed there. */
function offerBack() {
  byId("back").hidden = !result.reading || underWay !== null;
}

function edit() {
  showEntry(true);
  byId("article-text").focus();
}

function fresh() {
  entry.fill({ text: "" });
  edit();
}

function nameTarget() {
  showEntry(true);
  byId("article-target").focus();
}

/** From within a result: the key is asked for in the form, and the result is there again afterwards. */
function askKey(retry, problem) {
  showEntry(true);
  entry.say(problemNotice(problem));
  keyForm.ask(() => {
    entry.problem.replaceChildren();
    showEntry(false);
    retry();
  });
}

async function learnFacts() {
  try {
    const facts = await modelFacts();
    factsOf = facts.version;
    showVersion(facts.version);
    result.threshold = facts.threshold ?? null;
    entry.mostCharacters = facts.limits?.max_characters ?? null;
  } catch {
    // not ready yet, or a key is wanted first: asked again after the first article
  }
}

function showVersion(version) {
  byId("model-version").replaceChildren("Model: ", element("bdi", {}, version));
}
