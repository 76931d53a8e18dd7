// <fresh-page>: opens this page anew when what it waits for has gone on (draws, the look at the bids, the sealing, copies), and
// says so instead where somebody is typing.

import { renew } from "../renewing.js";
import { announce } from "../shell.js";
import { say } from "../words.js";

const LOOK_MS = 5000;

class FreshPage extends HTMLElement {
  /** @type {number | undefined} */ #looking;
  #shown = "";
  #isTyping = false;
  #typed = () => void (this.#isTyping = true);

  connectedCallback() {
    document.addEventListener("input", this.#typed);
    this.#looking = window.setInterval(() => void this.#look(), LOOK_MS);
    void this.#look();
  }

  disconnectedCallback() {
    document.removeEventListener("input", this.#typed);
    clearInterval(this.#looking);
  }

  /** A server that does not answer changes nothing: the next look follows. */
  async #look() {
    const answer = await fetch(location.pathname, { headers: { Accept: "application/json" } }).catch(() => null);
    const told = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!told) return;
    const waited = [
      told.draws,
      told.standings,
      told.transcripts,
      told.found === null && told.progress,
      told.bag === null,
      told.copies,
    ];
    const now = JSON.stringify(waited);
    const hasMoved = this.#shown !== "" && this.#shown !== now;
    if (hasMoved && !this.#isTyping && !renew()) return;
    this.#shown = now;
    if (hasMoved && this.#isTyping) announce(say("有了新的进展，刷新页面可以看到。"));
  }
}

customElements.define("fresh-page", FreshPage);
