/** Reads QR codes in browsers that have no detector of their own. Loaded by scanner.js when it is needed. */
import decodeQR from "qr/decode.js";

/** Returns the text of the code in a picture ({ width, height, data } in RGBA), an empty one when there is none. */
export default function read(picture) {
  try {
    return decodeQR(picture);
  } catch {
    return "";
  }
}
