// What <draw-replay> says: each step in the sentence that `./run replay` prints for it.

import { say } from "../words.js";

/** @typedef {import("../draw/worker.js").Report} Report */

/**
 * @param {string} field
 * @param {NonNullable<Report["about"]>} about
 * @returns {string}
 */
export function lookedAt(field, about) {
  const known = {
    "request.places": say("副场对应的地区与抽取前封存的校验码相符"),
    beaconValue: say("公共随机源按约定使用"),
    reveals: say("承诺的各方都已揭示，没有旁人"),
    "result.independent": say("承诺的各方分属 %(count)s 个独立法人", { count: about.independent }),
    "result.h": say("各方事先确认的抽取条件校验码相符"),
    "result.prk": say("由各方揭示值合成的随机种子相符"),
    "result.selections": say("抽取的类别与人数就是申请的类别与人数"),
    roll: say("首次抽取前无人预先入选或预先排除"),
    "pool.size": say("候选池人数 %(count)s", { count: about.size }),
    "pool.root": say("候选池与抽取前公布的校验码相符，无一行被改动"),
    "result.order": say("全部候选人的先后次序相符"),
    result: say("按请求能够抽满"),
  };
  if (field in known) return known[/** @type {keyof typeof known} */ (field)];
  if (field.startsWith("reveals.")) {
    return say("%(party)s 揭示的值正是其抽取前承诺的值", { party: field.slice("reveals.".length) });
  }
  return say("逐人核对入选与跳过的理由：%(field)s", { field });
}

/**
 * @param {Report} report
 * @returns {string[]}
 */
export function asked({ about, quotas, ineligible, parties }) {
  if (!about) return [];
  const any = say("不限");
  return [
    say("项目 %(project)s，第 %(attempt)s 次抽取，第 %(round)s 轮", { ...about }),
    ...quotas.map(({ category, place, count, alternates }) =>
      say("要求：类别 %(category)s，地点 %(place)s，正选 %(count)s，候补 %(alternates)s", {
        category: category || any,
        place: place || any,
        count,
        alternates,
      }),
    ),
    ...ineligible.map(([reason, count]) =>
      say("抽取前已排除（%(reason)s）：%(count)s 人（由专家库声明，本程序不核验）", {
        reason: outBecause(reason),
        count,
      }),
    ),
    ...parties.map(([party, person]) => say("抽取方 %(party)s：%(person)s", { party, person })),
  ];
}

/**
 * @param {Report["chosen"][number]} chosen
 * @returns {string}
 */
export function taken({ role, category, taken, skipped }) {
  const [comma, nobody, nothing, any] = [say("、"), say("无人"), say("无"), say("不限")];
  const seat = role === "member" ? say("正选") : say("候补");
  const people = taken.map(([id, label]) => id + " (" + label.slice(0, 8) + ")").join(comma) || nothing;
  const passed = skipped.map(([reason, count]) => passedBecause(reason) + " " + count).join(comma) || nobody;
  return say("%(category)s %(role)s：%(taken)s；跳过 %(skipped)s", {
    category: category || any,
    role: seat,
    taken: people,
    skipped: passed,
  });
}

/** @param {string} reason */
function passedBecause(reason) {
  const known = {
    category: say("类别不符"),
    region: say("地区不符"),
    excluded: say("单位回避"),
    "unit-cap": say("同单位人数已满"),
    already: say("已入选"),
  };
  return known[/** @type {keyof typeof known} */ (reason)] ?? reason;
}

/** @param {string} reason */
function outBecause(reason) {
  const known = {
    category: say("专业不符"),
    region: say("不在抽取地区"),
    suspended: say("暂停资格"),
    "on-leave": say("请假"),
    workload: say("近期抽中次数过多"),
    "earlier-committee": say("已参加同一项目的评标委员会"),
    unit: say("应回避单位人员"),
    "employed-within-look-back": say("近年曾在应回避单位任职"),
    "declared-relation": say("与有关单位存在回避关系"),
    seats: say("空闲席位不足"),
    other: say("其他原因，各不足 5 人，合并计数"),
  };
  return known[/** @type {keyof typeof known} */ (reason)] ?? reason;
}

/**
 * What it comes to, and what to do about it.
 * @param {Report} report
 * @returns {[string, string]}
 */
export function verdict({ difference, drawn, about }) {
  if (!about) {
    const where = difference?.field ?? "";
    const field = where === "transcript" ? say("抽取记录") : where;
    const what = say("文件不是规范的抽取记录或候选池，问题在 %(field)s。", { field });
    return [what, say("请重新下载这两个文件再试；文件没有上传，也没有被改动。")];
  }
  if (difference) {
    const what = say("不一致。第一处不同在 %(field)s。", { field: difference.field });
    return [what, say("请保存这两个文件，把这一页告诉监督部门。")];
  }
  if (drawn) {
    const what = say("按公开的规则重新抽取一遍，结果与记录完全一致。");
    return [what, say("请再核对下面的校验值与公布的是否相同。")];
  }
  return [say("公开部分全部一致。未提供候选池，排序和抽取结果未核验。"), say("放入候选池文件可以核验全部。")];
}
