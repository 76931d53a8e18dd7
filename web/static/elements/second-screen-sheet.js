// What is about to be signed, drawn from its very bytes: each value comes from the statements, only names of bids, items
// and choices come beside them, and the id that is signed stands with each. Refuses bytes that can be read in two ways.

import { canonical, fromHex, sha256, toHex, utf8 } from "../bytes.js";
import { made } from "../icons.js";
import { shortCode } from "../short-code.js";
import { say } from "../words.js";

/** @typedef {{ id: string, name: string, items: { id: string, name: string }[] }} Group */
/**
 * What the bytes name by an id or a digest.
 * @typedef {object} Beside
 * @property {Record<string, string>} bids
 * @property {{ clauses?: { id: string, text: string }[], groups?: Group[] }} criteria
 * @property {Record<string, string>} texts  by their SHA-256 in hex
 * @property {Record<string, string>} motions  what each asks
 * @property {Record<string, string>} members  their aliases
 */
/** @typedef {Record<"grounds" | "outcomes" | "choices", Record<string, string>>} Words */
/** @typedef {{ statements: string[], beside: Beside, words: Words }} Given */
/** @typedef {{ kind: string, body: any }} Statement */

const DIGEST_BYTES = 32;

/**
 * The content, and at its end the bytes themselves. Throws SyntaxError for bytes that are not of the one spelling.
 * @param {Given} given
 * @returns {Promise<Node[]>}
 */
export async function rendered(given) {
  const read = given.statements.map(parsed);
  const sheets = read.filter(({ kind }) => kind === "sheet.signed");
  const others = await Promise.all(read.filter(({ kind }) => kind !== "sheet.signed").map((one) => drawn(one, given)));
  const bytes = given.statements.map((text) => made("pre", {}, text));
  return [
    ...(sheets.length ? [scores(sheets, given)] : []),
    ...others.flat(),
    made("details", {}, made("summary", {}, say("签名的原文（校验码由它算出）")), ...bytes),
  ];
}

/**
 * @param {string} text
 * @returns {Statement}
 */
function parsed(text) {
  const value = JSON.parse(text);
  if (canonical(value) !== text) throw new SyntaxError("not canonical");
  return value;
}

/**
 * @param {Statement} statement
 * @param {Given} given
 * @returns {Promise<Node[]>}
 */
async function drawn({ kind, body }, { beside, words }) {
  switch (kind) {
    case "pledge.signed":
      return [
        titled(say("承诺书")),
        paper(...(await textOf(body.text, beside)), pair(say("投标人"), body.bidders.join(say("、")))),
      ];
    case "prelim.signed":
      return [findings(body.findings, beside, words)];
    case "vote.signed":
      return [
        titled(say("表决票")),
        paper(
          label(beside.motions[body.motion], body.motion),
          pair(say("我的一票"), named(words.choices, body.choice)),
          body.reason,
        ),
      ];
    case "report.signed":
      return [
        titled(say("评标报告")),
        paper(
          pair(say("我的意见"), named(words.outcomes, body.outcome)),
          body.opinion,
          pair(say("报告文件校验码"), shortCode(fromHex(body.report, DIGEST_BYTES))),
        ),
      ];
    case "consent.stated":
      return [
        titled(say("视为同意的说明")),
        paper(
          pair(say("评委"), label(beside.members[body.member], body.member)),
          pair(say("报告文件校验码"), shortCode(fromHex(body.report, DIGEST_BYTES))),
          body.text,
        ),
      ];
    case "score.replaced":
      return [
        titled(say("评分代替说明")),
        paper(
          pair(say("评委"), label(beside.members[body.member], body.member)),
          pair(say("投标人"), label(beside.bids[body.bid], body.bid)),
          pair(say("评分部分"), label(groupName(beside, body.group), body.group)),
          pair(say("表决事项"), label(beside.motions[body.motion], body.motion)),
          body.text,
        ),
      ];
    default:
      return [titled(say("说明")), paper(typeof body.text === "string" ? body.text : canonical(body))];
  }
}

/**
 * @param {Beside} beside
 * @param {string} id
 */
function groupName({ criteria }, id) {
  return criteria.groups?.find((group) => group.id === id)?.name;
}

/**
 * A text that the statement names by its digest: shown only if it is that text.
 * @param {string} digest
 * @param {Beside} beside
 */
async function textOf(digest, { texts }) {
  const text = texts[digest] ?? "";
  if (toHex(await sha256(utf8(text))) !== digest)
    return [say("收到的文本不是签名所指的那一份，不予显示。请不要签名。")];
  return text.split("\n");
}

