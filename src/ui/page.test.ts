/** The page's own behaviour: words, keys, questions, short addresses, the demo's clock. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { shownAt } from "./demo-clock";
import { ask, startForms } from "./forms";
import { dropEmpty } from "./fragments";
import { loadWords, setWords, t, tn } from "./i18n";
import { onKey } from "./keyboard";

const settle = () => new Promise((done) => setTimeout(done, 5));

describe("words", () => {
  afterEach(() => {
    setWords({});
    vi.unstubAllGlobals();
  });

  it("are the page's own, with values filled in, and English where none is given", async () => {
    document.head.innerHTML = '<meta name="huoshui" data-words="/words.json">';
    const chinese = { "{count} sensors": "{count} 个测点", "{n} row": "{n} 行" };
    vi.stubGlobal("fetch", vi.fn(async () => new Response(JSON.stringify(chinese))));
    await loadWords();
    await loadWords();
    expect(fetch).toHaveBeenCalledOnce();
    expect(t("{count} sensors", { count: 33 })).toBe("33 个测点");
    expect(tn("{n} row", "{n} rows", 2)).toBe("2 行");
    expect(tn("{n} job", "{n} jobs", 2)).toBe("2 jobs");
  });
});

describe("keys", () => {
  const press = (key: string, target: Element = document.body) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    Object.defineProperty(event, "target", { value: target });
    onKey(event);
    return event;
  };

  beforeEach(() => {
    document.body.innerHTML = `<input data-search><table data-rows><tbody>
      <tr tabindex="-1" data-href="/1/"><td>1</td></tr><tr tabindex="-1" data-href="/2/"><td>2</td></tr></tbody></table>`;
    for (const row of document.querySelectorAll("tr")) row.scrollIntoView = () => undefined;
  });

  const current = () => document.querySelector(".hs-row-current")?.textContent;

  it("move along the rows and stop at the ends", () => {
    press("j");
    expect(current()).toBe("1");
    press("j");
    press("j");
    expect(current()).toBe("2");
    press("k");
    expect(current()).toBe("1");
  });

  it("go to the search box, and write there", () => {
    expect(press("/").defaultPrevented).toBe(true);
    const box = document.querySelector("input") as HTMLInputElement;
    expect(document.activeElement).toBe(box);
    expect(press("j", box).defaultPrevented).toBe(false);
    expect(current()).toBeUndefined();
  });
});

describe("questions", () => {
  beforeEach(() => {
    document.body.innerHTML = `<dialog id="confirm"><p id="confirm-text"></p></dialog>
      <form method="post" data-confirm="Sure?"><button>Go</button></form>`;
    const dialog = document.getElementById("confirm") as HTMLDialogElement;
    dialog.showModal = () => dialog.setAttribute("open", "");
  });

  const answer = (value: string) => {
    const dialog = document.getElementById("confirm") as HTMLDialogElement;
    dialog.returnValue = value;
    dialog.dispatchEvent(new Event("close"));
  };

  it("are answered by yes alone", async () => {
    const first = ask("Sure?");
    answer("");
    expect(await first).toBe(false);
    const second = ask("Sure?");
    answer("yes");
    expect(await second).toBe(true);
  });

  it("hold a form back until they are answered, and then send it once", async () => {
    startForms();
    const form = document.querySelector("form") as HTMLFormElement;
    const sent = vi.fn((event: Event) => event.preventDefault());
    form.addEventListener("submit", sent);
    form.requestSubmit();
    await settle();
    expect(sent).not.toHaveBeenCalled();
    answer("yes");
    await vi.waitFor(() => expect(form.querySelector("button")?.disabled).toBe(true));
    expect(sent).toHaveBeenCalledOnce();
  });
});

it("drops from an address what was not filled in", () => {
  const body = new FormData();
  body.set("q", "p227");
  body.set("state", "");
  dropEmpty(body);
  expect([...body.keys()]).toEqual(["q"]);
});

it("knows where the demo's clock is between two looks at the server", () => {
  const state = { shown_at: "2026-03-01T10:00:00Z", speed: 600, settled_speed: 600 };
  expect(new Date(shownAt(state, 1000)).toISOString()).toBe("2026-03-01T10:10:00.000Z");
});
