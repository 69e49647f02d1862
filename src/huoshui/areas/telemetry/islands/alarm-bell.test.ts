import { expect, test } from "vitest";
import { waitingOf } from "./alarm-bell";

test("the newest item says how many alarms wait", () => {
  expect(waitingOf([{ waiting: 3 }, { waiting: 2 }])).toBe(2);
});

test("items that do not say leave the count as it is", () => {
  expect(waitingOf([{}, { waiting: "many" }])).toBeUndefined();
});
