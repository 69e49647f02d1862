import { beforeEach, describe, expect, it } from "vitest";
import { filterOf, shownCount, startSelection, tickCurrent } from "./selection";

function list(...keys: string[]): void {
  const rows = keys.map((key) => `<tr><td><input type="checkbox" name="id" form="bulk" value="${key}"></td></tr>`);
  document.body.innerHTML = `
    <form id="bulk" data-bulk data-total="45" hidden><input type="hidden" name="everything" value="">
    <span data-bulk-count></span><button type="button" data-bulk-all></button><button type="button" data-bulk-none></button></form>
    <table><thead><tr><th><input type="checkbox" data-bulk-page></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

const box = (key: string) => document.querySelector<HTMLInputElement>(`input[value="${key}"]`) as HTMLInputElement;
const said = () => document.querySelector("[data-bulk-count]")?.textContent;

describe("a selection", () => {
  beforeEach(() => {
    document.documentElement.lang = "en";
    list("1", "2");
    window.history.replaceState(null, "", "/things/?q=a");
    startSelection();
    document.querySelector<HTMLElement>("[data-bulk-none]")?.click();
  });

  it("shows the deeds only while something is chosen", () => {
    expect(document.querySelector<HTMLFormElement>("#bulk")?.hidden).toBe(true);
    box("1").click();
    expect(document.querySelector<HTMLFormElement>("#bulk")?.hidden).toBe(false);
    expect(said()).toBe("1 row selected");
  });

  it("stays while one turns the page, and goes with another filter", () => {
    box("1").click();
    window.history.replaceState(null, "", "/things/?q=a&page=2");
    list("3", "1");
    document.dispatchEvent(new Event("htmx:after:swap"));
    expect(box("1").checked).toBe(true);
    expect(box("3").checked).toBe(false);

    window.history.replaceState(null, "", "/things/?q=b");
    list("1");
    document.dispatchEvent(new Event("htmx:after:swap"));
    expect(box("1").checked).toBe(false);
  });

  it("takes all rows of the page, or everything the filter keeps", () => {
    document.querySelector<HTMLElement>("[data-bulk-page]")?.click();
    expect(said()).toBe("2 rows selected");
    document.querySelector<HTMLElement>("[data-bulk-all]")?.click();
    expect(said()).toBe("45 rows selected");
  });

  it("ticks the row that the keys stand on", () => {
    expect(tickCurrent()).toBe(false);
    box("2").closest("tr")?.classList.add("hs-row-current");
    expect(tickCurrent()).toBe(true);
    expect(box("2").checked).toBe(true);
  });
});

describe("the count", () => {
  it("says that a great list was not counted to its end", () => {
    expect(shownCount(3, false, "10000+")).toBe("3");
    expect(shownCount(0, true, "10000+")).toBe("more than 10,000");
  });
});

describe("the filter", () => {
  it("does not hang on page, order or columns", () => {
    expect(filterOf("?q=a&page=3&sort=-x&view=4&cols=a,b&kind=b")).toBe("kind=b&q=a");
  });
});
