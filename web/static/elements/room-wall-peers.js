// The two connections to the media plane: one publishes this seat's camera and microphone, one receives the others.
// The plane is ICE-lite and needs no candidates from here, so one offer and one answer are all there is to say.

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

  close() {
    this.peer?.close();
    this.peer = null;
  }
}

/** Publishes tracks under their kinds: `camera`, `mic`, and `masked`, `voice` where members see each other disguised. */
export class Publication extends Connection {
  /** @type {Record<string, MediaStreamTrack>} */ tracks = {};

  /** Publish with a new connection; the former one goes on until the new one stands. Throws `Refused`. */
  async open() {
    this.isOpening = true;
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    try {
      const sent = Object.entries(this.tracks).map(([kind, track]) => ({ kind, by: this.#send(peer, track) }));
      await peer.setLocalDescription();
      const tracks = Object.fromEntries(sent.map(({ kind, by }) => [by.mid, kind]));
      const sdp = peer.localDescription?.sdp;
      const answer = await this.line.ask({ t: "publish", sdp, tracks }, "published");
      await peer.setRemoteDescription({ type: "answer", sdp: answer["sdp"] });
    } catch (fault) {
      peer.close();
      throw fault;
    } finally {
      this.isOpening = false;
    }
    const former = this.replace(peer);
    if (former) window.setTimeout(() => former.close(), former.connectionState === "connected" ? REPLACED_MS : 0);
  }

  /**
   * @param {RTCPeerConnection} peer
   * @param {MediaStreamTrack} track
   * @returns {RTCRtpTransceiver}
   */
  #send(peer, track) {
    const transceiver = peer.addTransceiver(track, { direction: "sendonly" });
    if (track.kind === "video") {
      // Every browser has VP8, and the recording stays one codec. Retransmission goes with it, or loss stays loss.
      const codecs = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
      const wanted = codecs.filter(({ mimeType }) => /\/(vp8|rtx)$/i.test(mimeType));
      if (wanted.length) transceiver.setCodecPreferences(wanted);
    }
    return transceiver;
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
   * Ask for these tracks with a new connection, which ends the former one. Throws `Refused`.
   * @param {string[]} tracks
   */
  async open(tracks) {
    this.isOpening = true;
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    try {
      const offer = await this.line.ask({ t: "subscribe", tracks }, "offer");
      this.mids = offer["mids"];
      peer.ontrack = ({ transceiver, track }) => this.#arrived(this.mids[transceiver.mid ?? ""] ?? "", track);
      await peer.setRemoteDescription({ type: "offer", sdp: offer["sdp"] });
      await peer.setLocalDescription();
      this.line.send({ t: "answer", sdp: peer.localDescription?.sdp });
    } catch (fault) {
      peer.close();
      throw fault;
    } finally {
      this.isOpening = false;
    }
    this.replace(peer)?.close();
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
