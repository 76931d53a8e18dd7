// The recorded segments of seats as the log names them, and their bytes, believed only when their digest is right.

/**
 * One row of the log's list.
 * @typedef {{ seat: string, track: string, take: number, n: number, off: number, len: number, sha256: string, t0: string,
 *   dur_ms: number }} Row
 * A segment of a take on the common time line, in seconds; `header` is the row of the take's header.
 * @typedef {{ row: Row, header: Row, start: number, end: number }} Segment
 * One track of one seat: its segments in time order.
 * @typedef {{ seat: string, kind: string, segments: Segment[] }} Track
 * @typedef {{ epoch: number, duration: number, tracks: Track[] }} Recording  `epoch` in milliseconds UTC
 */

const MEDIA = ["camera", "screen", "masked", "mic", "voice"];

/** A segment's bytes are not those that the log names, or could not be had whole. */
export class NotAsLogged extends Error {}

/**
 * The recording of these seats, or of all when none is named.
 * @param {string} address of the list of segments
 * @param {string[]} seats
 * @returns {Promise<Recording>}
 */
export async function readRecording(address, seats) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new NotAsLogged(String(answer.status));
  const { segments } = /** @type {{ segments: Row[] }} */ (await answer.json());
  return arrange(segments.filter(({ seat }) => !seats.length || seats.includes(seat)));
}

/**
 * @param {Row[]} rows
 * @returns {Recording}
 */
function arrange(rows) {
  const epoch = rows.reduce((first, { t0 }) => Math.min(first, Date.parse(t0)), Infinity);
  const headers = new Map(rows.filter(({ n }) => n === 0).map((row) => [takeOf(row), row]));
  /** @type {Map<string, Track>} */ const tracks = new Map();
  for (const row of rows) {
    const header = headers.get(takeOf(row));
    if (row.n === 0 || !header) continue;
    const name = `${row.seat}/${row.track}`;
    const track = tracks.get(name) ?? { seat: row.seat, kind: row.track, segments: [] };
    tracks.set(name, track);
    const start = (Date.parse(row.t0) - epoch) / 1000;
    track.segments.push({ row, header, start, end: start + row.dur_ms / 1000 });
  }
  const inOrder = [...tracks.values()].sort(
    (one, other) => one.seat.localeCompare(other.seat) || MEDIA.indexOf(one.kind) - MEDIA.indexOf(other.kind),
  );
  for (const { segments } of inOrder) segments.sort((one, other) => one.start - other.start);
  const duration = Math.max(0, ...inOrder.flatMap(({ segments }) => segments.map(({ end }) => end)));
  return { epoch, duration, tracks: inOrder };
}

/**
 * @param {Row} row
 * @returns {string}
 */
function takeOf({ seat, track, take }) {
  return `${seat}/${track}/${take}`;
}

/**
 * The stretches of a track in which nothing was recorded.
 * @param {Track} track
 * @param {number} duration
 * @param {number} least seconds that count
 * @returns {{ start: number, end: number }[]}
 */
export function gapsOf({ segments }, duration, least) {
  const gaps = [];
  let reached = 0;
  for (const { start, end } of segments) {
    if (start - reached > least) gaps.push({ start: reached, end: start });
    reached = Math.max(reached, end);
  }
  if (duration - reached > least) gaps.push({ start: reached, end: duration });
  return gaps;
}

/**
 * The bytes of one row, fetched by range and held against the digest in the log. Throws `NotAsLogged`.
 * @param {string} footage address of all footage of the case
 * @param {Row} row
 * @param {AbortSignal} signal
 * @returns {Promise<ArrayBuffer>}
 */
export async function fetchChecked(footage, row, signal) {
  const address = `${footage}/${row.seat}/${row.track}/${row.take}`;
  const range = `bytes=${row.off}-${row.off + row.len - 1}`;
  const answer = await fetch(address, { headers: { Range: range }, signal, cache: "no-store" });
  if (answer.status !== 206) throw new NotAsLogged(`${address} ${answer.status}`);
  const bytes = await answer.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hex !== row.sha256) throw new NotAsLogged(`${address} ${range}`);
  return bytes;
}

const CLUSTER = 0x1f43b675;
const TIMESTAMP = 0xe7;

/**
 * The time at which a segment begins inside its file, in seconds: the time stamp of its first cluster (RFC 9559 §5.1.3).
 * @param {ArrayBuffer} bytes
 * @returns {number}
 */
export function fileTime(bytes) {
  const view = new DataView(bytes);
  if (view.getUint32(0) !== CLUSTER) throw new NotAsLogged("no cluster");
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
