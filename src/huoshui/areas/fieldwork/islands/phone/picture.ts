/** Pictures made small enough for a whole shift, on the phone, before anything is kept. */
import type { Picture } from "./outbox";

const SIDE_PX = 2048;
const SMALL_PX = 160;
const QUALITY = 0.85;

/** A size that fits into a square, never larger than it is. */
export function fitted(width: number, height: number, side: number): [number, number] {
  const scale = Math.min(1, side / Math.max(width, height, 1));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

function drawn(source: CanvasImageSource, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser cannot draw");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, width, height);
  pen.drawImage(source, 0, 0, width, height);
  return canvas;
}

function jpegOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", QUALITY),
  );
}

/** A photo from the camera or a drawing, as it is kept and sent; raises for what is no picture. */
export async function pictureOf(source: Blob | HTMLCanvasElement): Promise<Picture> {
  const image = source instanceof Blob ? await createImageBitmap(source, { imageOrientation: "from-image" }) : source;
  const [width, height] = fitted(image.width, image.height, SIDE_PX);
  const bytes = await (await jpegOf(drawn(image, width, height))).arrayBuffer();
  const small = drawn(image, ...fitted(image.width, image.height, SMALL_PX)).toDataURL("image/jpeg", 0.6);
  if ("close" in image) image.close();
  return { bytes, small };
}
