// The WebSocket of a case, kept open: a beat each second, given up after 3.5 s of silence, tried again until it is back.
// An attempt is cut off after 2 s, for the browser's own back-off would keep a returned network waiting. Each begins with
// a small question over HTTP: a Firefox closes what such a question was asked over, but keeps the half-open connections of
// given up WebSockets for 90 s, and makes no seventh to a host. A Chromium does the reverse: what was given up of questions
// goes on knocking, ever more rarely, in the six places there are, and a later question waits for one of them (16 s after a
// minute's outage); a given up WebSocket is gone. So it asks twice, and then calls without asking. After some sixteen
// failed calls it keeps each one waiting for one to five seconds: several are on their way at a time, and the first that is
// answered is the line.

const BEAT_MS = 1000;
const DEAD_MS = 3500;
const ATTEMPT_MS = 2000;
const CALL_MS = 7500;
const NEXT_CALL_MS = 1500;
const ASKED_FIRST = 2;
const ANSWER_MS = 5000;
const WATCH_MS = 100;
const SESSION_OVER = 1008;
const IS_CHROMIUM = "userAgentData" in navigator;
// What is asked for is the smallest file there is.
const SMALL = new URL("room-wall-tick.js", import.meta.url);

/** @typedef {{ t: string, [key: string]: any }} Message */

/** The server refused a message; `code` is its word. */
export class Refused extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** Events: `up`, `down`, `over` (the session ended, nothing is tried any more), `message` with the message as `detail`. */
export class Line extends EventTarget {
  /** @type {WebSocket | null} the line, once it is up */ #socket = null;
  /** @type {Map<WebSocket, number>} those not answered yet, and when each is given up */ #calls = new Map();
  #heard = 0;
  #asking = new AbortController();
  #questionEnds = Infinity;
  #nextAttempt = Infinity;
  #attempts = 0;
  #lastBeat = 0;
  /** @type {number | undefined} */ #watch;
  /** @type {{ reply: string, settle: (message: Message) => void, fail: (fault: Error) => void } | null} */
  #waiting = null;
  /** @type {Promise<unknown>} */ #turn = Promise.resolve();

  /** @param {string} code of the case */
  constructor(code) {
    super();
    const address = new URL(`/cases/${encodeURIComponent(code)}/ws`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.address = address.href;
    this.isUp = false;
    /** Milliseconds to the server and back, -1 while unknown. */
    this.rttMs = -1;
    this.downSince = performance.now();
  }

  open() {
    this.#watch = window.setInterval(() => this.#tick(performance.now()), WATCH_MS);
    this.#connect(performance.now());
  }

  close() {
    window.clearInterval(this.#watch);
    this.#drop();
    this.#nextAttempt = Infinity;
  }

  /** @param {Message} message */
  send(message) {
    if (this.isUp) this.#socket?.send(JSON.stringify(message));
  }

  /**
   * Send a message and wait for its reply; one at a time. Throws `Refused`.
   * @param {Message} message
   * @param {string} reply
   * @returns {Promise<Message>}
   */
  ask(message, reply) {
    const answer = this.#turn.then(() => this.#exchange(message, reply));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  /**
   * @param {Message} message
   * @param {string} reply
   * @returns {Promise<Message>}
   */
  async #exchange(message, reply) {
    if (!this.isUp) throw new Refused("line-down");
    let late = 0;
    try {
      return await new Promise((settle, fail) => {
        late = window.setTimeout(() => fail(new Refused("no-answer")), ANSWER_MS);
        this.#waiting = { reply, settle, fail };
        this.send(message);
      });
    } finally {
      window.clearTimeout(late);
      this.#waiting = null;
    }
  }

  /** @param {number} now */
  #connect(now) {
    this.#attempts += 1;
    if (IS_CHROMIUM && this.#attempts > ASKED_FIRST) {
      this.#nextAttempt = now + NEXT_CALL_MS;
      this.#call(now + CALL_MS);
      return;
    }
    const asking = new AbortController();
    this.#asking = asking;
    this.#questionEnds = now + ATTEMPT_MS;
    this.#nextAttempt = Infinity;
    /** @type {RequestInit} */
    const question = { cache: "no-store", credentials: "omit", signal: asking.signal };
    const answered = fetch(SMALL, question).then((answer) => answer.arrayBuffer());
    answered.then(
      () => asking.signal.aborted || this.#answered(performance.now()),
      () => asking.signal.aborted || this.#retry(performance.now()),
    );
  }

  /** @param {number} now */
  #answered(now) {
    this.#questionEnds = Infinity;
    this.#call(now + ATTEMPT_MS);
  }

