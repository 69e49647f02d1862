import { describe, expect, it } from "vitest";
import { listText, sha256 } from "./hashing";

describe("names by content", () => {
  it("are the SHA-256 of FIPS 180-4's example", async () => {
    expect(await sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("list everything once, in an order that does not depend on who lists", () => {
    expect(listText({ b: "2", a: "1" }, ["y", "x", "y"])).toBe("a 1\nb 2\nphoto x\nphoto y\n");
  });
});
