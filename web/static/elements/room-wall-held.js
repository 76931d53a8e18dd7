// The button that is held to speak (按住说话), and the space bar, which is the same. Let go in every way there is: a
// microphone must not stay open because a window lost the focus. Says each second that it is held.

import { button } from "../icons.js";
import { say } from "../words.js";

const REPEAT_MS = 1000;
const FIELDS = "input, textarea, select, button, a, summary, [contenteditable]";

export class HeldButton {
  element = button("mic", say("按住说话"), () => undefined);
  #isOffered = false;
  #leaving = new AbortController();
  /** @type {number | undefined} */ #repeating;

  /** @param {(isOn: boolean) => void} tell */
  constructor(tell) {
    this.tell = tell;
    const { signal } = this.#leaving;
    this.element.classList.add("primary", "held");
    this.element.setAttribute("aria-pressed", "false");
    this.element.addEventListener("pointerdown", (event) => {
      // Else the release outside the button would be lost.
      this.element.setPointerCapture(event.pointerId);
      this.#hold(true);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
      this.element.addEventListener(end, () => this.#hold(false));
    this.element.addEventListener("contextmenu", (event) => event.preventDefault());
    addEventListener("keydown", (event) => this.#onKey(event, true), { signal });
    addEventListener("keyup", (event) => this.#onKey(event, false), { signal });
    addEventListener("blur", () => this.#hold(false), { signal });
    document.addEventListener("visibilitychange", () => this.#hold(false), { signal });
  }

  get isHeld() {
    return this.#repeating !== undefined;
  }

  /** @param {boolean} isOffered whether the room talks this way */
  set isOffered(isOffered) {
    this.#isOffered = isOffered;
    if (!isOffered) this.#hold(false);
  }

  close() {
    this.#hold(false);
    this.#leaving.abort();
  }

  /**
   * @param {KeyboardEvent} event
   * @param {boolean} isDown
   */
  #onKey(event, isDown) {
    if (event.key !== " " || !this.#isOffered) return;
    const at = event.target instanceof Element ? event.target.closest(FIELDS) : null;
    if (isDown && at !== null && at !== this.element) return;
    if (isDown || this.isHeld) event.preventDefault();
    if (!event.repeat) this.#hold(isDown);
  }

  /** @param {boolean} isOn */
  #hold(isOn) {
    if (isOn === this.isHeld || (isOn && !this.#isOffered)) return;
    window.clearInterval(this.#repeating);
    this.#repeating = isOn ? window.setInterval(() => this.tell(true), REPEAT_MS) : undefined;
    this.element.setAttribute("aria-pressed", String(isOn));
    this.element.lastElementChild?.replaceChildren(isOn ? say("正在发言") : say("按住说话"));
    this.tell(isOn);
  }
}
