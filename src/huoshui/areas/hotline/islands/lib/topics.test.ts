import { describe, expect, it } from "vitest";
import { matching } from "./topics";

const topic = (code: string, name: string, keys: string) => ({ code, name, group: "", kind: "repair", keys: `${name} ${keys} ${code}` });
const TOPICS = [
  topic("burst", "爆管跑水", "baoguanpaoshui bgps burst, water in the street"),
  topic("frozen_meter", "冻表冻管", "dongbiaodongguan dbdg frozen meter or pipe"),
  topic("no_water", "无水", "wushui ws no water"),
];

describe("matching", () => {
  it.each([
    ["ws", "no_water"],
    ["dongb", "frozen_meter"],
    ["d", "frozen_meter"],
    ["爆", "burst"],
    ["Frozen", "frozen_meter"],
  ])("finds by %s", (typed, code) => {
    expect(matching(TOPICS, typed)[0]?.code).toBe(code);
  });

  it("puts Chinese letters before English ones, and what begins before what holds", () => {
    expect(matching(TOPICS, "wat").map((one) => one.code)).toEqual(["burst", "no_water"]);
    expect(matching(TOPICS, "w").map((one) => one.code)).toEqual(["no_water", "burst"]);
    expect(matching(TOPICS, "ps")[0]?.code).toBe("burst");
  });

  it("finds nothing for nothing", () => {
    expect(matching(TOPICS, "  ")).toEqual([]);
    expect(matching(TOPICS, "zzz")).toEqual([]);
  });
});
