/** What the backoffice needs besides Django's own admin scripts. */
import * as adminCards from "./admin-cards.js";
import * as adminConditions from "./admin-conditions.js";
import * as adminEvents from "./admin-events.js";
import * as adminNames from "./admin-names.js";
import * as adminSelection from "./admin-selection.js";
import * as adminSidebar from "./admin-sidebar.js";
import * as copy from "./copy.js";
import * as digestBlocks from "./digest-blocks.js";
import * as forms from "./forms.js";
import * as help from "./help.js";
import * as remember from "./remember.js";
import * as swaps from "./swaps.js";
import * as tableManager from "./table-manager.js";
import * as themeToggle from "./theme-toggle.js";

const parts = [
  copy, forms, swaps, themeToggle, adminNames, adminCards, adminConditions, adminEvents, adminSelection, adminSidebar,
  tableManager, digestBlocks, help, remember,
];
for (const part of parts) part.start();
