// What went wrong, in words for the reader, and what to do about it.

import { element, foreign } from "./dom.js";

const TITLES = {
  0: "The server did not answer",
  200: "This article could not be read",
  401: "This server asks for an API key",
  404: "This server does not offer that",
  413: "The article is too large for this server",
  422: "The server cannot use what was sent",
  429: "The server is busy",
  503: "The server is not ready",
  504: "It took too long",
};

const ADVICE = {
  0: "Check that it runs and that you are connected, then try again. Nothing you typed is lost.",
  413: "Shorten the article, or have the server’s limit raised.",
  429: "Others are being served.",
  504: "Try again when the server is less busy, or send a shorter article.",
};

/** `{title, sentences}` for a Problem. */
export function wordsFor(problem) {
  const title = TITLES[problem.status] ?? "Something went wrong on the server";
  const said = problem.status && problem.message ? sentence(problem.message) : null;
  const wait = problem.retryAfter ? `Try again in about ${seconds(problem.retryAfter)}.` : null;
  const trace = problem.status >= 500 && problem.requestId ? `Request ${problem.requestId}.` : null;
  return { title, sentences: [said, ADVICE[problem.status], wait, trace].filter(Boolean) };
}

/** An alert that says so; `title` goes before the usual one, `actions` are buttons to put under it. */
export function problemNotice(problem, { title = null, actions = [] } = {}) {
  const { title: usual, sentences } = wordsFor(problem);
  const places = problem.places.slice(1); // the first is what the message says
  return element(
    "div",
    { class: "notice notice-problem", role: "alert" },
    element("p", { class: "notice-title" }, title ?? usual),
    element("p", {}, foreign(sentences.join(" "))),
    places.length
      ? element("ul", {}, ...places.map(({ place, problem: what }) => element("li", {}, foreign(`${place}: ${what}`))))
      : null,
    actions.length ? element("div", { class: "actions" }, ...actions) : null,
  );
}

function sentence(text) {
  const trimmed = text.replaceAll("`", "").trim(); // fields are quoted for programs
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? "" : ".");
}

function seconds(count) {
  return count === 1 ? "1 second" : `${count} seconds`;
}
