/** The signs of the map, drawn by the browser itself: nothing is fetched, and they follow the theme. */
import type { Map as MapLibre } from "maplibre-gl";

const SIZE = 26;
const RATIO = 3;

type Draw = (pen: CanvasRenderingContext2D, ink: string, paper: string) => void;

function disc(pen: CanvasRenderingContext2D, ink: string, paper: string): void {
  pen.beginPath();
  pen.arc(13, 13, 10.5, 0, 2 * Math.PI);
  pen.fillStyle = paper;
  pen.fill();
  pen.lineWidth = 1.8;
  pen.strokeStyle = ink;
  pen.stroke();
}

function shape(pen: CanvasRenderingContext2D, points: [number, number][]): void {
  pen.beginPath();
  points.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
}

function wave(pen: CanvasRenderingContext2D, x: number, y: number, width: number): void {
  pen.beginPath();
  pen.moveTo(x, y);
  pen.bezierCurveTo(x + width / 4, y - 2.6, x + width / 4, y - 2.6, x + width / 2, y);
  pen.bezierCurveTo(x + (3 * width) / 4, y + 2.6, x + (3 * width) / 4, y + 2.6, x + width, y);
  pen.stroke();
}

const SIGNS: Record<string, Draw> = {
  valve(pen, ink, paper) {
    disc(pen, ink, paper);
    pen.fillStyle = ink;
    shape(pen, [[6.5, 8.5], [13, 13], [6.5, 17.5]]);
    pen.fill();
    shape(pen, [[19.5, 8.5], [13, 13], [19.5, 17.5]]);
    pen.fill();
  },
  pump(pen, ink, paper) {
    disc(pen, ink, paper);
    pen.fillStyle = ink;
    shape(pen, [[9.6, 7.2], [20, 13], [9.6, 18.8]]);
    pen.fill();
  },
  tank(pen, ink, paper) {
    pen.lineWidth = 1.8;
    pen.strokeStyle = ink;
    pen.fillStyle = paper;
    pen.beginPath();
    pen.roundRect(4, 4.5, 18, 17, 3);
    pen.fill();
    pen.save();
    pen.clip();
    pen.globalAlpha = 0.85;
    pen.fillStyle = ink;
    pen.fillRect(4, 12.5, 18, 10);
    pen.restore();
    pen.stroke();
    pen.strokeStyle = paper;
    pen.lineWidth = 1.4;
    wave(pen, 6.5, 16.5, 13);
  },
  reservoir(pen, ink, paper) {
    disc(pen, ink, paper);
    pen.strokeStyle = ink;
    pen.lineWidth = 1.9;
    pen.lineCap = "round";
    wave(pen, 6.5, 10.2, 13);
    wave(pen, 6.5, 14, 13);
    wave(pen, 8.5, 17.6, 9);
  },
  hydrant(pen, ink, paper) {
    disc(pen, ink, paper);
    pen.fillStyle = ink;
    pen.font = "bold 12px sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText("H", 13, 13.7);
  },
};

function canvas(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const made = document.createElement("canvas");
  made.width = width * RATIO;
  made.height = height * RATIO;
  const pen = made.getContext("2d");
  if (!pen) throw new Error("This browser draws no canvas");
  pen.scale(RATIO, RATIO);
  return [made, pen];
}

function put(map: MapLibre, name: string, image: ImageData, options: object): void {
  if (map.hasImage(name)) map.removeImage(name);
  map.addImage(name, image, { pixelRatio: RATIO, ...options });
}

/** Draw or redraw all signs in the colours of the theme. */
export function drawSigns(map: MapLibre, dark: boolean): void {
  const [ink, paper] = dark ? ["#d9e6f2", "#17212b"] : ["#1d3a52", "#ffffff"];
  for (const [name, draw] of Object.entries(SIGNS)) {
    const [made, pen] = canvas(SIZE, SIZE);
    draw(pen, ink, paper);
    put(map, `sign-${name}`, pen.getImageData(0, 0, made.width, made.height), {});
  }
  drawChip(map, dark);
}

/** The small plate behind a live value; it stretches with its text. */
function drawChip(map: MapLibre, dark: boolean): void {
  const [width, height, pad] = [24, 20, 2];
  const [made, pen] = canvas(width, height);
  pen.shadowColor = dark ? "rgba(0,0,0,.6)" : "rgba(20,45,70,.28)";
  pen.shadowBlur = 2.5 * RATIO;
  pen.shadowOffsetY = 0.6 * RATIO;
  pen.beginPath();
  pen.roundRect(pad, pad, width - 2 * pad, height - 2 * pad, 5);
  pen.fillStyle = dark ? "rgba(24,34,44,.94)" : "rgba(255,255,255,.95)";
  pen.fill();
  const [low, high, top, bottom] = [9 * RATIO, 15 * RATIO, 8 * RATIO, 12 * RATIO];
  put(map, "chip", pen.getImageData(0, 0, made.width, made.height), {
    stretchX: [[low, high]],
    stretchY: [[top, bottom]],
    content: [6 * RATIO, 4 * RATIO, (width - 6) * RATIO, (height - 4) * RATIO],
  });
}
