// The screens that the other seats share: a tile each in a row of their own under the seats, for seats never move. Knows
// who shares from the server, and shows what the link receives.

import { button, icon, made } from "../icons.js";
import { announce } from "../shell.js";
import { say } from "../words.js";

/** @typedef {import("./room-wall-link.js").Link} Link */
/** @typedef {import("./seat-video.js").SeatVideo} SeatVideo */
/** @typedef {{ element: HTMLElement, picture: HTMLVideoElement, word: HTMLElement }} Tile */

export class Screens {
  #row = made("div", { class: "tiles" });
  /** Over the wall: who shares, and the way down there. */
  notice = made("p", { class: "sharing", hidden: "" });
  element = made("section", { class: "screens", hidden: "" }, made("h2", {}, say("共享的屏幕")), this.#row);
  /** @type {Map<string, Tile>} */ #shown = new Map();
  /** @type {Map<string, MediaStreamTrack>} what was last received of a seat, also while it shares nothing */
  #tracks = new Map();
  #isSaved = false;

  /**
   * @param {Link} link
   * @param {Map<string, SeatVideo>} seats
   * @param {() => void} changed told when other screens are to be received than before
   */
  constructor(link, seats, changed) {
    this.link = link;
    this.seats = seats;
    this.changed = changed;
    this.element.setAttribute("aria-label", say("共享的屏幕"));
    link.addEventListener("sharing", () => this.#keep());
    link.addEventListener("track", (event) => this.#take(/** @type {CustomEvent} */ (event).detail));
  }

  /** The seats whose screens are looked at. */
  get looked() {
    return document.visibilityState === "hidden" ? [] : [...this.#shown.keys()];
  }

  /** @param {boolean} isSaved whether they are not received, to save traffic */
  save(isSaved) {
    this.#isSaved = isSaved;
    for (const seat of this.#shown.keys()) this.#tell(seat);
  }

  close() {
    this.element.remove();
  }

  #keep() {
    const sharing = this.link.others.filter((seat) => this.link.sharing.has(seat));
    for (const seat of [...this.#shown.keys()].filter((one) => !sharing.includes(one))) this.#end(seat);
    for (const seat of sharing.filter((one) => !this.#shown.has(one))) this.#begin(seat);
    this.element.hidden = this.notice.hidden = !this.#shown.size;
    const who = [...this.#shown.keys()].map((seat) => this.#who(seat)).join(say("、"));
    const look = button("eye", say("看屏幕"), () => this.#row.querySelector("button")?.focus());
    this.notice.replaceChildren(icon("screen-share"), say("%(who)s 正在共享屏幕。", { who }), " ", look);
    this.changed();
  }

  /** @param {string} seat */
  #begin(seat) {
    const who = this.#who(seat);
    const picture = made("video", { playsinline: "", disablepictureinpicture: "" });
    picture.muted = true;
    picture.addEventListener("playing", () => this.#tell(seat));
    const word = made("span", { class: "note" });
    const frame = made("button", { type: "button", class: "frame", "aria-pressed": "false" }, picture);
    const name = made("strong", {}, say("%(who)s 的屏幕", { who }));
    frame.setAttribute("aria-label", say("放大 %(who)s 的屏幕", { who }));
    const element = made("div", { class: "shared" }, frame, made("p", { class: "caption" }, name), word);
    element.dataset["seat"] = seat;
    frame.addEventListener("click", () => {
      const isEnlarged = element.toggleAttribute("enlarged");
      frame.setAttribute("aria-pressed", String(isEnlarged));
    });
    this.#shown.set(seat, { element, picture, word });
    this.#row.append(element);
    this.seats.get(seat)?.mark("screen", true);
    this.#play(seat);
    announce(say("%(who)s 开始共享屏幕。", { who }));
  }

  /** @param {string} seat */
  #end(seat) {
    this.#shown.get(seat)?.element.remove();
    this.#shown.delete(seat);
    this.seats.get(seat)?.mark("screen", false);
    announce(say("%(who)s 已停止共享屏幕。", { who: this.#who(seat) }));
  }

  /** @param {{ seat: string, kind: string, track: MediaStreamTrack }} received */
  #take({ seat, kind, track }) {
    if (kind !== "screen") return;
    this.#tracks.set(seat, track);
    this.#play(seat);
  }

  /** @param {string} seat */
  #play(seat) {
    const [tile, track] = [this.#shown.get(seat), this.#tracks.get(seat)];
    if (tile && track) {
      tile.picture.srcObject = new MediaStream([track]);
      // Without sound it needs no gesture; a tile that is gone meanwhile plays nothing.
      tile.picture.play().catch((fault) => {
        if (!(fault instanceof DOMException)) throw fault;
      });
    }
    this.#tell(seat);
  }

  /** @param {string} seat */
  #tell(seat) {
    const tile = this.#shown.get(seat);
    if (!tile) return;
    const isHere = tile.picture.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    const words = this.#isSaved ? say("为节省流量未接收画面") : isHere ? "" : say("正在接收画面");
    tile.word.replaceChildren(...(words ? [icon("screen-share"), words] : []));
  }

  /** @param {string} seat */
  #who(seat) {
    return `${this.seats.get(seat)?.getAttribute("alias") ?? ""} ${seat}`.trim();
  }
}
