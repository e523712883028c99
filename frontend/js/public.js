/** What the public pages run: a report is sent once, and a photo that is too large is refused before it is sent. */
import * as forms from "./forms.js";
import * as uploads from "./uploads.js";

for (const part of [forms, uploads]) part.start();
