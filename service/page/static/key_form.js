// The field for an API key, shown once the server has asked for one.

import { rememberKey } from "./api.js";
import { byId } from "./dom.js";

export class KeyForm {
  constructor() {
    this.form = byId("key-form");
    this.field = byId("api-key");
    this.retry = null;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#use();
    });
  }

  /** Ask for a key, and call `retry` once there is one. */
  ask(retry) {
    this.retry = retry;
    this.form.hidden = false;
    this.field.value = "";
    this.field.focus();
  }

  #use() {
    if (!rememberKey(this.field.value.trim())) {
      this.field.setAttribute("aria-invalid", "true");
      byId("key-hint").textContent = "A key is made of letters, digits and signs, without spaces.";
      this.field.focus();
      return;
    }
    this.field.removeAttribute("aria-invalid");
    this.form.hidden = true;
    this.retry?.();
  }
}
