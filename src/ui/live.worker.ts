/** The shared worker: one hub for all tabs of this browser. */
import { Hub, type Wish } from "./live-hub";

const hub = new Hub(new URL("/live/", self.location.origin).pathname);

(self as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  const wish = hub.join((news) => port.postMessage(news));
  port.onmessage = (message: MessageEvent<Wish>) => wish(message.data);
};
