// The words of a party's page: what is due, how the others stand, what was verified, why a link is not shown.

import { say } from "../words.js";

/** @typedef {import("../party/context.js").Duty} Duty */
/** @typedef {import("../party/context.js").Verified} Verified */
/** @typedef {import("../party/line.js").DrawStanding} DrawStanding */
/** @typedef {{ ask: string, why: string, button: string, picture: string }} Asked */

/** @param {DrawStanding} standing */
export function isOver({ stage }) {
  return stage === "sealed" || stage === "opened";
}

/** @param {string} draw */
export function drawName(draw) {
  if (draw.startsWith("ties")) return say("同分抽签");
  return draw === "venues" ? say("副场抽取") : say("专家抽取");
}

/**
 * The one thing asked of this party in a draw.
 * @param {Duty} duty
 * @param {boolean} isTime whether the draw's minute has come
 * @returns {Asked | null} null where there is nothing to do but wait
 */
export function askedFor(duty, isTime) {
  const what = { case: duty.case, draw: drawName(duty.draw) };
  if (duty.needs === "commit") {
    return {
      ask: say("现在请您为 %(case)s 的%(draw)s承诺。", what),
      why: say("承诺就是登记本单位秘密的校验码。登记以后，谁也不能再换这个秘密，本单位自己也不能。"),
      button: say("承诺"),
      picture: "pen-line",
    };
  }
  if (duty.needs === "share") {
    return {
      ask: say("现在请您交回 %(case)s 的%(draw)s结果的份额。", what),
      why: say("各抽取方的揭示凑不齐了。两个单位交回份额，就能打开已经封存的结果；结果不会改变。"),
      button: say("交回份额"),
      picture: "key-round",
    };
  }
  if (duty.needs === "wait") return null;
  if (duty.again) {
    return {
      ask: say("现在请您为 %(case)s 的%(draw)s再揭示一次。", what),
      why: say("抽取程序重新启动过，它只把秘密放在内存里，所以要再收一次。发送的是同一个秘密，结果不会改变。"),
      button: say("再次揭示"),
      picture: "refresh-cw",
    };
  }
  return {
    ask: isTime
      ? say("现在请您为 %(case)s 的%(draw)s揭示。", what)
      : say("现在请您为 %(case)s 的%(draw)s预留揭示。", what),
    why: isTime
      ? say("揭示就是把本单位的秘密加密交给抽取程序，其他单位和服务器管理人员都看不到。")
      : say("秘密现在就加密交给抽取程序，到抽取时间才用。交出以后可以离开，不用守到那一刻。"),
    button: isTime ? say("揭示") : say("预留揭示"),
    picture: "lock",
  };
}

/**
 * Why there is nothing to do now.
 * @param {string} mine the state of this party
 */
export function waitWords(mine) {
  const words = {
    committed: say("本单位已承诺，正在等其他单位承诺。"),
    waiting_host: say("本单位已承诺，正在等承办单位先揭示。"),
    revealed: say("本单位已揭示，等待抽取时间；不需要再做什么。"),
    left_out: say("本单位使先前的抽取作废，不参加这一次。"),
    drawn: say("已经抽取，结果已封存；不需要再做什么。"),
  };
  return words[/** @type {keyof typeof words} */ (mine)] ?? say("稍候；轮到本单位时会显示在这里。");
}

/** @param {string} state */
export function stateWords(state) {
  const words = {
    uncommitted: say("待承诺"),
    committed: say("已承诺"),
    waiting_host: say("已承诺，等承办单位先揭示"),
    turn: say("待揭示"),
    revealed: say("已揭示"),
    late: say("超时"),
    left_out: say("不参加这一次"),
    drawn: say("已揭示"),
    absent: say("没有参加"),
  };
  return words[/** @type {keyof typeof words} */ (state)] ?? state;
}

/**
 * @param {{ attempt: number, legal_person: string, reason: string }} voided
 */
export function voidWords({ attempt, legal_person: who, reason }) {
  return reason === "silent"
    ? say("第 %(attempt)s 次抽取作废：%(who)s没有按时回应。", { attempt, who })
    : say("第 %(attempt)s 次抽取作废：%(who)s揭示的秘密与承诺不符。", { attempt, who });
}

/**
 * What this browser verified before it shows the button.
 * @param {Verified} verified
 * @param {string} code the log key's check code
 * @returns {string[]}
 */
export function verifiedWords({ index, size, parties, grounds }, code) {
  const words = [
    say("抽取条件里是本单位登记的承诺值，一共 %(parties)s 个单位，内容没有被改动。", { parties }),
    say("抽取条件登记在项目日志第 %(place)s 条，有日志签名为证（签名覆盖前 %(size)s 条）。", {
      place: index + 1,
      size,
    }),
    say("日志的签名钥匙就是这个浏览器首次记下的那一把，校验码 %(code)s。", { code }),
    say("本单位没有为别的抽取条件揭示过这个秘密。"),
  ];
  if (grounds) words.push(say("补抽的申请和另一人的确认都登记在日志中。"));
  return words;
}

/** @param {string} code */
export function faultWords(code) {
  const words = {
    "party.not_my_commitment": say("抽取条件里不是这个浏览器登记的承诺值。"),
    "party.not_logged": say("服务器没有证明抽取条件已登记在日志中。请不要揭示，并通知监督人员。"),
    "party.another_context": say("这个秘密已经为另一份抽取条件揭示过。请不要揭示，并通知监督人员。"),
    "party.no_grounds": say("日志里没有补抽的申请和另一人的确认。请不要揭示，并通知监督人员。"),
    "party.log_key": say("服务器出示的日志签名钥匙与这个浏览器首次记下的不同。请不要承诺也不要揭示，并通知监督人员。"),
    "party.too_early": say("还没有到打开结果的时间，份额没有发送。"),
    "hpke.not_for_this": say("份额不是给这个浏览器里的密钥的，没有发送。"),
    "recovery.no_file": say("这不是恢复文件，或文件已损坏。没有载入任何内容。"),
    "recovery.passphrase": say("口令不正确。没有载入任何内容，请重新输入。"),
    "recovery.other_party": say("这是另一个单位的恢复文件。没有载入任何内容。"),
  };
  return words[/** @type {keyof typeof words} */ (code)] ?? say("没有连上服务器，正在自动重试；已登记的内容不变。");
}
