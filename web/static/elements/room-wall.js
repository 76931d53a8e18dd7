// <room-wall case="E-2026-0001" mode="member" disguised own="V1-01" seats='[{"seat":"V1-01","alias":"评委1","venue":"主场 甲中心"},…]'>
//
// case   code of the case
// mode   member: publishes this seat's camera and microphone, sees and hears the others
//        watch: publishes nothing, sees everybody; sound is off until it is switched on
// disguised  members see and hear each other disguised (member only)
// own    the label of this seat (member only)
// seats  every seat of the room in its fixed order, the main venue's first; `alias` is empty for an empty seat, `venue`
//        is the heading over its seats. A seat never moves, whoever comes and goes.
// The page loads elements/room-wall.js and elements/room-wall.css. One window at a time holds the room.
//
// Sends, for pages and tests: `bid:connection` {state: "up"|"down"|"over"|"elsewhere", seconds: how long it was down},
// `bid:frames` {seats: {label: {frames, energy, level}}} each second, `bid:renegotiated` {what}, `bid:state` (the server's).
// Keys: 1 to 9 enlarge a seat, Escape or the same key puts it back, Alt+M silences this seat. They are inert in fields.

import { button, icon, made, relabel } from "../icons.js";
import { announce } from "../shell.js";
import { say } from "../words.js";
import { Banner, Question } from "./room-wall-banner.js";
import { Disguise } from "./room-wall-disguise.js";
import { Floor } from "./room-wall-floor.js";
import { Link, on } from "./room-wall-link.js";
import { hold } from "./room-wall-lock.js";
import { Mutes } from "./room-wall-mutes.js";
import { relayedWords } from "./room-wall-relay.js";
import { Saving } from "./room-wall-saving.js";
import { Screens } from "./room-wall-screens.js";
import { Share } from "./room-wall-share.js";
import { Shown } from "./room-wall-shown.js";
import { SourceFault, named, openSource, waitingWords } from "./seat-video-source.js";
import { GONE, SeatVideo } from "./seat-video.js";

const REFRESH_MS = 500;
const TELL_EVERY = 2;
const RAW = ["camera", "mic"];
const DISGUISED = ["masked", "voice"];

/** @typedef {{ seat: string, alias: string, venue: string }} Seat */
/** @typedef {import("./room-wall-link.js").Received} Received */

