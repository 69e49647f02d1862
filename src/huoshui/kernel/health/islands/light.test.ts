import { expect, test } from "vitest";
import { stateOf } from "./light";

test("the newest item says how it stands and how many troubles there are", () => {
  const items = [
    { level: "ok", counts: { ok: 9, warning: 0, failing: 0 } },
    { level: "failing", counts: { ok: 6, warning: 2, failing: 1 } },
  ];
  expect(stateOf(items)).toEqual({ level: "failing", troubles: 3 });
});

test("items that do not say leave the light as it is", () => {
  expect(stateOf([{}, { level: 3 }])).toBeUndefined();
});
