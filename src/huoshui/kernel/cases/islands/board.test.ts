import { describe, expect, it } from "vitest";
import { movesTo, type Move } from "./board";

const MOVES: Move[] = [
  { code: "assign", label: "Assign", to: "assigned", url: "/a/", direct: false },
  { code: "close", label: "Close", to: "closed", url: "/b/", direct: true },
  { code: "merge", label: "Close as duplicate", to: "closed", url: "/c/", direct: false },
];

describe("a card of the board", () => {
  it("offers every step that leads to the column it is dropped on", () => {
    expect(movesTo(MOVES, "closed").map((one) => one.code)).toEqual(["close", "merge"]);
  });

  it("goes nowhere that no step leads to", () => {
    expect(movesTo(MOVES, "waiting")).toEqual([]);
  });
});