  /** @param {number} ends when it is given up */
  #call(ends) {
    const socket = new WebSocket(this.address);
    this.#calls.set(socket, ends);
    socket.onmessage = (event) => this.#take(socket, JSON.parse(event.data), performance.now());
    socket.onclose = (event) => {
      if (event.code === SESSION_OVER) {
        this.close();
        this.dispatchEvent(new Event("over"));
      } else if (this.#socket === socket) {
        this.#retry(performance.now());
      } else {
        this.#giveUp(socket, performance.now());
      }
    };
  }

  /**
   * @param {WebSocket} call
   * @param {number} now
   */
  #giveUp(call, now) {
    this.#calls.delete(call);
    hangUp(call);
    if (!this.#calls.size) this.#nextAttempt = Math.min(this.#nextAttempt, soon(now));
  }

  /** @param {number} now */
  #retry(now) {
    this.#drop();
    this.#nextAttempt = soon(now);
  }

  #drop() {
    this.#asking.abort();
    this.#questionEnds = Infinity;
    for (const call of this.#calls.keys()) hangUp(call);
    this.#calls.clear();
    if (this.#socket) hangUp(this.#socket);
    this.#socket = null;
    this.#waiting?.fail(new Refused("line-down"));
    if (this.isUp) {
      this.isUp = false;
      this.downSince = this.#heard;
      this.rttMs = -1;
      this.dispatchEvent(new Event("down"));
    }
  }

  /** @param {number} now */
  #tick(now) {
    for (const [call, ends] of this.#calls) if (now >= ends) this.#giveUp(call, now);
    if (now >= this.#questionEnds || (this.isUp && now - this.#heard > DEAD_MS)) this.#retry(now);
    else if (now >= this.#nextAttempt) this.#connect(now);
    else if (this.isUp && now - this.#lastBeat >= BEAT_MS) {
      this.#lastBeat = now;
      this.send({ t: "beat", at: now });
    }
  }

  /**
   * @param {WebSocket} socket
   * @param {Message} message
   * @param {number} now
   */
  #take(socket, message, now) {
    this.#heard = now;
    // Up with the server's first word, not with the handshake: only now the way is known to lead there and back.
    if (!this.isUp) this.#become(socket);
    if (message.t === "beat") {
      if (typeof message["at"] === "number") this.rttMs = Math.round(now - message["at"]);
      return;
    }
    const waiting = this.#waiting;
    if (waiting && message.t === waiting.reply) {
      waiting.settle(message);
    } else if (waiting && message.t === "refused") {
      waiting.fail(new Refused(message["code"]));
    } else {
      this.dispatchEvent(new CustomEvent("message", { detail: message }));
    }
  }

  /** @param {WebSocket} socket the call that was answered first; the others are given up */
  #become(socket) {
    this.#calls.delete(socket);
    for (const other of this.#calls.keys()) hangUp(other);
    this.#calls.clear();
    this.#socket = socket;
    this.isUp = true;
    this.#attempts = 0;
    this.#nextAttempt = Infinity;
    this.dispatchEvent(new Event("up"));
  }
}

/** @param {WebSocket} socket */
function hangUp(socket) {
  socket.onmessage = socket.onclose = null;
  socket.close();
}

/**
 * When to try again: at once, but not all at the same moment.
 * @param {number} now
 * @returns {number}
 */
function soon(now) {
  return now + 200 + Math.random() * 300;
}