/**
 * All sheets as one table, items down and bids across; each group's sum follows its items, as on the seat's page.
 * What the bytes hold and no name is known for stands at the end by its id.
 * @param {Statement[]} sheets
 * @param {Given} given
 */
function scores(sheets, { beside }) {
  const signed = (/** @type {"scores" | "subtotals"} */ part) =>
    new Set(sheets.flatMap(({ body }) => Object.keys(body[part])));
  const [items, sums] = [signed("scores"), signed("subtotals")];
  /** @type {HTMLElement[]} */ const rows = [];
  const item = (/** @type {string} */ id, name = "") => {
    if (items.delete(id)) {
      rows.push(
        row(
          label(name, id),
          sheets.map(({ body }) => figure(body.scores[id], body.comments[id])),
        ),
      );
    }
  };
  const sum = (/** @type {string} */ id, name = "") => {
    if (!sums.delete(id)) return;
    const whole = row(
      label(say("%(group)s小计", { group: name }), id),
      sheets.map(({ body }) => figure(body.subtotals[id])),
    );
    whole.className = "sum";
    rows.push(whole);
  };
  for (const group of beside.criteria.groups ?? []) {
    for (const { id, name } of group.items) item(id, name);
    sum(group.id, group.name);
  }
  for (const id of items) item(id);
  for (const id of sums) sum(id);
  return table(
    say("打分表"),
    [say("评分项"), ...sheets.map(({ body }) => label(beside.bids[body.bid], body.bid))],
    rows,
  );
}

/**
 * @param {Record<string, Record<string, { pass: boolean, ground?: string, reason?: string, page?: number }>>} found
 * @param {Beside} beside
 * @param {Words} words
 */
function findings(found, beside, words) {
  const bids = Object.keys(found);
  const texts = new Map((beside.criteria.clauses ?? []).map(({ id, text }) => [id, text]));
  const clauses = [...new Set(bids.flatMap((bid) => Object.keys(found[bid] ?? {})))];
  const rows = clauses.map((id) => {
    const cells = bids.map((bid) => {
      const one = found[bid]?.[id];
      if (!one) return made("td");
      if (one.pass) return made("td", {}, say("合格"));
      const why = [
        named(words.grounds, one.ground ?? ""),
        one.reason ?? "",
        say("第 %(page)s 页", { page: one.page ?? "" }),
      ];
      return made(
        "td",
        {},
        made("span", { class: "bad" }, say("不合格")),
        ...why.map((line) => made("p", { class: "remark" }, line)),
      );
    });
    return row(label(texts.get(id), id), cells);
  });
  return table(say("初步评审表"), [say("条款"), ...bids.map((bid) => label(beside.bids[bid], bid))], rows);
}

/**
 * @param {string} caption
 * @param {(Node | string)[]} heads
 * @param {HTMLElement[]} rows
 */
function table(caption, heads, rows) {
  const head = made("tr", {}, ...heads.map((one) => made("th", { scope: "col" }, one)));
  const whole = made("table", {}, made("caption", {}, caption), made("thead", {}, head), made("tbody", {}, ...rows));
  return made("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, whole);
}

/**
 * @param {Node} name
 * @param {HTMLElement[]} cells
 */
function row(name, cells) {
  return made("tr", {}, made("th", { scope: "row" }, name), ...cells);
}

/**
 * @param {string | undefined} value
 * @param {string} [remark]
 */
function figure(value, remark) {
  return made("td", { class: "figure" }, value ?? "", ...(remark ? [made("p", { class: "remark" }, remark)] : []));
}

/**
 * A name, and the id that is signed.
 * @param {string | undefined} name
 * @param {string} id
 */
function label(name, id) {
  return made("span", {}, name ?? "", " ", made("span", { class: "signed-id" }, id));
}

/** @param {string} text */
function titled(text) {
  return made("h2", {}, text);
}

/** @param {(Node | string)[]} lines */
function paper(...lines) {
  return made("div", { class: "paper" }, ...lines.filter(Boolean).map((line) => made("p", {}, line)));
}

/**
 * @param {string} term
 * @param {Node | string} value
 */
function pair(term, value) {
  return made("span", {}, `${term}${say("：")}`, made("strong", {}, value));
}

/**
 * @param {Record<string, string>} table
 * @param {string} id
 */
function named(table, id) {
  return `${table[id] ?? ""}${say("（")}${id}${say("）")}`;
}
