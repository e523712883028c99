/** What the backoffice needs besides Django's own admin scripts. */
import * as adminNames from "./admin-names.js";
import * as forms from "./forms.js";
import * as themeToggle from "./theme-toggle.js";

for (const part of [forms, themeToggle, adminNames]) part.start();
