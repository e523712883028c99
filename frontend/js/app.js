/** Everything the member pages run. Each page works without it. */
import * as copy from "./copy.js";
import * as earlyCheck from "./early-check.js";
import * as fillNow from "./fill-now.js";
import * as forms from "./forms.js";
import * as help from "./help.js";
import * as menus from "./menus.js";
import * as messages from "./messages.js";
import * as neighbours from "./neighbours.js";
import * as print from "./print.js";
import * as push from "./push.js";
import * as scanner from "./scanner.js";
import * as screenSize from "./screen.js";
import * as swaps from "./swaps.js";
import * as themeToggle from "./theme-toggle.js";
import * as uploads from "./uploads.js";

for (const part of [forms, swaps, menus, messages, themeToggle, help, copy, earlyCheck, neighbours, print, push, scanner, uploads, fillNow, screenSize]) part.start();
