import { describe, expect, it } from "vitest";
import { tileOf, wanted } from "./tiles";

describe("tiles of a day", () => {
  // Worked by hand: at zoom 1 the world has four tiles, and 117 E, 36 N lies in the north-east.
  it("are those of the usual web projection", () => {
    expect(tileOf(117, 36, 1)).toEqual([1, 0]);
    expect(tileOf(-180, 85.05, 3)).toEqual([0, 0]);
    expect(tileOf(0, 0, 8)).toEqual([128, 128]);
  });

  it("are the nine around each job where details are, and each once", () => {
    const found = wanted([[117, 36], [117, 36]], 14, 14);
    expect(found).toHaveLength(9);
  });

  it("are none without a place, and never too many", () => {
    expect(wanted([], 8, 16)).toEqual([]);
    expect(wanted([[73, 18], [135, 53]], 8, 16)).toHaveLength(900);
  });
});
