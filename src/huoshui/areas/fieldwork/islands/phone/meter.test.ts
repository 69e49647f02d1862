import { expect, test } from "vitest";
import { doubtsAbout, meterWords, wrongWith } from "./meter";

const SAID = { old_number: "A1", old_reading_m3: 120, new_number: "N1", start_reading_m3: 0 };
const KNOWN = { number: "A1", reading_m3: 100, reading_date: "2026-01-01" };

test("readings that fit raise no doubt", () => {
  expect(wrongWith(SAID)).toBe("");
  expect(doubtsAbout(SAID, KNOWN)).toEqual([]);
});

test.each([
  [{ old_number: "" }],
  [{ new_number: "A1" }],
  [{ old_reading_m3: null }],
  [{ start_reading_m3: -1 }],
])("what cannot be is refused: %o", (changed) => {
  expect(wrongWith({ ...SAID, ...changed })).not.toBe("");
});

test("an old meter that ran backwards and a new one that ran already are asked about", () => {
  expect(doubtsAbout({ ...SAID, old_reading_m3: 99.9 }, KNOWN)).toHaveLength(1);
  expect(doubtsAbout({ ...SAID, old_reading_m3: 12, start_reading_m3: 120 }, KNOWN)).toHaveLength(2);
});

// Ten days at 3 m³ and 50 m³ on top of 100 m³ are 180 m³.
test.each([
  [110, 0],
  [180, 0],
  [181, 1],
  [1200, 1],
])("a reading of %d m³ raises %d doubts, for a digit may be too many", (reading, doubts) => {
  expect(doubtsAbout({ ...SAID, old_reading_m3: reading }, KNOWN, "2026-01-11")).toHaveLength(doubts);
});

test("a meter of which nothing is known raises no doubt", () => {
  expect(doubtsAbout({ ...SAID, old_reading_m3: 1 }, undefined)).toEqual([]);
});

test("a meter is named with its place, so that neighbours can be told apart", () => {
  expect(meterWords({ ...KNOWN, address: "3 Brook Street" })).toBe("3 Brook Street · A1");
  expect(meterWords(KNOWN)).toBe("A1");
});
