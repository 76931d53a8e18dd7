// The two connections to the media plane: one publishes this seat's camera and microphone, one receives the others.
// The plane is ICE-lite and needs no candidates from here, so one offer and one answer are all there is to say.

import { iceServers } from "./room-wall-relay.js";

/** @typedef {import("./room-wall-line.js").Line} Line */

const REPLACED_MS = 3000;

/** What both connections share: whether they live, and how long nothing has come. */
class Connection {
  /** @type {RTCPeerConnection | null} */ peer = null;
  isOpening = false;
  #bytes = 0;
  #grownAt = 0;

  /** @param {Line} line */
  constructor(line) {
    this.line = line;
  }

  get isGone() {
    return this.peer === null || this.peer.connectionState === "failed" || this.peer.connectionState === "closed";
  }

  /** Count silence from now on: the network was away, which says nothing about this connection. */
  forgive() {
    this.#grownAt = performance.now();
  }

  /**
   * Milliseconds since bytes last came over this connection.
   * @param {RTCStatsReport} report
   * @returns {number}
   */
  quietMs(report) {
    let bytes = 0;
    for (const entry of report.values()) if (entry.type === "candidate-pair") bytes += entry.bytesReceived ?? 0;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#grownAt = performance.now();
    }
    return performance.now() - this.#grownAt;
  }

  /**
   * @param {RTCPeerConnection} next
   * @returns {RTCPeerConnection | null} the one before
   */
  replace(next) {
    const former = this.peer;
    this.peer = next;
    this.#bytes = 0;
    this.forgive();
    return former;
  }

  /**
   * A new connection, agreed on with the server. Throws `Refused`.
   * @param {(peer: RTCPeerConnection) => Promise<void>} agree
   * @returns {Promise<RTCPeerConnection>}
   */
  async agreed(agree) {
    this.isOpening = true;
    try {
      const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: await iceServers(this.line) });
      try {
        await agree(peer);
      } catch (fault) {
        peer.close();
        throw fault;
      }
      return peer;
    } finally {
      this.isOpening = false;
    }
  }

  close() {
    this.peer?.close();
    this.peer = null;
  }
}

/** Publishes tracks under their kinds: `camera`, `mic`, and `masked`, `voice` where members see each other disguised. */
export class Publication extends Connection {
  /** @type {Record<string, MediaStreamTrack>} */ tracks = {};
  /** @type {{ peer: RTCPeerConnection | null, to: string }} */ #limited = { peer: null, to: "null" };

  /** Publish with a new connection; the former one goes on until the new one stands. Throws `Refused`. */
  async open() {
    const peer = await this.agreed((next) => this.#offer(next));
    const former = this.replace(peer);
    // One that is "disconnected" may carry what is said and shown all the same.
    if (former) window.setTimeout(() => former.close(), REPLACED_MS);
  }

  /** @param {RTCPeerConnection} peer */
  async #offer(peer) {
    const sent = Object.entries(this.tracks).map(([kind, track]) => ({ kind, by: this.#send(peer, track) }));
    await peer.setLocalDescription();
    const tracks = Object.fromEntries(sent.map(({ kind, by }) => [by.mid, kind]));
    const sdp = peer.localDescription?.sdp;
    const answer = await this.line.ask({ t: "publish", sdp, tracks }, "published");
    await peer.setRemoteDescription({ type: "answer", sdp: answer["sdp"] });
  }

  /**
   * Send less of the own pictures, or all of it again. What is sent is what is recorded: whoever calls this says so.
   * @param {{ by: number, frames: number, bits: number } | null} camera
   */
  async limit(camera) {
    const wanted = JSON.stringify(camera);
    if (!this.peer || (this.#limited.peer === this.peer && this.#limited.to === wanted)) return;
    this.#limited = { peer: this.peer, to: wanted };
    const senders = this.peer.getSenders().filter(({ track }) => track?.kind === "video");
    for (const sender of senders) await setLimit(sender, camera);
  }

  /**
   * @param {RTCPeerConnection} peer
   * @param {MediaStreamTrack} track
   * @returns {RTCRtpTransceiver}
   */
  #send(peer, track) {
    const transceiver = peer.addTransceiver(track, { direction: "sendonly" });
    if (track.kind === "video") {
      // What the plane can record; it chooses. Retransmission goes with it, or loss stays loss.
      // Firefox 115 has its own order only, which begins with VP8.
      const codecs = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
      const wanted = codecs.filter(({ mimeType }) => /\/(vp8|h264|rtx)$/i.test(mimeType));
      if (wanted.length) transceiver.setCodecPreferences?.(wanted);
    }
    return transceiver;
  }
}

/**
 * @param {RTCRtpSender} sender
 * @param {{ by: number, frames: number, bits: number } | null} camera
 */
async function setLimit(sender, camera) {
  const parameters = sender.getParameters();
  for (const encoding of parameters.encodings ?? []) {
    encoding.scaleResolutionDownBy = camera?.by ?? 1;
    if (camera) Object.assign(encoding, { maxFramerate: camera.frames, maxBitrate: camera.bits });
    else {
      delete encoding.maxFramerate;
      delete encoding.maxBitrate;
    }
  }
  try {
    await sender.setParameters(parameters);
  } catch (fault) {
    // The connection went away meanwhile: the next one is limited anew.
    if (!(fault instanceof DOMException)) throw fault;
  }
}

/** Receives tracks; `onTrack` is told seat, kind and track once its first packet is there. */
export class Subscription extends Connection {
  /** @type {Record<string, string>} mid → `seat/kind`, as the server offered them */ mids = {};

  /**
   * @param {Line} line
   * @param {(seat: string, kind: string, track: MediaStreamTrack) => void} onTrack
   */
  constructor(line, onTrack) {
    super(line);
    this.onTrack = onTrack;
  }

  /**
   * Whether this browser shows pictures in a codec: its own answer named all that it can. True while nothing is known.
   * @param {string} codec as the server calls it
   */
  shows(codec) {
    const answer = this.peer?.localDescription?.sdp;
    return !codec || !answer || answer.toLowerCase().includes(` ${codec}/90000`);
  }

  /**
   * Ask for these tracks with a new connection, which ends the former one. Throws `Refused`.
   * @param {string[]} tracks
   */
  async open(tracks) {
    const peer = await this.agreed((next) => this.#answer(next, tracks));
    this.replace(peer)?.close();
  }

  /**
   * @param {RTCPeerConnection} peer
   * @param {string[]} tracks
   */
  async #answer(peer, tracks) {
    const offer = await this.line.ask({ t: "subscribe", tracks }, "offer");
    this.mids = offer["mids"];
    peer.ontrack = ({ transceiver, track }) => this.#arrived(this.mids[transceiver.mid ?? ""] ?? "", track);
    await peer.setRemoteDescription({ type: "offer", sdp: offer["sdp"] });
    await peer.setLocalDescription();
    this.line.send({ t: "answer", sdp: peer.localDescription?.sdp });
  }

  /**
   * @param {string} name
   * @param {MediaStreamTrack} track
   */
  #arrived(name, track) {
    const [seat = "", kind = ""] = name.split("/");
    const tell = () => this.onTrack(seat, kind, track);
    // A tile keeps its last picture until the new one has something to show.
    if (track.muted) track.addEventListener("unmute", tell, { once: true });
    else tell();
  }
}
