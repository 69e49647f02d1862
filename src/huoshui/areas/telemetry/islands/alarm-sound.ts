/**
 * The sound of a control room: as long as an alarm waits that sounds, until it is acknowledged.
 *
 *     {% island "telemetry/alarm-sound" sound %}   with sound = {mute_url: "/telemetry/alarms/mute/"}
 *
 * Off until somebody switches it on, because browsers make no sound before a click. Muting asks for
 * how long and why, which is recorded; the sound comes back by itself. Keys on the list: a
 * acknowledges the current row (or the ticked ones), s shelves it.
 */
import { csrfToken } from "@ui/page";
import { t } from "@ui/i18n";
import { type LiveItem, subscribe } from "@ui/live";
import "./alarms.css";

interface Props {
  /** Empty for readers who may not silence a control room. */
  mute_url: string;
}

const STORED = "huoshui-alarm-sound";
const MUTED = "huoshui-alarm-muted-until";
const MINUTES = [5, 15, 30, 60];

/** Tones of one call: pitch in hertz and when it begins, and after how long the call comes again. */
export interface Call {
  tones: readonly [number, number][];
  every_ms: number;
}

const CALLS: Record<string, Call> = {
  critical: { tones: [[880, 0], [660, 0.18], [880, 0.36], [660, 0.54]], every_ms: 1600 },
  high: { tones: [[740, 0], [590, 0.22]], every_ms: 3000 },
  medium: { tones: [[590, 0]], every_ms: 6000 },
  low: { tones: [[520, 0]], every_ms: 12_000 },
};

/** Return the call of the most pressing alarm that waits, or undefined for silence. */
export function callOf(items: readonly Pick<LiveItem, string>[], before: Call | undefined): Call | undefined {
  const told = items.map((item) => item.sounding).filter((one): one is string => typeof one === "string");
  const newest = told.at(-1);
  return newest === undefined ? before : CALLS[newest];
}

/** Whether a mute that ends at a moment still holds. */
export function isMuted(until: string | null, now_ms: number): boolean {
  return Number(until ?? 0) > now_ms;
}

function play(context: AudioContext, call: Call): void {
  for (const [pitch, delay] of call.tones) {
    const begin = context.currentTime + delay;
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.frequency.value = pitch;
    // A sound that begins and ends softly is heard as well and frightens nobody.
    loudness.gain.setValueAtTime(0, begin);
    loudness.gain.linearRampToValueAtTime(0.25, begin + 0.02);
    loudness.gain.linearRampToValueAtTime(0, begin + 0.16);
    tone.connect(loudness).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + 0.18);
  }
}

/** Press the button of the row that the keyboard stands on. */
export function onAlarmKey(event: KeyboardEvent): void {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (target instanceof HTMLElement && target.matches("input, select, textarea, [contenteditable]")) return;
  const row = document.querySelector<HTMLElement>("tr.hs-row-current");
  if (event.key === "a") {
    const ticked = document.querySelector<HTMLFormElement>("form[data-bulk]:not([hidden])");
    const button = ticked?.querySelector<HTMLButtonElement>('button[value="acknowledge"]') ?? row?.querySelector<HTMLButtonElement>('form[action*="/acknowledge/"] button');
    if (!button) return;
    button.click();
  } else if (event.key === "s") {
    const link = row?.querySelector<HTMLAnchorElement>("a[data-shelve]");
    if (!link) return;
    window.location.assign(link.href);
  } else return;
  event.preventDefault();
}

class Sound {
  private context: AudioContext | undefined;
  private call: Call | undefined;
  private timer: number | undefined;
  private readonly button = document.createElement("button");
  private readonly mute = document.createElement("form");
  private readonly stopLive: () => void;

  constructor(
    private readonly el: HTMLElement,
    private readonly props: Props,
  ) {
    this.button.type = "button";
    this.button.addEventListener("click", () => this.toggle());
    this.el.replaceChildren(this.button);
    if (props.mute_url) this.drawMute();
    this.show();
    this.stopLive = subscribe("alarms", null, (items) => {
      this.call = callOf(items, this.call);
      this.round();
    });
    document.addEventListener("keydown", onAlarmKey);
    // What was on stays on: the first click anywhere on the page lets the browser sound.
    document.addEventListener("pointerdown", this.wake);
  }

  stop(): void {
    this.stopLive();
    window.clearTimeout(this.timer);
    document.removeEventListener("keydown", onAlarmKey);
    document.removeEventListener("pointerdown", this.wake);
    void this.context?.close();
  }

  private get on(): boolean {
    return window.localStorage.getItem(STORED) === "on";
  }

  private readonly wake = (): void => {
    if (!this.on) return;
    this.context ??= new AudioContext();
    void this.context.resume().then(() => this.show());
    this.round();
  };

  private toggle(): void {
    const asleep = this.on && this.context?.state !== "running";
    window.localStorage.setItem(STORED, this.on && !asleep ? "off" : "on");
    if (this.on) this.wake();
    this.show();
    this.round();
  }

  private round(): void {
    window.clearTimeout(this.timer);
    if (!this.call || !this.on) return;
    const muted = isMuted(window.localStorage.getItem(MUTED), Date.now());
    if (this.context?.state === "running" && !muted) play(this.context, this.call);
    this.show();
    this.timer = window.setTimeout(() => this.round(), this.call.every_ms);
  }

  private show(): void {
    const until = window.localStorage.getItem(MUTED);
    const muted = isMuted(until, Date.now());
    const waits = this.on && this.context?.state !== "running";
    this.button.className = `btn ${this.on && !muted ? "btn-primary" : ""}`;
    this.button.setAttribute("aria-pressed", String(this.on));
    this.button.textContent = !this.on ? t("Sound is off") : waits ? t("Sound: click once to let it sound") : muted ? t("Sound is muted") : t("Sound is on");
    this.mute.hidden = !this.on || muted;
  }

  private drawMute(): void {
    const minutes = document.createElement("select");
    minutes.className = "form-select";
    minutes.name = "minutes";
    minutes.setAttribute("aria-label", t("For how long"));
    for (const one of MINUTES) minutes.add(new Option(t("{n} minutes", { n: one }), String(one)));
    const reason = document.createElement("input");
    reason.className = "form-control";
    reason.name = "reason";
    reason.required = true;
    reason.maxLength = 200;
    reason.placeholder = t("Why the sound is muted");
    const submit = document.createElement("button");
    submit.className = "btn";
    submit.textContent = t("Mute");
    this.mute.className = "tm-mute";
    this.mute.append(minutes, reason, submit);
    this.mute.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.silence(Number(minutes.value), reason);
    });
    this.el.append(this.mute);
  }

  private async silence(minutes: number, reason: HTMLInputElement): Promise<void> {
    const body = new URLSearchParams({ minutes: String(minutes), reason: reason.value });
    const answer = await fetch(this.props.mute_url, { method: "POST", body, headers: { "X-CSRFToken": csrfToken() } });
    // Only what is recorded is silent.
    if (!answer.ok) return;
    window.localStorage.setItem(MUTED, String(Date.now() + minutes * 60_000));
    reason.value = "";
    this.show();
  }
}

export function start(el: HTMLElement, props: Props): () => void {
  const sound = new Sound(el, props);
  return () => sound.stop();
}
