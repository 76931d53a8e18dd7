// The two buttons with which a seat holds its own sound or picture back from the others; it is recorded all the same.

import { button, icon, made } from "../icons.js";
import { say } from "../words.js";

const PICTURES = { mic: ["mic", "mic-off"], camera: ["video", "video-off"] };

/** @typedef {"mic" | "camera"} Kind */

export class Mutes {
  /**
   * @param {(kind: Kind, muted: boolean) => void} changed by hand
   * @param {(kind: Kind, muted: boolean) => void} shown from now on, whoever changed it
   */
  constructor(changed, shown) {
    this.changed = changed;
    this.shown = shown;
    this.mic = this.#made("mic");
    this.camera = this.#made("camera");
  }

  /** @param {Kind} kind */
  #made(kind) {
    const pressed = button("mic", "", () => this.toggle(kind));
    label(pressed, kind, false);
    return pressed;
  }

  /** @param {Kind} kind */
  toggle(kind) {
    const muted = this[kind].getAttribute("aria-pressed") !== "true";
    this.take({ [kind]: muted });
    this.changed(kind, muted);
  }

  /** @param {Partial<Record<Kind, boolean>>} mutes how it is already */
  take(mutes) {
    for (const kind of /** @type {const} */ (["mic", "camera"])) {
      const muted = mutes[kind];
      if (muted === undefined) continue;
      label(this[kind], kind, muted);
      this.shown(kind, muted);
    }
  }
}

/**
 * @param {HTMLButtonElement} pressed
 * @param {Kind} kind
 * @param {boolean} muted
 */
function label(pressed, kind, muted) {
  pressed.setAttribute("aria-pressed", String(muted));
  pressed.replaceChildren(icon(PICTURES[kind][Number(muted)] ?? ""), made("span", {}, words(kind, muted)));
}

/**
 * @param {Kind} kind
 * @param {boolean} muted
 */
function words(kind, muted) {
  if (kind === "mic") return muted ? say("取消静音") : say("静音");
  return muted ? say("恢复画面") : say("暂停画面");
}
