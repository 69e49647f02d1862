import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Hub, type News } from "./live-hub";

class Source {
  static opened: Source[] = [];
  onopen = () => undefined as void;
  onmessage = (_: { data: string }) => undefined as void;
  onerror = () => undefined as void;
  readyState = 1;
  closed = false;
  constructor(readonly url: string) {
    Source.opened.push(this);
  }
  close(): void {
    this.closed = true;
  }
}

function hub(): Hub {
  return new Hub("/live/", (url) => new Source(url) as unknown as EventSource);
}

const items = (news: News[]) => news.flatMap((one) => (one.tell === "items" ? one.items : []));

describe("the hub of live values", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    Source.opened = [];
  });
  afterEach(() => vi.useRealTimers());

  it("opens one connection per stream, for the keys that anybody wants", () => {
    const shared = hub();
    shared.join(() => undefined)({ do: "subscribe", id: "1", stream: "values", keys: ["b"] });
    shared.join(() => undefined)({ do: "subscribe", id: "1", stream: "values", keys: ["a"] });
    vi.advanceTimersByTime(100);
    expect(Source.opened.map((one) => one.url)).toEqual(["/live/values?keys=a,b"]);
  });

  it("tells each page only what it asked for", () => {
    const shared = hub();
    const heard: News[] = [];
    shared.join((news) => heard.push(news))({ do: "subscribe", id: "1", stream: "values", keys: ["a"] });
    shared.join(() => undefined)({ do: "subscribe", id: "1", stream: "values", keys: null });
    vi.advanceTimersByTime(100);
    Source.opened[0]?.onmessage({ data: '[{"key":"a","value":1},{"key":"b","value":2}]' });
    expect(items(heard)).toEqual([{ key: "a", value: 1 }]);
  });

  it("tells a late page how things stand without a second connection", () => {
    const shared = hub();
    shared.join(() => undefined)({ do: "subscribe", id: "1", stream: "values", keys: null });
    vi.advanceTimersByTime(100);
    Source.opened[0]?.onmessage({ data: '[{"key":"a","value":1}]' });
    const heard: News[] = [];
    shared.join((news) => heard.push(news))({ do: "subscribe", id: "1", stream: "values", keys: ["a"] });
    vi.advanceTimersByTime(100);
    expect(items(heard)).toEqual([{ key: "a", value: 1 }]);
    expect(Source.opened).toHaveLength(1);
  });

  it("closes the connection when the last page has left", () => {
    const shared = hub();
    const wish = shared.join(() => undefined);
    wish({ do: "subscribe", id: "1", stream: "values", keys: null });
    vi.advanceTimersByTime(100);
    wish({ do: "leave" });
    vi.advanceTimersByTime(100);
    expect(Source.opened[0]?.closed).toBe(true);
  });

  it("comes back after a refusal, more slowly each time", () => {
    const shared = hub();
    shared.join(() => undefined)({ do: "subscribe", id: "1", stream: "values", keys: null });
    vi.advanceTimersByTime(100);
    for (const wait of [1000, 2000, 4000]) {
      const before = Source.opened.length;
      const latest = Source.opened.at(-1);
      if (latest) latest.readyState = 2;
      latest?.onerror();
      vi.advanceTimersByTime(wait - 1);
      expect(Source.opened).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(Source.opened).toHaveLength(before + 1);
    }
  });
});
