// The service's routes, asked with the reader's key where one was given; every refusal becomes a Problem.

const KEY_NAME = "quotestance-key";
const KEY_SHAPE = /^[!-~]+$/;

/** What went wrong: `status` is the HTTP status, 0 where no answer came. */
export class Problem extends Error {
  constructor(status, message, { places = [], retryAfter = null, requestId = null } = {}) {
    super(message);
    this.status = status;
    this.places = places;
    this.retryAfter = retryAfter;
    this.requestId = requestId;
  }
}

/** The scored article. Throws Problem, or AbortError where `signal` ended it. */
export async function readArticle(article, signal) {
  const answer = await ask("v1/articles", { articles: [article] }, signal);
  const result = answer.results?.[0];
  if (!result) throw new Problem(200, "the answer holds no result");
  if (result.error) throw new Problem(200, result.error);
  return result;
}

/** Keeps a corrected statement; `{id, model, received}`. Throws Problem. */
export function sendFeedback(feedback) {
  return ask("v1/feedback", feedback);
}

/** Version, threshold and limits of the model in force. Throws Problem. */
export function modelFacts() {
  return ask("v1/model");
}

/** Keeps the key until the tab is closed. Returns false where it cannot be one. */
export function rememberKey(key) {
  if (!KEY_SHAPE.test(key)) return false;
  keyInMemory = key;
  try {
    sessionStorage.setItem(KEY_NAME, key);
  } catch {
    // a browser that stores nothing: the key lasts until the page is left
  }
  return true;
}

let keyInMemory = storedKey();

function storedKey() {
  try {
    return sessionStorage.getItem(KEY_NAME);
  } catch {
    return null;
  }
}

async function ask(path, body, signal) {
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (keyInMemory) headers.Authorization = `Bearer ${keyInMemory}`;
  const options = { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), signal };
  let response;
  try {
    response = await fetch(path, { ...options, cache: "no-store", credentials: "same-origin", redirect: "error" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "no answer came");
  }
  const answer = await parsed(response);
  if (response.ok && answer) return answer;
  if (response.ok) throw new Problem(0, "no whole answer came");
  throw new Problem(response.status, typeof answer?.error === "string" ? answer.error : response.statusText, {
    places: Array.isArray(answer?.places) ? answer.places : [],
    retryAfter: Number.parseInt(response.headers.get("Retry-After"), 10) || null,
    requestId: answer?.request_id ?? null,
  });
}

async function parsed(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return null; // a proxy's own page, say
  }
}
