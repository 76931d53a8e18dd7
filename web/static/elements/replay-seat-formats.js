// The two file formats of recordings (docs/protocol-media.md), as far as a player must read them: what a header
// announces, and at which moment of its file a segment begins. Only bytes whose digest was right come here.

import { NotAsLogged } from "./replay-seat-segments.js";

const CLUSTER = 0x1f43b675;
const TIMESTAMP = 0xe7;
const WEBM = 0x1a45dfa3;
const BOX_HEADER = 8;
const NAME = 4;

/**
 * What a player must be able to play, by the header of the take: `video/mp4; codecs="avc1.42E01F"`, for example.
 * @param {ArrayBuffer} header
 * @param {boolean} isPicture
 * @returns {string}
 */
export function typeOf(header, isPicture) {
  const view = new DataView(header);
  if (view.getUint32(0) === WEBM) return isPicture ? 'video/webm; codecs="vp8"' : 'audio/webm; codecs="opus"';
  // Profile, constraints and level follow the version in the decoder's settings (ISO/IEC 14496-15 §5.3.3.1).
  const settings = whereIs(view, "avcC") + NAME + 1;
  const profile = [0, 1, 2].map((place) =>
    view
      .getUint8(settings + place)
      .toString(16)
      .padStart(2, "0"),
  );
  return `video/mp4; codecs="avc1.${profile.join("").toUpperCase()}"`;
}

/**
 * The time at which a segment begins inside its file, in seconds.
 * @param {ArrayBuffer} bytes
 * @returns {number}
 */
export function fileTime(bytes) {
  const view = new DataView(bytes);
  return view.getUint32(0) === CLUSTER ? clusterTime(view) : fragmentTime(view);
}

/**
 * The decode time of a fragment (`tfdt`, version 1, in milliseconds: ISO/IEC 14496-12 §8.8.12).
 * @param {DataView} view
 */
function fragmentTime(view) {
  const [moof] = boxes(view, 0, view.byteLength);
  if (moof?.name !== "moof") throw new NotAsLogged("no fragment");
  const traf = boxes(view, moof.start, moof.end).find(({ name }) => name === "traf");
  const time = traf && boxes(view, traf.start, traf.end).find(({ name }) => name === "tfdt");
  if (!time) throw new NotAsLogged("no decode time");
  return Number(view.getBigUint64(time.start + 4)) / 1000;
}

/**
 * @param {DataView} view
 * @param {number} start
 * @param {number} end
 * @returns {{ name: string, start: number, end: number }[]}
 */
function boxes(view, start, end) {
  const found = [];
  for (let at = start; at + BOX_HEADER <= end; at = found[found.length - 1]?.end ?? end) {
    const length = view.getUint32(at);
    if (length < BOX_HEADER || at + length > end) throw new NotAsLogged("box");
    found.push({ name: wordAt(view, at + NAME), start: at + BOX_HEADER, end: at + length });
  }
  return found;
}

/**
 * @param {DataView} view
 * @param {string} name
 * @returns {number} where the name of this box stands
 */
function whereIs(view, name) {
  for (let at = 0; at + BOX_HEADER <= view.byteLength; at++) if (wordAt(view, at) === name) return at;
  throw new NotAsLogged(name);
}

/**
 * @param {DataView} view
 * @param {number} at
 */
function wordAt(view, at) {
  return String.fromCharCode(...[0, 1, 2, 3].map((place) => view.getUint8(at + place)));
}

/**
 * The time stamp of a cluster (RFC 9559 §5.1.3), in milliseconds in the file.
 * @param {DataView} view
 */
function clusterTime(view) {
  const cluster = sizeAt(view, 4);
  if (view.getUint8(cluster.end) !== TIMESTAMP) throw new NotAsLogged("no time stamp");
  const stamp = sizeAt(view, cluster.end + 1);
  return numberAt(view, stamp.end, stamp.value) / 1000;
}

/**
 * An EBML size: its leading zeros say how many bytes it takes (RFC 8794 §4).
 * @param {DataView} view
 * @param {number} at
 * @returns {{ value: number, end: number }}
 */
function sizeAt(view, at) {
  const first = view.getUint8(at);
  const length = Math.clz32(first) - 23;
  const rest = numberAt(view, at + 1, length - 1);
  return { value: (first & (0xff >> length)) * 256 ** (length - 1) + rest, end: at + length };
}

/**
 * @param {DataView} view
 * @param {number} at
 * @param {number} bytes
 */
function numberAt(view, at, bytes) {
  let value = 0;
  for (let byte = 0; byte < bytes; byte++) value = value * 256 + view.getUint8(at + byte);
  return value;
}
