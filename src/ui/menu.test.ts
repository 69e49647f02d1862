/** The menu: what is typed narrows it, what was closed is remembered. */
import { beforeEach, describe, expect, it } from "vitest";
import { startMenu } from "./menu";

const settle = () => new Promise((done) => setTimeout(done, 5));
const group = (code: string) => document.querySelector<HTMLDetailsElement>(`[data-menu-group="${code}"]`);
const shown = () =>
  [...document.querySelectorAll<HTMLElement>("li")].filter((one) => !one.hidden).map((one) => one.textContent);

function type(text: string): void {
  const box = document.querySelector<HTMLInputElement>("[data-menu-search]");
  if (!box) throw new Error("no box");
  box.dispatchEvent(new Event("focus"));
  box.value = text;
  box.dispatchEvent(new Event("input"));
}

describe("the menu", () => {
  beforeEach(() => {
    document.body.innerHTML = `<nav id="menu"><input data-menu-search>
      <details data-menu-group="city" open><summary><h2>City</h2></summary><ul><li><a href="#map">Map</a></li><li><a href="#zones">Zones</a></li></ul></details>
      <details data-menu-group="work"><summary><h2>Work</h2></summary><ul><li><a href="#jobs">Map of jobs</a></li></ul></details></nav>`;
    startMenu();
  });

  it("shows the lines that hold what is typed, also in closed blocks", () => {
    type("jobs");
    expect(shown()).toEqual(["Map of jobs"]);
    expect(group("city")?.hidden).toBe(true);
    expect(group("work")?.open).toBe(true);
  });

  it("is as it was before when the box is empty again", () => {
    type("map");
    const box = document.querySelector<HTMLInputElement>("[data-menu-search]");
    if (box) box.value = "";
    box?.dispatchEvent(new Event("input"));
    expect(shown()).toHaveLength(3);
    expect([group("city")?.open, group("work")?.open]).toEqual([true, false]);
  });

  it("remembers the closed blocks", async () => {
    const heading = group("city")?.querySelector("summary");
    heading?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    const city = group("city");
    if (city) city.open = false;
    await settle();
    expect(document.cookie).toContain("hs_menu_closed=city.work");
  });
});
