/** Copying: by the clipboard, by selection where that is closed, and saying so. */
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { startCopying } from "./copy";

const settle = () => new Promise((done) => setTimeout(done, 5));

async function press(): Promise<string> {
  document.body.innerHTML =
    '<div id="toasts"></div><button type="button" data-copy="hs_secret"><b>Copy</b></button>';
  document.querySelector("b")?.click();
  await settle();
  return document.getElementById("toasts")?.textContent ?? "";
}

describe("a copy button", () => {
  beforeAll(startCopying);
  afterEach(() => vi.unstubAllGlobals());

  it("copies what it names and says so", async () => {
    const writeText = vi.fn(async () => undefined);
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    expect(await press()).toContain("Copied.");
    expect(writeText).toHaveBeenCalledWith("hs_secret");
  });

  it("copies by selection where the clipboard is closed", async () => {
    vi.stubGlobal("navigator", {});
    const command = vi.fn(() => true);
    document.execCommand = command;
    expect(await press()).toContain("Copied.");
    expect(command).toHaveBeenCalledWith("copy");
    expect(document.querySelector("textarea")).toBeNull();
  });

  it("says where it could not", async () => {
    vi.stubGlobal("navigator", {});
    document.execCommand = () => false;
    expect(await press()).toContain("by hand");
  });
});
