// The form that corrects a quote, or adds one that was missed. What is typed is kept by quote until it has been sent.

import { Problem, sendFeedback } from "./api.js";
import { element } from "./dom.js";
import { draftOf, feedbackBody, MISSED, missingIn, NOT_A_STATEMENT, takenBack } from "./feedback.js";
import { sign } from "./probability_bars.js";
import { problemNotice } from "./problems.js";
import { QuoteField } from "./quote_field.js";
import { ACTOR_TYPES, STANCES } from "./stances.js";

const UNDER_BAR = 72; // pixels: the panel's bar stays above what is scrolled

export class Corrections {
  /** `askKey(retry)` is called where the server wants a key, `closeMissed()` where a statement is not added after all. */
  constructor(article, { askKey, closeMissed }) {
    this.article = article;
    this.askKey = askKey;
    this.closeMissed = closeMissed;
    this.offered = true; // until the server says that it keeps none
    this.forget();
  }

  /** Drop the drafts, for another article. */
  forget() {
    this.drafts = new Map();
    this.sent = new Map(); // of each quote, what was sent last
    this.quoteField = null; // of the form that is open
  }

  get isOpen() {
    return document.querySelector(".correction-form") !== null;
  }

  /** These words are the quote of the form that is open. */
  use(place) {
    this.quoteField.take(place);
    this.quoteField.input.focus();
  }

  /** Begin to add a statement of these words; null for none yet. */
  startMissed(reading, targetIndex, place) {
    const key = keyOf(targetIndex, MISSED);
    const draft = this.drafts.get(key) ?? draftOf(reading, targetIndex, MISSED);
    if (place) Object.assign(draft, { place, words: this.article.words(place) });
    this.drafts.set(key, draft);
  }

  /** The section for a quote: a button, the form, or what became of it. */
  section(reading, targetIndex, statement) {
    const section = element("section", { class: "correction", "aria-label": "Correction" });
    const key = keyOf(targetIndex, statement);
    const show = (open) => section.replaceChildren(...this.#content({ reading, targetIndex, statement, key, show }, open));
    show(this.drafts.has(key));
    return section;
  }

  #content(about, open) {
    if (!this.offered) return [element("p", { class: "hint" }, "This server keeps no corrections.")];
    if (open) return [this.#form(about)];
    this.article.light("draft", null);
    const sent = this.sent.has(about.key);
    const missed = about.statement === MISSED;
    const start = () => {
      this.drafts.set(about.key, draftOf(about.reading, about.targetIndex, about.statement));
      about.show(true);
      const form = document.querySelector(".correction-form");
      (form.querySelector(missed ? "textarea" : "input:checked") ?? form.querySelector("input")).focus({ preventScroll: true });
      form.closest(".panel").scrollTop = form.offsetTop - UNDER_BAR;
    };
    return [
      sent ? element("p", { class: "sent", role: "status", tabindex: "-1" }, `✓ ${missed ? "Statement" : "Correction"} kept. Thank you.`) : null,
      element("button", { type: "button", class: "correct", onclick: start }, missed ? "Add another" : sent ? "Correct it again" : "Correct this"),
    ].filter(Boolean);
  }

  #form(about) {
    const draft = this.drafts.get(about.key);
    const outcome = element("div", { class: "outcome" });
    const missed = about.statement === MISSED;
    const send = element("button", { type: "submit", class: "primary" }, missed ? "Send statement" : "Send correction");
    this.quoteField = new QuoteField(draft, about.reading, this.article);
    const cancel = element("button", { type: "button", onclick: () => this.#cancel(about) }, "Cancel");
    const form = element(
      "form",
      { class: "correction-form", novalidate: true },
      missed ? null : element("h3", {}, "Correct this quote"),
      missed ? this.quoteField.root : null,
      stanceChoice(draft, missed ? [] : [NOT_A_STATEMENT]),
      actorField(draft, about.reading),
      typeField(draft),
      about.reading.targets.length ? null : textField(draft, "target", "Target", "input"),
      missed ? null : this.quoteField.root,
      textField(draft, "comment", "Comment", "textarea"),
      element("p", { class: "hint" }, "The article’s text is kept with the correction on this server, as an example to learn from."),
      outcome,
      element("div", { class: "actions" }, send, cancel),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(about, draft, { form, outcome, send });
    });
    return form;
  }

  #cancel(about) {
    this.drafts.delete(about.key);
    if (about.statement === MISSED) {
      this.closeMissed();
      return;
    }
    about.show(false);
    document.querySelector(".correction .correct")?.focus();
  }

