import { expect, test } from "vitest";
import { worthTelling } from "./sharing";

const told = { lon: 117, lat: 36.65, at_ms: 0 };
const now = (seconds: number, east_m: number, accuracy_m = 20) =>
  ({ lon: 117 + east_m / (111_195 * Math.cos((36.65 * Math.PI) / 180)), lat: 36.65, at_ms: seconds * 1000, accuracy_m });

test.each([
  [now(59, 500), false],
  [now(61, 500), true],
  [now(61, 40), false],
  [now(61, 60), true],
  [now(299, 0), false],
  [now(301, 0), true],
  [now(301, 500, 900), false],
])("a place is told a minute apart, when one has moved, and seldom when one stands: %o", (spot, wanted) => {
  expect(worthTelling(told, spot)).toBe(wanted);
});

test("the first place is told at once, if it is known well enough", () => {
  expect(worthTelling(null, now(0, 0))).toBe(true);
  expect(worthTelling(null, now(0, 0, 500))).toBe(false);
});
