// <receipt-check> around the fields #receipt and #key, a button and an empty .outcome: says whether a receipt holds.
//
// Nothing is sent anywhere. The page loads elements/receipt-check.js and .css.

import { icon, made } from "../icons.js";
import { ReceiptRefused, judge } from "../receipt.js";
import { say } from "../words.js";

/** @typedef {import("../receipt.js").Judgement} Judgement */

class ReceiptCheck extends HTMLElement {
  connectedCallback() {
    this.querySelector("button")?.addEventListener("click", () => void this.#check());
  }

  /** @param {"receipt" | "key"} name */
  #field(name) {
    return /** @type {HTMLTextAreaElement} */ (this.querySelector(`#${name}`));
  }

  async #check() {
    const outcome = /** @type {HTMLElement} */ (this.querySelector(".outcome"));
    const text = this.#field("receipt").value.trim();
    if (!text) {
      outcome.replaceChildren(made("p", { class: "alarm" }, say("请先粘贴回执。")));
      this.#field("receipt").focus();
      return;
    }
    outcome.replaceChildren(...(await this.#judged(text)));
    outcome.focus();
  }

  /** @param {string} text */
  async #judged(text) {
    try {
      const found = await judge(text, this.#field("key").value);
      return [...verdict(found.state === "holds" ? "agrees" : "partly", ...wordsOf(found)), facts(found)];
    } catch (fault) {
      if (!(fault instanceof ReceiptRefused)) throw fault;
      return verdict("differs", refusal(fault.code), say("请核对是否整段粘贴；仍不一致，请保存回执，告诉监督部门。"));
    }
  }
}

/**
 * @param {"agrees" | "partly" | "differs"} state
 * @param {string} what
 * @param {string} next
 */
function verdict(state, what, next) {
  const picture = { differs: "circle-alert", agrees: "circle-check", partly: "list-checks" }[state];
  return [
    made("h2", {}, say("核验结果")),
    made("p", { class: "verdict", "data-state": state }, icon(picture), made("strong", {}, what)),
    made("p", {}, next),
  ];
}

/**
 * What was found, and what to do next.
 * @param {Judgement} found
 * @returns {[string, string]}
 */
function wordsOf({ state }) {
  const fits = say("回执与记录相符，但签名没有核验。");
  const words = /** @type {Record<Judgement["state"], [string, string]>} */ ({
    holds: [say("回执有效：这份签名已写入本项目的记录。"), say("请再核对下面的校验码与评标报告附表上的是否相同。")],
    "no-key": [fits, say("粘贴交易中心公布的日志公钥，可以一并核验签名。")],
    "no-ed25519": [
      fits,
      say("这个浏览器太旧，不会核验这种签名。请换 Chrome 137、Firefox 130 以上的浏览器，或用档案包里的 verify.pyz。"),
    ],
  });
  return words[state];
}

/** @param {Judgement} found */
function facts({ case: name, log, index, size, code }) {
  /** @type {[string, string][]} */ const rows = [
    [say("校验码"), code],
    [say("评标项目编号"), name],
    [say("日志"), log],
    [say("记录序号"), say("第 %(index)s 条，检查点覆盖前 %(size)s 条", { index, size })],
  ];
  const cells = rows.flatMap(([term, value]) => [made("dt", {}, term), made("dd", { class: "code" }, value)]);
  return made("dl", { class: "facts" }, ...cells);
}

/** @param {ReceiptRefused["code"]} code */
function refusal(code) {
  const words = /** @type {Record<ReceiptRefused["code"], string>} */ ({
    "receipt-malformed": say("这不是一份完整的回执。"),
    "receipt-code": say("回执上的校验码与其内容不符。"),
    "receipt-index": say("回执上的记录序号与证明不符。"),
    "receipt-log": say("回执不是这个公钥所属日志的。"),
    "key-malformed": say("这不是日志公钥，请重新粘贴 log.vkey 的整行内容。"),
    "note-malformed": say("回执里的证明格式不对。"),
    "note-not-signed": say("检查点没有这个公钥的签名。"),
    "note-signature": say("检查点的签名无效。"),
    "merkle-inclusion": say("这份记录不在检查点所覆盖的日志里。"),
  });
  return words[code];
}

customElements.define("receipt-check", ReceiptCheck);
