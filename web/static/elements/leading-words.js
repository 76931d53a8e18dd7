// <leading-words words='["承诺", …]'> around a question's form: names words that may lead the bidder, and forbids nothing.

import { say } from "../words.js";

class LeadingWords extends HTMLElement {
  connectedCallback() {
    /** @type {string[]} */
    const words = JSON.parse(this.getAttribute("words") ?? "[]");
    const text = /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"));
    const note = /** @type {HTMLElement} */ (this.querySelector("#leading-note"));
    text.addEventListener("input", () => {
      const found = words.filter((word) => text.value.includes(word));
      note.textContent = found.length
        ? say("可能有诱导的词：%(words)s。请再斟酌；确有必要也可以发出。", { words: found.join(say("、")) })
        : "";
    });
  }
}

customElements.define("leading-words", LeadingWords);
