// One draw on a party's page: its minute, what is asked or awaited, what was verified, how everybody stands.

import { button, icon, made } from "../icons.js";
import { say } from "../words.js";
import { countDown } from "./count-down.js";
import { askedFor, drawName, isOver, stateWords, verifiedWords, voidWords, waitWords } from "./party-desk-words.js";

/** @typedef {import("../party/context.js").Duty} Duty */
/** @typedef {import("../party/context.js").Verified} Verified */
/** @typedef {import("../party/line.js").DrawStanding} DrawStanding */
/**
 * @typedef {{ standing: DrawStanding, duties: Duty[], verified: Map<Duty, Verified>, fault: string, isBusy: boolean,
 *   isFirst: boolean, mayAct: boolean, party: string, now: string, isTime: boolean, logCode: string, press: (duty: Duty) => void }} Shown
 */

const SHORT = 16;
const PICTURES = /** @type {Record<string, string>} */ ({
  committed: "check",
  waiting_host: "check",
  revealed: "circle-check",
  drawn: "circle-check",
  late: "triangle-alert",
  left_out: "triangle-alert",
});

/** @param {Shown} shown */
export function drawPart(shown) {
  const { standing } = shown;
  const title = `${standing.case} ${drawName(standing.draw)}`;
  const part = made("section", { class: "draw", "data-draw": `${standing.case}/${standing.draw}` });
  part.append(made("h2", {}, title), times(shown));
  part.append(
    ...standing.voids.map((voided) => made("p", { class: "voided" }, icon("triangle-alert"), voidWords(voided))),
  );
  if (standing.short)
    part.append(
      made("p", { class: "voided" }, icon("triangle-alert"), say("参加的法人不足两家，抽取等待登记新的抽取方。")),
    );
  part.append(...asked(shown));
  if (shown.fault) part.append(made("p", { class: "fault", role: "alert" }, shown.fault));
  part.append(everybody(shown, title), silence(shown));
  return part;
}

/** @param {Shown} shown */
function times({ standing, now }) {
  return made(
    "dl",
    { class: "facts" },
    made("dt", {}, say("抽取时间")),
    made("dd", {}, `${inBeijing(standing.at)} `, ...(isOver(standing) ? [] : [countDown(standing.at, now)])),
    made("dt", {}, say("第几次")),
    made("dd", {}, String(standing.attempt)),
  );
}

/** @param {Shown} shown */
function asked(shown) {
  const { duties, standing, party, isTime, logCode, isBusy, isFirst, mayAct, press } = shown;
  const parts = [];
  let isNext = isFirst;
  for (const duty of duties) {
    const todo = askedFor(duty, isTime);
    if (!todo || !mayAct) continue;
    const verified = shown.verified.get(duty);
    // What is asked first stands on top of the page already.
    if (!isNext) parts.push(made("p", { class: "ask" }, todo.ask));
    parts.push(made("p", {}, todo.why));
    if (verified) parts.push(checked(verifiedWords(verified, logCode)));
    if (duty.needs === "reveal" && !verified) continue;
    const act = button(todo.picture, todo.button, () => press(duty));
    act.id = `act-${standing.case}-${standing.draw}-${duty.needs}-${duty.round}`;
    act.disabled = isBusy;
    if (isNext) act.className = "primary";
    isNext = false;
    parts.push(made("p", {}, act));
  }
  if (!parts.length) parts.push(made("p", {}, waitWords(standing.parties.find(({ id }) => id === party)?.state ?? "")));
  return parts;
}

/** @param {string[]} words */
function checked(words) {
  const lines = words.map((line) => made("li", {}, icon("circle-check"), made("span", {}, line)));
  return made(
    "div",
    { class: "checked" },
    made("h3", {}, say("这个浏览器已核对")),
    made("ul", { class: "plain" }, ...lines),
  );
}

/** @param {Shown} shown @param {string} title */
function everybody({ standing, party }, title) {
  const heads = [say("抽取方"), say("现在"), say("承诺值")];
  const rows = standing.parties.map((one) =>
    made(
      "tr",
      {},
      made(
        "th",
        { scope: "row" },
        one.legal_person,
        ...(one.id === party ? [say("（本单位）")] : []),
        ...(one.host ? [say("（承办）")] : []),
      ),
      made("td", {}, icon(PICTURES[one.state] ?? "clock"), stateWords(one.state)),
      made("td", { class: "code" }, one.commit ? `${one.commit.slice(0, SHORT)}…` : ""),
    ),
  );
  const head = made("thead", {}, made("tr", {}, ...heads.map((word) => made("th", { scope: "col" }, word))));
  const label = [title, say("各抽取方")].join(" ");
  return made(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    made("table", {}, head, made("tbody", {}, ...rows)),
  );
}

/** @param {Shown} shown */
function silence({ standing }) {
  const text = say("到 %(at)s 还没有回应的单位，会使这一次抽取作废，并以单位名称记入项目日志。", {
    at: inBeijing(standing.silent_at),
  });
  return made("p", { class: "fine" }, isOver(standing) ? "" : text);
}

/**
 * An instant as Beijing time.
 * @param {string} stamp
 */
export function inBeijing(stamp) {
  /** @type {Intl.DateTimeFormatOptions} */
  const how = { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium", hourCycle: "h23" };
  return new Intl.DateTimeFormat("sv-SE", how).format(new Date(stamp));
}
