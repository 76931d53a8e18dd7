// The parts of a party's page about its secret: making one with its recovery file, loading that file, showing its code.

import { sha256, toHex, utf8 } from "../bytes.js";
import { button, icon, made } from "../icons.js";
import { keepSecret, pinLog } from "../party/keeping.js";
import { RecoveryRefused, SHORTEST_PASSPHRASE, readRecovery, writeRecovery } from "../party/recovery.js";
import { SECRET_BYTES, importSecret } from "../party/secret.js";
import { say } from "../words.js";
import { faultWords } from "./party-desk-words.js";

/** @typedef {import("../party/keeping.js").Kept} Kept */

const GROUP = 4;
const CODE_BYTES = 8;

/**
 * The form that makes this party's secret; the recovery file is saved before anything is kept.
 * @param {{ party: string, log: string, kept: (secret: Kept) => void }} about
 */
export function makingForm({ party, log, kept }) {
  const one = passphrase("new-passphrase", say("恢复口令"), say("至少 12 个字符，例如四五个不相关的词。"));
  const two = passphrase("new-passphrase-again", say("再输入一次恢复口令"));
  const fault = made("p", { class: "fault", role: "alert" });
  const submit = primary("key-round", say("生成密钥并保存恢复文件"));
  const form = made("form", { class: "narrow" }, one.field, two.field, fault, submit);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (one.input.value.normalize("NFKC").length < SHORTEST_PASSPHRASE) {
      fault.textContent = say("口令太短：至少 12 个字符。还没有生成密钥。");
      one.input.focus();
    } else if (one.input.value !== two.input.value) {
      fault.textContent = say("两次输入的口令不一样。还没有生成密钥。");
      two.input.focus();
    } else {
      submit.disabled = true;
      void make(party, log, one.input.value).then(kept);
    }
  });
  return form;
}

/**
 * @param {string} party
 * @param {string} log
 * @param {string} phrase
 * @returns {Promise<Kept>}
 */
async function make(party, log, phrase) {
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const about = { party, log, made: new Date().toISOString() };
  const file = await writeRecovery(secret, phrase, about);
  const kept = { key: await importSecret(secret), file, made: about.made };
  secret.fill(0);
  saveFile(party, file);
  await keepSecret(party, kept);
  return kept;
}

/**
 * The form that loads a recovery file into this browser.
 * @param {{ party: string, isFirst: boolean, kept: (secret: Kept, log: string) => void }} about
 *   `isFirst`: whether it is the one thing to do now
 */
export function loadingForm({ party, isFirst, kept }) {
  const choose = made("input", { id: "recovery-file", type: "file", accept: ".json,application/json", required: "" });
  const label = made("label", { for: "recovery-file" }, say("恢复文件"));
  const phrase = passphrase("old-passphrase", say("恢复口令"), say("生成密钥时设置的口令。"), "current-password");
  const fault = made("p", { class: "fault", role: "alert" });
  const submit = isFirst ? primary("upload", say("载入恢复文件")) : plain("upload", say("载入恢复文件"));
  const file = made("div", { class: "field" }, label, choose);
  const form = made("form", { class: "narrow" }, file, phrase.field, fault, submit);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit.disabled = true;
    const [chosen] = choose.files ?? [];
    const loading = chosen ? chosen.text().then((text) => load(party, text, phrase.input.value)) : Promise.reject();
    loading
      .then((loaded) => kept(loaded.secret, loaded.log))
      .catch((refused) => {
        fault.textContent = faultWords(refused instanceof RecoveryRefused ? refused.code : "recovery.no_file");
        submit.disabled = false;
      });
  });
  return form;
}

/**
 * @param {string} party
 * @param {string} file
 * @param {string} phrase
 */
async function load(party, file, phrase) {
  const { secret, about } = await readRecovery(file, phrase, party);
  const kept = { key: await importSecret(secret), file, made: about.made };
  secret.fill(0);
  await keepSecret(party, kept);
  await pinLog(about.log);
  return { secret: kept, log: about.log };
}

/**
 * What is kept in this browser, and its recovery file once more.
 * @param {{ party: string, code: string, logCode: string, kept: Kept }} about
 */
export function keptPart({ party, code, logCode, kept }) {
  const facts = made(
    "dl",
    { class: "facts" },
    made("dt", {}, say("本单位密钥校验码")),
    made("dd", { class: "code" }, inGroups(code)),
    made("dt", {}, say("日志签名钥匙校验码")),
    made("dd", { class: "code" }, logCode),
  );
  const why = say("密钥只在这个浏览器里。换电脑、清除浏览器数据或重装系统前，请确认恢复文件和口令都在。");
  const again = button("download", say("再次保存恢复文件"), () => saveFile(party, kept.file));
  return made("section", { class: "kept" }, made("h2", {}, say("本单位的抽取密钥")), facts, made("p", {}, why), again);
}

/**
 * The check code of a log's key, as a person compares it with the published one.
 * @param {string} vkey
 */
export async function logCodeOf(vkey) {
  return inGroups(toHex(await sha256(utf8(vkey))).slice(0, 2 * CODE_BYTES));
}

/** @param {string} hex */
export function inGroups(hex) {
  return (hex.toUpperCase().match(new RegExp(`.{1,${GROUP}}`, "g")) ?? []).join("-");
}

/**
 * @param {string} party
 * @param {string} file
 */
function saveFile(party, file) {
  const address = URL.createObjectURL(new Blob([file], { type: "application/json" }));
  const link = made("a", { href: address, download: `recovery-${party}.json`, hidden: "" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/**
 * @param {string} id
 * @param {string} word
 * @param {string} [hint]
 * @param {string} [autocomplete]
 */
function passphrase(id, word, hint, autocomplete = "new-password") {
  const input = made("input", { id, type: "password", autocomplete, required: "" });
  const parts = [made("label", { for: id }, word)];
  if (hint) {
    parts.push(/** @type {any} */ (made("p", { class: "hint", id: `${id}-hint` }, hint)));
    input.setAttribute("aria-describedby", `${id}-hint`);
  }
  return { input, field: made("div", { class: "field" }, ...parts, input) };
}

/** @param {string} picture @param {string} word */
function primary(picture, word) {
  return made("button", { class: "primary" }, icon(picture), made("span", {}, word));
}

/** @param {string} picture @param {string} word */
function plain(picture, word) {
  return made("button", {}, icon(picture), made("span", {}, word));
}
