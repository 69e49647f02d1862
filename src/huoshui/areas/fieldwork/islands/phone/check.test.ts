import { expect, test } from "vitest";
import { isOut, lookedAt, unanswered } from "./check";
import type { Entry } from "./types";
import type { CheckItem, CheckRound } from "./walkbase";

const HEAT: CheckItem = { code: "heat", label: "Heat", kind: "number", unit: "°C", low: null, high: 75, limits: "≤ 75 °C", is_needed: true, wants_job: true };
const LEAK: CheckItem = { ...HEAT, code: "leak", kind: "ok", high: null, limits: "" };

test.each([
  [HEAT, 75, false],
  [HEAT, 75.1, true],
  [HEAT, null, false],
  [{ ...HEAT, low: 5, high: null }, 4.9, true],
  [LEAK, true, false],
  [LEAK, false, true],
  [LEAK, null, false],
])("an answer is out of its limits or not: %#", (item, value, out) => {
  expect(isOut(item, value)).toBe(out);
});

test("nothing but what is needed holds a check up; nought and no are answers", () => {
  const photo: CheckItem = { ...HEAT, code: "photo", kind: "photo", is_needed: false };
  expect(unanswered([HEAT, LEAK, photo], new Map([["heat", null]])).map((one) => one.code)).toEqual(["heat", "leak"]);
  expect(unanswered([HEAT, LEAK], new Map<string, number | boolean>([["heat", 0], ["leak", false]]))).toEqual([]);
});

test("an asset is looked at by the server's word, or by what was written here since", () => {
  const asset = (code: string, is_done: boolean) => ({ code, label: code, list: "JC", lon: null, lat: null, is_done, latest: null });
  const round: CheckRound = { code: "SB", name: "", until: null, standing: "due", standing_label: "", assets: [asset("P1", true), asset("P2", false), asset("P3", false), asset("P4", false)] };
  const entry = (asset_code: string, at_ms: number, outcome: "taken" | "refused" | null): Entry =>
    ({ kind: "check", body: { round: "SB", asset_code }, at_ms, receipt: outcome && { outcome } }) as unknown as Entry;
  // P2 waits on the phone since yesterday, P3 was refused, P4 was taken in a period that is over.
  const entries = [entry("P2", 10, null), entry("P3", 200, "refused"), entry("P4", 10, "taken")];
  expect([...lookedAt(round, entries, 100)]).toEqual(["P1", "P2"]);
});
