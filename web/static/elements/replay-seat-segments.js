// The recorded segments of seats as the log names them, and their bytes, believed only when their digest is right.

/**
 * One row of the log's list.
 * @typedef {{ seat: string, track: string, take: number, n: number, off: number, len: number, sha256: string, t0: string,
 *   dur_ms: number, sent: string }} Row  `sent` by the seat's own clock, empty where it is not known
 * A segment of a take on the common time line, in seconds; `header` is the row of the take's header.
 * @typedef {{ row: Row, header: Row, start: number, end: number }} Segment
 * One track of one seat: its segments in time order.
 * @typedef {{ seat: string, kind: string, segments: Segment[] }} Track
 * @typedef {{ epoch: number, duration: number, tracks: Track[] }} Recording  `epoch` in milliseconds UTC
 */

// No way through a network is so much longer than another: beyond this a clock was set meanwhile.
const LATEST_MS = 2000;
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
export function arrange(rows) {
  const late = latenessOf(rows);
  const at = (/** @type {Row} */ row) => Date.parse(row.t0) - (late.get(takeOf(row)) ?? 0);
  const epoch = rows.reduce((first, row) => Math.min(first, at(row)), Infinity);
  const headers = new Map(rows.filter(({ n }) => n === 0).map((row) => [takeOf(row), row]));
  /** @type {Map<string, Track>} */ const tracks = new Map();
  for (const row of rows) {
    const header = headers.get(takeOf(row));
    if (row.n === 0 || !header) continue;
    const name = `${row.seat}/${row.track}`;
    const track = tracks.get(name) ?? { seat: row.seat, kind: row.track, segments: [] };
    tracks.set(name, track);
    const start = (at(row) - epoch) / 1000;
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
 * How many milliseconds later than the quickest track of its seat each take arrived: picture and sound of one seat share
 * its clock, whatever way their packets took. A take whose sender said nothing, or that nothing is beside, is not moved.
 * @param {Row[]} rows
 * @returns {Map<string, number>}
 */
function latenessOf(rows) {
  /** @type {Map<string, { seat: string, from: number, to: number, ways: number[] }>} */ const takes = new Map();
  for (const row of rows) {
    const t0 = Date.parse(row.t0);
    const take = takes.get(takeOf(row)) ?? { seat: row.seat, from: t0, to: t0, ways: [] };
    takes.set(takeOf(row), take);
    take.to = Math.max(take.to, t0 + row.dur_ms);
    if (row.sent) take.ways.push(t0 - Date.parse(row.sent));
  }
  const said = [...takes].filter(([, { ways }]) => ways.length);
  const late = new Map();
  for (const [name, { seat, from, to, ways }] of said) {
    const beside = said.filter(([, other]) => other.seat === seat && other.from < to && from < other.to);
    const least = Math.min(...beside.map(([, other]) => middle(other.ways)));
    const ms = middle(ways) - least;
    if (ms < LATEST_MS) late.set(name, ms);
  }
  return late;
}

/** @param {number[]} values */
function middle(values) {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? 0;
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
