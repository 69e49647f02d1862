/**
 * The app that a crew carries for a whole shift without signal.
 *
 * `{% island "fieldwork/phone" props %}` with the addresses of `phone/web/pages.py`. Everything it
 * shows comes from the phone's own store; the line to the server works behind it.
 */
import { App } from "./phone/app";
import type { Props } from "./phone/types";
import "./phone/phone.css";

export async function start(el: HTMLElement, given: unknown): Promise<void> {
  await new App(el, given as Props).start();
}