class RoomWall extends HTMLElement {
  /** @type {Map<string, SeatVideo>} */ #tiles = new Map();
  #banner = new Banner();
  #question = new Question();
  #relayed = made("p", { class: "fine relayed", hidden: "" });
  #tools = made("div", { class: "tools", role: "group" });
  #soundButton = button("volume-2", say("打开声音"), () => void this.#hear(!this.#isHearing));
  #mutes = new Mutes(
    (kind, muted) => this.#link?.mute(kind, muted),
    (kind, muted) => this.#tiles.get(this.#own)?.mark(kind, muted),
  );
  #floorPlace = made("div");
  #savingPlace = made("span");
  /** @type {Saving | null} */ #saving = null;
  /** @type {Floor | null} */ #floor = null;
  /** @type {Shown | null} */ #shown = null;
  /** @type {Screens | null} */ #screens = null;
  /** @type {Share | null} */ #share = null;
  #sharePlace = made("span");
  #isHearing = false;
  #refreshes = 0;
  /** @type {number | undefined} */ #refresh;
  /** @type {Link | null} */ #link = null;
  /** @type {Disguise | null} */ #disguise = null;
  /** @type {AbortController} */ #leaving = new AbortController();

  get #own() {
    return this.getAttribute("own") ?? "";
  }

  get #isMember() {
    return this.getAttribute("mode") === "member";
  }

  get #isDisguised() {
    return this.hasAttribute("disguised");
  }

  connectedCallback() {
    this.#leaving = new AbortController();
    if (!this.childElementCount) this.#build();
    this.#refresh = window.setInterval(() => this.#everyHalfSecond(), REFRESH_MS);
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal: this.#leaving.signal });
    void this.#enter(false);
  }

  disconnectedCallback() {
    window.clearInterval(this.#refresh);
    this.#leaving.abort();
    this.#leave();
  }

  #build() {
    /** @type {Seat[]} */ const seats = JSON.parse(this.getAttribute("seats") ?? "[]");
    const venues = made("div", { class: "venues" });
    for (const [place, { seat, alias, venue }] of seats.entries()) {
      const tile = /** @type {SeatVideo} */ (document.createElement("seat-video"));
      tile.setAttribute("seat", seat);
      if (alias) tile.setAttribute("alias", alias);
      tile.setAttribute("place", place < 9 ? String(place + 1) : "");
      tile.isOwn = this.#isMember && seat === this.#own;
      tile.toggleAttribute("own", tile.isOwn);
      tile.addEventListener("bid:enlarge", () => this.#enlarge(tile));
      tile.hear(false);
      this.#tiles.set(seat, tile);
      this.#venue(venues, venue).append(made("div", { class: "cell" }, tile));
    }
    if (this.#isMember) this.#tools.append(this.#mutes.mic, this.#mutes.camera);
    this.#tools.append(this.#sharePlace, this.#soundButton, this.#savingPlace);
    this.#tools.setAttribute("aria-label", say("声音和画面"));
    this.#relayed.append(icon("signal"), relayedWords());
    this.append(this.#banner.element, this.#question.element, this.#tools, this.#relayed, this.#floorPlace, venues);
    if (this.#isMember) this.append(fine(say("静音和暂停只对其他人有效，您的席位始终在录音录像。")));
    if (this.#isDisguised)
      this.append(fine(say("其他评委看到的是您遮挡后的画面，听到的是改变后的声音；见证人、监督人员和录制不受影响。")));
  }

  /**
   * The tiles of a venue, its heading made when it is first named.
   * @param {HTMLElement} venues
   * @param {string} name
   * @returns {Element}
   */
  #venue(venues, name) {
    const known = [...venues.children].find((section) => section.getAttribute("aria-label") === name);
    if (known?.lastElementChild) return known.lastElementChild;
    const tiles = made("div", { class: "tiles" });
    venues.append(made("section", { "aria-label": name }, made("h2", {}, name), tiles));
    return tiles;
  }

  /** @param {boolean} isTaken whether to take the room from the window that holds it */
  async #enter(isTaken) {
    const name = `bid-room-${this.getAttribute("case")}-${this.#own || "watch"}`;
    const lost = () => {
      this.#leave();
      this.#tell("elsewhere", 0);
      this.#question.ask(say("会场已在另一个窗口打开。"), say("在这里打开"), () => void this.#enter(true));
    };
    if (!(await hold(name, isTaken, this.#leaving.signal, lost))) return;
    this.#question.ask("");
    this.#open();
    if (this.#isMember) {
      await this.#openSource();
      await this.#hear(true);
    }
  }

  #open() {
    const kinds = this.#isDisguised ? DISGUISED : RAW;
    const link = new Link(this.getAttribute("case") ?? "", this.#isMember ? this.#own : "", this.#seated(), kinds);
    this.#link = link;
    this.#floor = new Floor(this.#isMember ? this.#own : "", this.#tiles, (message) => link.line.send(message));
    this.#saving = new Saving(link, () => this.#look());
    this.#screens = new Screens(link, this.#tiles, () => this.#look());
    this.querySelector(".venues")?.append(this.#screens.element);
    this.#floorPlace.replaceChildren(this.#screens.notice, this.#saving.element, this.#floor.element);
    if (this.#isMember) this.#offerShare(link);
    this.#savingPlace.replaceChildren(this.#saving.button);
    this.#shown = new Shown(this.#tiles.values(), () => this.#look());
    link.addEventListener("up", () => this.#up());
    link.addEventListener("down", () => this.#tell("down", 0));
    link.addEventListener("over", () => {
      this.#tell("over", 0);
      this.#question.ask(say("您的登录已经结束。"), say("重新进入"), () => location.reload());
    });
    on(link, "message", (message) => this.#take(message));
    on(link, "track", ({ seat, kind, track }) => {
      if (kind !== "screen") void this.#play(this.#tiles.get(seat)?.take(track));
    });
    on(link, "mutes", (mutes) => this.#mutes.take(mutes));
    on(link, "relayed", (isRelayed) => (this.#relayed.hidden = !isRelayed));
    link.addEventListener("renegotiated", () => this.#banner.up());
    on(link, "renegotiated", (what) => this.#send("bid:renegotiated", { what }));
    on(link, "refused", (code) => this.#banner.queue(code));
    on(link, "received", (/** @type {Map<string, Received>} */ seats) => {
      for (const [seat, received] of seats) this.#tiles.get(seat)?.count(received);
      if (this.#refreshes % TELL_EVERY === 0) this.#send("bid:frames", { seats: Object.fromEntries(seats) });
    });
    link.open();
  }

  /** @param {Link} link */
  #offerShare(link) {
    this.#share = new Share(link, (isSharing) => this.#tiles.get(this.#own)?.mark("screen", isSharing));
    this.#sharePlace.replaceChildren(this.#share.button);
    this.#floorPlace.prepend(this.#share.element);
  }

  #seated() {
    return [...this.#tiles.values()].filter((tile) => !tile.isEmpty).map((tile) => tile.seat);
  }

  #leave() {
    for (const track of Object.values(this.#link?.publication.tracks ?? {})) track.stop();
    this.#disguise?.close();
    this.#disguise = null;
    this.#shown?.close();
    this.#screens?.close();
    this.#share?.close();
    this.#floor?.close();
    this.#saving?.close();
    this.#link?.close();
    this.#link = null;
  }

  async #openSource() {
    try {
      const stream = await openSource((isWaiting) => this.#question.ask(isWaiting ? waitingWords() : ""));
      for (const track of stream.getTracks()) track.addEventListener("ended", () => this.#sourceFailed("busy"));
      const tracks = { ...named(stream), ...(this.#isDisguised ? await this.#disguised(stream) : {}) };
      const picture = tracks["masked"] ?? tracks["camera"];
      if (picture) await this.#tiles.get(this.#own)?.take(picture);
      this.#link?.publish(tracks);
    } catch (fault) {
      if (!(fault instanceof SourceFault)) throw fault;
      this.#sourceFailed(fault.code);
    }
  }

  /**
   * The disguise of this seat, or nothing, with a word about it: then the others see and hear nothing of it.
   * @param {MediaStream} stream
   * @returns {Promise<Record<string, MediaStreamTrack>>}
   */
  async #disguised(stream) {
    this.#disguise?.close();
    try {
      this.#disguise = new Disguise(stream);
      return await this.#disguise.open();
    } catch (fault) {
      if (!(fault instanceof DOMException)) throw fault;
      this.#sourceFailed("undisguised");
      return {};
    }
  }

  /** @param {import("./seat-video-source.js").FaultCode} code */
  #sourceFailed(code) {
    const { words } = new SourceFault(code);
    this.#question.ask(words, say("再试一次"), () => void this.#openSource());
  }

  /** @param {boolean} isOn */
  async #hear(isOn) {
    this.#isHearing = isOn;
    for (const tile of this.#tiles.values()) {
      tile.hear(isOn);
      await this.#play(isOn ? tile.play() : undefined);
    }
    relabel(this.#soundButton, this.#isHearing ? say("关闭声音") : say("打开声音"));
    this.#soundButton.setAttribute("aria-pressed", String(this.#isHearing));
  }

  /**
   * Wait for something to play; where the browser wants a gesture first, the button of the sound asks for it.
   * @param {Promise<void> | undefined} playing
   */
  async #play(playing) {
    try {
      await playing;
    } catch (fault) {
      if (!(fault instanceof DOMException)) throw fault;
      if (fault.name !== "NotAllowedError") return;
      this.#isHearing = false;
      relabel(this.#soundButton, say("打开声音"));
      announce(say("浏览器要求先点一下“打开声音”，才能听到其他席位。"), "alert");
    }
  }

  /** Have only those pictures sent that are looked at. */
  #look() {
    const looked = this.#shown?.seats ?? [];
    const isSaving = !this.#saving?.hasPictures || this.#saving.isResting;
    const seats = this.#saving?.hasPictures ? looked : [];
    for (const tile of this.#tiles.values()) {
      tile.isSent = tile.isOwn || (looked.includes(tile.seat) && !isSaving);
      tile.mark("saved", isSaving && !tile.isOwn && !tile.isEmpty);
    }
    this.#screens?.save(!this.#saving?.hasScreen);
    this.#link?.show(seats, this.#saving?.hasScreen ? (this.#screens?.looked ?? []) : []);
  }

  /** @param {import("./room-wall-line.js").Message} message */
  #take(message) {
    const tile = this.#tiles.get(message["seat"]);
    if (message.t === "quality") this.#judge(message["seat"], /** @type {any} */ (message));
    else if (message.t === "muted") tile?.mark(message["kind"], message["muted"]);
    else if (message.t === "floor") this.#floor?.take(/** @type {any} */ (message));
    else if (message.t === "talk") this.#floor?.talks(message["seat"], message["on"]);
    else if (message.t === "presence" && !message["online"]) tile?.judge(GONE);
    else if (message.t === "moved") this.#saving?.rest(false);
    else if (message.t === "congested") this.#saving?.rest(message["resting"]);
    else if (message.t === "alarm") this.#alarm(message["code"], message["seat"], message["over"] === true);
    else if (message.t === "state") {
      this.#seat(message["members"] ?? []);
      for (const [seat, fares] of Object.entries(message["quality"] ?? {})) this.#judge(seat, fares);
      for (const { code, seat } of message["alarms"] ?? []) this.#alarm(code, seat, false);
      if (message["floor"]) this.#floor?.take(message["floor"]);
      this.#send("bid:state", message);
    }
  }

  /**
   * @param {string} seat
   * @param {import("./seat-video.js").Fares} fares
   */
  #judge(seat, fares) {
    const tile = this.#tiles.get(seat);
    tile?.judge(fares);
    tile?.mark("unplayable", !tile.isOwn && this.#link?.subscription.shows(fares.codec) === false);
  }

  /**
   * @param {string} code
   * @param {string} seat
   * @param {boolean} isOver
   */
  #alarm(code, seat, isOver) {
    if (code === "upload-reduced") this.#tiles.get(seat)?.mark("reduced", !isOver);
  }

  /**
   * Who sits where may grow while the wall is open; where a seat stands never changes.
   * @param {{ seat: string, alias: string }[]} members
   */
  #seat(members) {
    for (const { seat, alias } of members) {
      const tile = this.#tiles.get(seat);
      if (tile && tile.getAttribute("alias") !== alias) tile.setAttribute("alias", alias);
    }
    this.#link?.expect(this.#seated());
  }

  #up() {
    const line = this.#link?.line;
    this.#tell("up", line ? (performance.now() - line.downSince) / 1000 : 0);
    this.#banner.up();
    this.#floor?.repeat();
  }

  #everyHalfSecond() {
    this.#refreshes += 1;
    for (const tile of this.#tiles.values()) tile.refresh();
    const line = this.#link?.line;
    if (!line || line.isUp) return;
    this.#banner.count(Math.max(0, Math.round((performance.now() - line.downSince) / 1000)));
  }

  /** @param {SeatVideo} tile */
  #enlarge(tile) {
    const wanted = !tile.hasAttribute("enlarged");
    for (const other of this.#tiles.values()) other.enlarge(other === tile && wanted);
    this.toggleAttribute("enlarging", wanted);
    this.#shown?.look();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.altKey && event.key.toLowerCase() === "m" && this.#isMember) this.#mutes.toggle("mic");
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const wanted = event.key === "Escape" ? this.querySelector("seat-video[enlarged]") : this.#placed(event.key);
    if (wanted instanceof SeatVideo && !wanted.isEmpty) this.#enlarge(wanted);
  }

  /** @param {string} key */
  #placed(key) {
    return /^[1-9]$/.test(key) ? this.querySelector(`seat-video[place="${key}"]`) : null;
  }

  /**
   * @param {string} state
   * @param {number} seconds
   */
  #tell(state, seconds) {
    this.dataset["connection"] = state;
    this.#send("bid:connection", { state, seconds });
  }

  /**
   * @param {string} name
   * @param {object} detail
   */
  #send(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

/** @param {string} words */
const fine = (words) => made("p", { class: "fine" }, words);

customElements.define("room-wall", RoomWall);