  async #submit(about, draft, { form, outcome, send }) {
    const missing = missingIn(draft);
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    if (missing) {
      const field = form.querySelector(`[name="${missing.field}"]`);
      field.setAttribute("aria-invalid", "true");
      outcome.replaceChildren(element("p", { class: "notice notice-problem", role: "alert" }, missing.words));
      field.focus();
      return;
    }
    if (send.disabled) return;
    send.disabled = true;
    const { drafts, sent } = this; // another article may be shown before the answer comes
    const words = send.textContent;
    send.textContent = "Sending…";
    outcome.replaceChildren();
    try {
      const body = feedbackBody(about.reading, about.targetIndex, about.statement, draft);
      // one statement more is not another version of the one before
      const before = about.statement === MISSED ? null : takenBack(sent.get(about.key), body);
      await sendFeedback(body);
      if (before) await sendFeedback(before);
      drafts.delete(about.key);
      sent.set(about.key, body);
      about.show(false);
      if (form.contains(document.activeElement) || document.activeElement === document.body) {
        document.querySelector(".correction .sent")?.focus();
      }
    } catch (error) {
      this.#failed(about, error instanceof Problem ? error : new Problem(500, String(error)), { form, outcome });
    } finally {
      send.disabled = false;
      send.textContent = words;
    }
  }

  #failed(about, problem, { form, outcome }) {
    if (problem.status === 404 || problem.status === 405) {
      this.offered = false;
      about.show(false);
      return;
    }
    if (problem.status === 401) this.askKey(() => form.requestSubmit(), problem);
    const title = problem.status === 503 ? "Not kept just now; what you typed is still here" : null;
    outcome.replaceChildren(problemNotice(problem, { title }));
  }
}

function keyOf(targetIndex, statement) {
  return `${targetIndex}:${statement.index}`;
}

function stanceChoice(draft, others) {
  const stances = STANCES.map((name) => [name, sign({ stance: name }), name]);
  const none = () => element("span", { class: "symbol", "aria-hidden": "true" }, "×");
  const labels = [...stances, ...others.map((value) => [value, none(), "not a statement"])].map(([value, symbol, words]) =>
    element(
      "label",
      { class: "choice" },
      element("input", {
        type: "radio",
        name: "stance",
        value,
        checked: draft.stance === value,
        onchange: () => (draft.stance = value),
      }),
      symbol,
      words,
    ),
  );
  return element("fieldset", { class: "choices" }, element("legend", {}, "Stance toward the target"), ...labels);
}

function actorField(draft, reading) {
  const names = [...new Set(reading.actors.map(({ actor }) => actor))];
  const list = element("datalist", { id: "actor-names" }, ...names.map((name) => element("option", { value: name })));
  const field = textField(draft, "actor", "Actor", "input");
  field.querySelector("input").setAttribute("list", list.id);
  field.append(list);
  return field;
}

function typeField(draft) {
  const options = [["", "not known"], ...Object.entries(ACTOR_TYPES)].map(([value, words]) =>
    element("option", { value, selected: draft.actorType === value }, words),
  );
  const select = element(
    "select",
    { id: "correct-type", name: "actorType", onchange: () => (draft.actorType = select.value) },
    ...options,
  );
  return element("div", { class: "field" }, element("label", { for: select.id }, "Actor type"), select);
}

function textField(draft, name, words, tag) {
  const id = `correct-${name}`;
  const input = element(tag, { id, name, autocomplete: "off", maxlength: "2000", oninput: () => (draft[name] = input.value) });
  input.value = draft[name];
  const optional = name === "comment" ? element("span", { class: "optional" }, "optional") : null;
  return element("div", { class: "field" }, element("label", { for: id }, words, optional ? " " : null, optional), input);
}
