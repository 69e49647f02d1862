import { describe, expect, it } from "vitest";
import { place } from "./signature";

describe("a signature", () => {
  it("lies where the pen was, in whatever size the page shows the paper", () => {
    expect(place({ left: 10, top: 20, width: 300, height: 100 }, 160, 70)).toEqual([450, 150]);
  });
});
