// Draws again what comes on standard input, a line each: {"transcript": base64, "pool": base64 or null}; a line out each.

import { createInterface } from "node:readline";
import { examine } from "../../web/static/draw/recheck.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { transcript, pool } = JSON.parse(line);
  const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
  const found = examine(bytes(transcript), pool === null ? null : bytes(pool));
  const steps = found.steps.map(({ field, stated, found: seen }) => [field, stated, seen]);
  console.log(JSON.stringify({ steps, difference: found.difference, drawn: found.drawn, names: [...found.names] }));
}
